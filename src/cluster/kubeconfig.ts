/**
 * A kubeconfig becomes what is needed to open a connection. Certificates, tokens and passwords are read here;
 * logins by plugin (exec, OIDC, cloud) and proxies are left to @kubernetes/client-node, which is loaded only
 * for them: importing it costs more than all of a short command's own work.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { failure, messageOf } from "../util/errors.ts";

export interface Access {
  /** The API server's base URL without a trailing slash. */
  server: string;
  /** The kubeconfig's path and the context used, for messages and for plugins. */
  kubeconfig: string;
  context: string;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; servername?: string; rejectUnauthorized?: boolean };
  /** Value of the Authorization header, when it is a fixed one. */
  authorization?: string;
  /** A file that holds a token and is rewritten from time to time. */
  tokenFile?: string;
  /** The login or the way to the server needs client-node. */
  plugin: boolean;
}

interface Named<K extends string, V> {
  name: string;
  entry: Record<K, V>;
}
type Entry = Record<string, unknown>;
type Sections = Record<string, (Named<string, Entry> & Record<string, Entry>)[] | undefined>;

/** Read a kubeconfig for one of its contexts (the current one by default). Errors: LF6001. */
export function readKubeconfig(path: string, context?: string): Access {
  const config = parseKubeconfig(path);
  const name = context ?? text(config["current-context"]) ?? "";
  const sections = config as Sections;
  const chosen = find(sections.contexts, name, "context");
  const cluster = chosen && find(sections.clusters, text(chosen.cluster) ?? "", "cluster");
  const server = cluster && text(cluster.server);
  if (!chosen || !cluster || !server) {
    const names = (sections.contexts ?? []).map((c) => c.name).join(", ");
    throw failure("LF6001", {
      what: `${path} has no usable context "${name}"`,
      why: names ? `its contexts are: ${names}` : "it has no contexts",
      fix: "name one of its contexts, or write the kubeconfig again",
    });
  }
  const user = find(sections.users, text(chosen.user) ?? "", "user") ?? {};
  return accessOf(path, name, server.replace(/\/+$/, ""), cluster, user);
}

function accessOf(path: string, context: string, server: string, cluster: Entry, user: Entry): Access {
  const data = (entry: Entry, key: string) => bytes(path, entry, key);
  const ca = data(cluster, "certificate-authority");
  const cert = data(user, "client-certificate");
  const key = data(user, "client-key");
  const servername = text(cluster["tls-server-name"]);
  const authorization = fixedAuthorization(user);
  const tokenFile = text(user.tokenFile);
  return {
    server,
    kubeconfig: path,
    context,
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(servername && { servername }),
      ...(cluster["insecure-skip-tls-verify"] === true && { rejectUnauthorized: false }),
    },
    ...(authorization && { authorization }),
    ...(tokenFile && { tokenFile: resolve(dirname(path), tokenFile) }),
    plugin: Boolean(user.exec ?? user["auth-provider"] ?? cluster["proxy-url"]),
  };
}

function fixedAuthorization(user: Entry): string | undefined {
  const token = text(user.token);
  if (token) return `Bearer ${token}`;
  const name = text(user.username);
  return name && `Basic ${Buffer.from(`${name}:${text(user.password) ?? ""}`).toString("base64")}`;
}

/** Either `<key>-data` in base64, or `<key>` as a path relative to the kubeconfig. */
function bytes(path: string, entry: Entry, key: string): Buffer | undefined {
  const inline = text(entry[`${key}-data`]);
  if (inline) return Buffer.from(inline, "base64");
  const file = text(entry[key]);
  return file ? readOr6001(resolve(dirname(path), file)) : undefined;
}

function parseKubeconfig(path: string): Entry {
  const source = readOr6001(path).toString("utf8");
  try {
    const value: unknown = source.trimStart().startsWith("{") ? JSON.parse(source) : parse(source);
    if (value !== null && typeof value === "object") return value as Entry;
    throw new Error("it is empty");
  } catch (error) {
    const fix = "write it again, for a local cluster with: landfall up";
    throw failure("LF6001", { what: `${path} is not a kubeconfig`, why: messageOf(error), fix }, error);
  }
}

function readOr6001(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const fix = "check the path, or bring the cluster up with: landfall up";
    throw failure("LF6001", { what: `cannot read ${path}`, why: messageOf(error), fix }, error);
  }
}

function find(section: Sections[string], name: string, key: string): Entry | undefined {
  return section?.find((item) => item.name === name)?.[key];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

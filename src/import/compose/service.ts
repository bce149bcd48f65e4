/** One service of a Compose file as the fields of an app, and what does not fit. */
import { configMount, tmpMount } from "../../compile/app-shape.ts";
import type { AppSpecInput } from "../../model/app.ts";
import { absolutePath, bytes, cpu, name as nameSchema } from "../../model/values.ts";
import { type Branch, branch, text } from "../source.ts";
import { healthOf } from "./health.ts";
import { parseEnvFile, splitCommand } from "./interpolate.ts";

export interface ComposeFiles {
  /** The text of a file below the Compose file's folder; undefined where there is none. Errors: LF1023 outside of it. */
  read(path: string): string | undefined;
  /** A build context as the declaration names it; undefined where landfall cannot build it. */
  sourceOf(context: string): string | undefined;
}

export interface ConvertedService {
  spec: AppSpecInput;
  /** What becomes of the container beyond the fields, as a patch of it. */
  container: Branch;
  /** What is not carried over, each with the reason. */
  lost: string[];
}

/** Volumes that pods have besides the app's own. */
const builtInNames = [configMount.name, tmpMount.name];

/** Said by other means, or without meaning outside of one machine. */
const silent = new Set([
  "image",
  "build",
  "command",
  "entrypoint",
  "environment",
  "env_file",
  "ports",
  "expose",
  "volumes",
  "tmpfs",
  "depends_on",
  "healthcheck",
  "deploy",
  "restart",
  "container_name",
  "working_dir",
  "user",
  "mem_limit",
  "mem_reservation",
  "cpus",
  "scale",
  "links",
  "stop_grace_period",
  "platform",
  "pull_policy",
  "init",
  "tty",
  "stdin_open",
]);
const reasons: Record<string, string> = {
  networks: "every app has one network; `calls` says who may reach whom",
  network_mode: "pods have a network of their own",
  secrets: "declare them with secret(…) and `landfall secret set`",
  configs: "use `config`, whose files are under /etc/landfall/config",
  labels: "they speak to programs of the Docker host",
  profiles: "use `on` to place it on some clusters only",
  privileged: "it would open the node; waive the policies and use adjust if it must",
  cap_add: "capabilities are dropped; waive privilege-escalation and use adjust if it must",
  logging: "logs go to the cluster's log store",
  extra_hosts: "name the address where it is used",
  extends: "only this file is read; merge what it extends into it",
};

/** Convert one service. `ports` are those that others use of it. */
export function convertService(
  service: Branch,
  files: ComposeFiles,
  calledPorts: number[],
): ConvertedService {
  const lost: string[] = [];
  const ports = portsOf(service, calledPorts, lost);
  const health = healthOf(branch(service.healthcheck), ports);
  const portFields = Object.fromEntries(
    ports.map((port) => [
      health.httpPort === port || httpPorts.includes(port) ? nameFor(port, ports) : `tcp-${port}`,
      port,
    ]),
  );
  const replicas = Number(branch(service.deploy).replicas ?? service.scale ?? 1);
  const volumes = volumesOf(service, lost);
  for (const key of Object.keys(service))
    if (!silent.has(key) && !key.startsWith("x-"))
      lost.push(`${key}: ${reasons[key] ?? "an app has no such field"}`);
  return {
    spec: {
      ...imageOf(service, files, lost),
      ...(words(service.entrypoint) && { command: words(service.entrypoint) }),
      ...(words(service.command) && { args: words(service.command) }),
      ports: Object.fromEntries(
        Object.entries(portFields).map(([name, port]) => [
          name,
          name === "http" || name.startsWith("tcp-") ? port : { port, protocol: "http" as const },
        ]),
      ),
      env: environmentOf(service, files, lost),
      volumes,
      ...(replicas > 1 && { scale: { min: replicas } }),
      resources: resourcesOf(service),
      ...(health.probe && { probes: { ready: health.probe(portFields) } }),
    },
    container: {
      ...health.container,
      ...(text(service.working_dir) && { workingDir: service.working_dir }),
      ...userOf(service.user, lost),
    },
    lost,
  };
}

const httpPorts = [80, 3000, 4000, 5000, 8000, 8080, 8081, 8888, 9000, 9090];
const nameFor = (port: number, ports: number[]) =>
  ports.find((p) => httpPorts.includes(p)) === port ? "http" : `http-${port}`;

function imageOf(
  service: Branch,
  files: ComposeFiles,
  lost: string[],
): Pick<AppSpecInput, "image" | "source"> {
  const image = text(service.image);
  const context = typeof service.build === "string" ? service.build : text(branch(service.build).context);
  if (context === undefined) return image ? { image } : {};
  const source = image ? undefined : files.sourceOf(context);
  if (source) return { source };
  const named = image ?? "registry.localhost/not-built:none";
  lost.push(
    `build: landfall builds Go, Node and Python folders below the declaration without a Dockerfile; ${context} is taken as the image ${named}`,
  );
  return { image: named };
}

function words(value: unknown): string[] | undefined {
  const list =
    typeof value === "string" ? splitCommand(value) : Array.isArray(value) ? value.map(String) : [];
  return list.length > 0 ? list : undefined;
}

function portsOf(service: Branch, called: number[], lost: string[]): number[] {
  const found = new Set<number>();
  for (const entry of Array.isArray(service.ports) ? service.ports : []) {
    const {
      target,
      published,
      protocol = "tcp",
    } = typeof entry === "object" ? branch(entry) : shortPort(String(entry));
    if (protocol !== "tcp") lost.push(`ports: ${entry} is ${protocol}, which an app's ports are not`);
    else if (Number.isInteger(Number(target))) found.add(Number(target));
    if (published !== undefined)
      lost.push(
        `ports: ${published} was open on the machine; \`expose\` with a host name answers from outside`,
      );
  }
  for (const entry of Array.isArray(service.expose) ? service.expose : [])
    found.add(Number.parseInt(String(entry), 10));
  return [...new Set([...found, ...called])].filter((port) => port > 0 && port < 65536);
}

function shortPort(entry: string): Branch {
  const [address = "", protocol] = entry.split("/");
  const parts = address.split(":");
  const target = parts.at(-1);
  return { target, ...(protocol && { protocol }), ...(parts.length > 1 && { published: parts.at(-2) }) };
}

function environmentOf(service: Branch, files: ComposeFiles, lost: string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of [service.env_file].flat()) {
    const path = text(entry) ?? text(branch(entry).path);
    const content = path && files.read(path);
    if (content) Object.assign(env, parseEnvFile(content));
    else if (path) lost.push(`env_file: ${path} is not there`);
  }
  const own = Array.isArray(service.environment)
    ? service.environment.map((entry) => String(entry).split(/=(.*)/s).slice(0, 2) as [string, string?])
    : Object.entries(branch(service.environment));
  for (const [name, value] of own) {
    if (value === undefined || value === null) lost.push(`environment: ${name} was the shell's`);
    else env[name] = String(value);
  }
  return env;
}

function volumesOf(service: Branch, lost: string[]): NonNullable<AppSpecInput["volumes"]> {
  const volumes: NonNullable<AppSpecInput["volumes"]> = {};
  const scratch = [service.tmpfs].flat().filter((path) => typeof path === "string");
  const entries = [
    ...scratch.map((path): Branch => ({ type: "tmpfs", target: path.split(":")[0] })),
    ...(Array.isArray(service.volumes) ? service.volumes : []).map((entry) =>
      typeof entry === "string" ? shortVolume(entry) : branch(entry),
    ),
  ];
  for (const [i, { type, source, target }] of entries.entries()) {
    const said = text(source)
      ?.toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-");
    const name = said === undefined || builtInNames.includes(said) ? `${said ?? "data"}-${i + 1}` : said;
    const fits = nameSchema.safeParse(name).success && absolutePath.safeParse(target).success;
    if (type === "bind" || !fits)
      lost.push(
        `volumes: ${source ?? target} is a folder of the machine; put files into \`config\` or the image, data into a volume`,
      );
    else if (type === "tmpfs") volumes[name] = { path: String(target), size: "64Mi", ephemeral: true };
    else {
      volumes[name] = { path: String(target), size: "1Gi" };
      lost.push(`volumes: ${name} had no size and gets 1Gi; its data is not copied`);
    }
  }
  return volumes;
}

function shortVolume(entry: string): Branch {
  const [first = "", second] = entry.split(":");
  if (second === undefined) return { type: "volume", target: first };
  return { type: /^[./~]/.test(first) ? "bind" : "volume", source: first, target: second };
}

function resourcesOf(service: Branch): NonNullable<AppSpecInput["resources"]> {
  const { reservations, limits } = branch(branch(service.deploy).resources);
  const asked = {
    cpu: branch(reservations).cpus,
    memory: branch(reservations).memory ?? service.mem_reservation,
  };
  const memory = memoryOf(asked.memory);
  const memoryLimit = memoryOf(branch(limits).memory ?? service.mem_limit);
  const cpus = asked.cpu === undefined ? undefined : String(asked.cpu);
  return {
    ...(cpus && cpu.safeParse(cpus).success && { cpu: cpus }),
    ...(memory && { memory }),
    ...(memoryLimit && { memoryLimit, ...(!memory && { memory: memoryLimit }) }),
  };
}

/** Compose counts in powers of two and writes `512m`, `1gb`. */
function memoryOf(value: unknown): string | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(String(value)) ?? [];
  if (number === undefined) return undefined;
  const size = `${number}${{ k: "Ki", m: "Mi", g: "Gi" }[unit.toLowerCase()] ?? ""}`;
  return bytes.safeParse(size).success ? size : undefined;
}

function userOf(user: unknown, lost: string[]): Branch {
  if (user === undefined) return {};
  const [uid, gid] = String(user).split(":").map(Number);
  if (!Number.isInteger(uid)) {
    lost.push(`user: ${user} is a name; Kubernetes takes numbers`);
    return {};
  }
  return { securityContext: { runAsUser: uid, ...(Number.isInteger(gid) && { runAsGroup: gid }) } };
}

/** The names of the services that one waits for. */
export function dependenciesOf(service: Branch): string[] {
  const { depends_on: list } = service;
  return Array.isArray(list) ? list.map(String) : Object.keys(branch(list));
}

/** What is said of a service's dependencies beyond their names. */
export function conditionsOf(service: Branch): string[] {
  return Object.entries(branch(service.depends_on))
    .filter(([, how]) => branch(how).condition === "service_completed_successfully")
    .map(([other]) => `depends_on: it waited for ${other} to end; \`after\` waits until an app is healthy`);
}

export const servicesIn = (value: unknown): [string, Branch][] =>
  Object.entries(branch(branch(value).services)).map(([name, service]) => [name, branch(service)]);

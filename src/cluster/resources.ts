import { kindOf } from "../schema/pack.ts";
import { failure } from "../util/errors.ts";
import { refused } from "./errors.ts";
import type { Transport } from "./transport.ts";
import type { Gvk } from "./types.ts";

/** How a kind is addressed in URLs. */
export interface Resource {
  plural: string;
  namespaced: boolean;
}

export type Discover = (gvk: Gvk) => Promise<Resource>;

/**
 * How the API server addresses a kind. Kinds of the schema pack are known; others are asked for once in each
 * group version and kept, and asked for again when not there, since CRDs come at any time. LF6002 (status 404)
 * when it does not serve the kind.
 */
export function discovery(transport: Transport): Discover {
  const groups = new Map<string, Promise<Map<string, Resource>>>();
  const ask = (apiVersion: string) => {
    const asked = askServer(transport, apiVersion);
    groups.set(apiVersion, asked);
    asked.catch(() => groups.delete(apiVersion));
    return asked;
  };
  return async ({ apiVersion, kind }) => {
    const known = kindOf(apiVersion, kind);
    if (known) return known;
    const kept = groups.get(apiVersion);
    const found = (await kept)?.get(kind) ?? (await ask(apiVersion)).get(kind);
    if (found) return found;
    groups.delete(apiVersion);
    const message = `it does not serve kind ${kind} in ${apiVersion}`;
    throw refused(`look up ${kind}`, 404, JSON.stringify({ reason: "NotFound", message }));
  };
}

async function askServer(transport: Transport, apiVersion: string): Promise<Map<string, Resource>> {
  const { status, text } = await transport.send({ method: "GET", path: groupPath(apiVersion) });
  if (status !== 200) {
    const body = status === 404 ? JSON.stringify({ message: `it does not serve ${apiVersion}` }) : text;
    throw refused(`look up ${apiVersion}`, status, body);
  }
  const { resources } = JSON.parse(text) as {
    resources: { name: string; kind: string; namespaced: boolean }[];
  };
  const own = resources.filter((r) => !r.name.includes("/"));
  return new Map(own.map((r) => [r.kind, { plural: r.name, namespaced: r.namespaced }]));
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export interface Address {
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
  query?: Record<string, string | number | boolean | undefined>;
}

/** The URL path of objects of a kind. A namespaced object that is named without a namespace is an LF6002. */
export function pathOf(gvk: Gvk, resource: Resource, at: Address): string {
  if (resource.namespaced && at.name !== undefined && !at.namespace) {
    const what = `${gvk.kind} ${at.name} has no namespace`;
    throw failure("LF6002", { what, why: "its kind lives in namespaces", fix: "set metadata.namespace" });
  }
  const parts = [groupPath(gvk.apiVersion)];
  if (resource.namespaced && at.namespace) parts.push("namespaces", encodeURIComponent(at.namespace));
  parts.push(resource.plural);
  if (at.name !== undefined) parts.push(encodeURIComponent(at.name));
  if (at.subresource) parts.push(at.subresource);
  return parts.join("/") + queryOf(at.query);
}

/** `?a=1&b=2`, leaving out what is undefined. */
export function queryOf(query: Address["query"] = {}): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined);
  if (set.length === 0) return "";
  return `?${new URLSearchParams(Object.fromEntries(set.map(([key, value]) => [key, String(value)])))}`;
}

/**
 * The generated schema pack beside this file: what every kind is, the schemas of Kubernetes' own kinds and the
 * CRDs of the systems that parts install. Files are read when first asked for, and once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "./object.ts";

/** A JSON Schema, or a part of one. */
export type Schema = Record<string, unknown>;

/** A kind as its API serves it. `source` is the pack's file (`kubernetes-1.36`, `crds/flux`) or `extra`. */
export interface KindInfo {
  namespaced: boolean;
  plural: string;
  source: string;
}

/** The Kubernetes versions the pack has schemas of. */
export type KubernetesVersion = "1.36";

/** The bundles of CRDs in the pack, each applied as a whole. */
export type CrdBundle = "external-dns" | "flagger" | "flux" | "flux-source-watcher" | "gateway-api";

/** A CustomResourceDefinition, as far as it is read here. */
export interface Crd extends KubernetesObject {
  spec: {
    group: string;
    names: { kind: string; plural: string };
    scope: "Namespaced" | "Cluster";
    versions: {
      name: string;
      served: boolean;
      subresources?: { status?: object };
      schema?: { openAPIV3Schema?: Schema };
    }[];
  };
}

/** Schemas of one Kubernetes version: definition names by `apiVersion/kind`, and the definitions. */
export interface KubernetesSchemas {
  kinds: Record<string, string>;
  definitions: Record<string, Schema>;
}

const folder = join(import.meta.dirname, "pack");
const files = new Map<string, unknown>();

function load<T>(name: string): T {
  let content = files.get(name);
  if (content === undefined) {
    content = freeze(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
    files.set(name, content);
  }
  return content as T;
}

/** What the pack knows of a kind; undefined when it is of no bundle and not Kubernetes' own. */
export function kindOf(apiVersion: string, kind: string): KindInfo | undefined {
  const { kinds } = load<{ kinds: Record<string, [string, boolean, string]> }>("index");
  const row = Object.hasOwn(kinds, `${apiVersion}/${kind}`) ? kinds[`${apiVersion}/${kind}`] : undefined;
  return row && { source: row[0], namespaced: row[1], plural: row[2] };
}

/** Every `apiVersion/kind` of the pack. */
export function knownKinds(): string[] {
  return Object.keys(load<{ kinds: object }>("index").kinds);
}

/** The CRDs of a bundle as they are applied, without descriptions. Deeply frozen: clone before changing. */
export function crdBundle(name: CrdBundle): readonly KubernetesObject[] {
  return load<KubernetesObject[]>(`crds/${name}`);
}

/** The CRD that serves a kind, from the bundle that `source` names. */
export function packedCrd(source: string, apiVersion: string, kind: string): Crd | undefined {
  const [group] = apiVersion.split("/");
  return load<Crd[]>(source).find(({ spec }) => spec.group === group && spec.names.kind === kind);
}

/** The upstream modules the pack was made from, with Go's checksum of each. */
export function packSources(): Record<string, { version: string; sum: string }> {
  const sources = load<Record<string, { module: string; version: string; sum: string }[]>>("sources");
  const modules = Object.values(sources).flat();
  return Object.fromEntries(modules.map(({ module, version, sum }) => [module, { version, sum }]).sort());
}

/** The schemas of Kubernetes' own kinds. */
export function kubernetesSchemas(version: KubernetesVersion): KubernetesSchemas {
  return load<KubernetesSchemas>(`kubernetes-${version}`);
}

/** Shared by every caller, so a stray write must fail where it happens. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) freeze(child);
    Object.freeze(value);
  }
  return value;
}

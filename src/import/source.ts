import { identityOf } from "../compile/identity.ts";
import { groupOf, type KubernetesObject } from "../schema/object.ts";
import { isRecord } from "../util/records.ts";

/** An object to import, and where it was read. */
export interface Source {
  object: KubernetesObject;
  /** `file:line`, or the cluster's context. */
  from: string;
  /** The events of the Helm release it was made for: `pre-install`. */
  hook?: string;
}

/** What became of an object. */
export interface Outcome {
  /** `Deployment shop/cart` */
  object: string;
  from: string;
  /** `folded`: the app's fields make it; `raw`: kept as it is beside the app; `left`: not part of the declaration. */
  as: "folded" | "raw" | "left";
  app?: string;
  why: string;
}

export type Branch = Record<string, unknown>;

/** A value as a map; an empty one where it is none, so that chains of lookups need no guards. */
export function branch(value: unknown): Branch {
  return isRecord(value) ? value : {};
}

/** The maps of a list; an empty list where it is none. */
export function branches(value: unknown): Branch[] {
  return Array.isArray(value) ? value.map(branch) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `apps/Deployment` of any version. */
export function typeOf(object: KubernetesObject): string {
  return `${groupOf(object.apiVersion)}/${object.kind}`;
}

export function outcome(source: Source, rest: Omit<Outcome, "object" | "from">): Outcome {
  return { object: identityOf(source.object), from: source.from, ...rest };
}

/** Without what says nothing: undefined, empty lists and empty maps. */
export function compact<T extends object>(value: T): T {
  const says = (item: unknown) =>
    item !== undefined && !(typeof item === "object" && item !== null && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, item]) => says(item))) as T;
}

/** Whether a variable of this name mostly holds a secret. */
export function isSecretName(name: string): boolean {
  return /passw|passphrase|secret|token|api_?key|private_?key|credential/i.test(name);
}

import { isDeepStrictEqual } from "node:util";
import { groupOf, type KubernetesObject } from "../schema/object.ts";
import { isRecord } from "../util/records.ts";
import { kindRules, type Rule } from "./defaults.ts";
import type { Branch } from "./source.ts";

/** What the API server or a controller writes into metadata, never a person. */
const serverMetadata = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "selfLink",
];

/**
 * An object without what the API server would fill in, and with quantities in one spelling: two objects are the same
 * to the API server when their normal forms are. Kinds that are not Kubernetes' own are left as they are.
 */
export function normalForm(object: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = object;
  const bare = { ...rest, metadata: bareMetadata(object.metadata) };
  const rule = kindRules[`${groupOf(object.apiVersion)}/${object.kind}`];
  return (rule ? reduce(bare, rule) : bare) as KubernetesObject;
}

/** Whether the API server would store the same for both. */
export function equalObjects(a: KubernetesObject, b: KubernetesObject): boolean {
  return isDeepStrictEqual(normalForm(a), normalForm(b));
}

function bareMetadata(metadata: KubernetesObject["metadata"]): KubernetesObject["metadata"] {
  const entries = Object.entries(metadata).filter(
    ([key, value]) =>
      !serverMetadata.includes(key) &&
      !(
        ["labels", "annotations"].includes(key) &&
        (value === null || Object.keys(value as object).length === 0)
      ),
  );
  return Object.fromEntries(entries) as KubernetesObject["metadata"];
}

/** In Kubernetes' own kinds nothing is the same as null and as an empty list. */
function reduce(value: unknown, rule: Rule): unknown {
  if (Array.isArray(value)) return value.map((item) => reduce(item, rule));
  if (!isRecord(value)) return value;
  const reduced = Object.entries(value)
    .map(
      ([key, item]) =>
        [key, rule.values ? rule.values(item) : reduce(item, rule.fields?.[key] ?? {})] as const,
    )
    .filter(([, item]) => item !== null && !(Array.isArray(item) && item.length === 0));
  const level = (rule.more ?? same)(Object.fromEntries(reduced));
  const saysNothing = ([key, item]: [string, unknown]) =>
    (rule.defaults && Object.hasOwn(rule.defaults, key) && rule.defaults[key] === item) ||
    (rule.empty?.includes(key) && isRecord(item) && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(level).filter((entry) => !saysNothing(entry)));
}

const same = (level: Branch) => level;

/**
 * Reads the YAML that users write: YAML 1.2 with its core schema, so `yes` and `on` are text and `0644` is a number.
 * Whoever opens a pull request writes it, so what a small file may cost is bounded: its size, its depth, its aliases
 * and what they expand to. Keys that reach into JavaScript's own objects are refused.
 */
import { CORE_SCHEMA, defineMappingTag, load, YAMLException } from "js-yaml";
import { doubledKeys, positionsIn, type TextProblem } from "./yaml-places.ts";

/** Of one file, in UTF-16 units. */
const mostText = 16 * 2 ** 20;
const mostDepth = 100;
const mostAliases = 100;
/** What aliases may expand to, in nodes. */
const mostNodes = 100_000;

export type Read = { ok: true; value: unknown } | { ok: false; problems: TextProblem[] };

const hostile = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a key names something every object of JavaScript has. */
export function isHostileKey(key: string): boolean {
  return hostile.has(key);
}

let anyHostile = false;
let anyDoubled = false;

/** Notes hostile and doubled keys and goes on, so that all of them are reported. */
const plainMap = defineMappingTag<Record<string, unknown>>("tag:yaml.org,2002:map", {
  create: () => ({}),
  addPair: (map, key, value) => {
    if (key !== null && typeof key === "object") return "a key must be a scalar";
    const name = key === null ? "" : String(key);
    if (hostile.has(name)) anyHostile = true;
    else if (Object.hasOwn(map, name)) anyDoubled = true;
    else map[name] = value;
    return "";
  },
  has: () => false,
  keys: (map) => Object.keys(map),
  get: (map, key) => map[String(key)],
  identify: () => false,
});
const schema = CORE_SCHEMA.withTags(plainMap);

/** Read one document. Never throws for what a text holds. */
export function readYaml(text: string): Read {
  if (text.length > mostText)
    return broken(`it has more than ${mostText / 2 ** 20} MiB`, "split it into the files of an estate");
  if (hasManyAliases(text)) return broken(`it has more than ${mostAliases} aliases`, "write the values out");
  anyHostile = anyDoubled = false;
  let value: unknown;
  try {
    value = load(text, { schema, maxDepth: mostDepth, maxAliases: mostAliases });
  } catch (error) {
    return { ok: false, problems: [described(error, text)] };
  }
  if (anyHostile || anyDoubled) {
    const problems = doubledKeys(text, isHostileKey);
    return problems.length > 0
      ? { ok: false, problems }
      : broken("keys must be unique", "rename one of them");
  }
  if (text.includes("*")) {
    const size = expanded(value, Math.max(mostNodes, text.length), 0);
    if (size < 0) return broken("its aliases expand to too much", "write the values out");
  }
  return { ok: true, value };
}

function broken(what: string, fix: string, at: { line?: number; column?: number } = {}): Read {
  return { ok: false, problems: [{ code: "LF1001", what, fix, ...at }] };
}

const reasons: [RegExp, what: string, fix: string][] = [
  [/maxDepth/, `it is nested more than ${mostDepth} levels deep`, "flatten it"],
  [/maxAliases/, `it has more than ${mostAliases} aliases`, "write the values out"],
  [/but the input is empty/, "it is empty", "write what it declares, or remove the file"],
  [
    /a single document/,
    "it holds more than one document",
    "keep one; files of an estate declare one app each",
  ],
];

function described(error: unknown, text: string): TextProblem {
  if (!(error instanceof YAMLException))
    return { code: "LF1001", what: "it is no YAML that can be read", why: String(error), fix: "correct it" };
  const { reason, mark } = error;
  const [, what = reason, fix = "correct the YAML"] = reasons.find(([pattern]) => pattern.test(reason)) ?? [];
  return { code: "LF1001", what, fix, ...(mark && positionsIn(text)(mark.position)) };
}

/** Millions of aliases are refused before anything is made of each; a few may be text, which the reader tells. */
function hasManyAliases(text: string): boolean {
  const alias = /(?<=[\s,[{:-])\*[^\s,[\]{}*/]/g;
  let count = 0;
  while (count <= 1000 * mostAliases && alias.test(text)) count++;
  return count > 1000 * mostAliases;
}

/** How many nodes are left of `budget` after this one; negative when it holds more, or itself. */
function expanded(value: unknown, budget: number, depth: number): number {
  if (value === null || typeof value !== "object") return budget - 1;
  let left = budget - 1;
  if (depth > 2 * mostDepth) return -1;
  for (const item of Object.values(value)) {
    left = expanded(item, left, depth + 1);
    if (left < 0) return left;
  }
  return left;
}

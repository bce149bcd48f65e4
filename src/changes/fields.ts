/**
 * What differs between two values, field by field. Lists of named things (containers, env, ports, volumes, claims) are
 * matched by name, so that an insertion is one line; other lists by what is equal in both.
 */
import { canonicalJson } from "../util/hash.ts";
import { isRecord } from "../util/records.ts";
import type { FieldChange } from "./types.ts";

type Fields = Record<string, unknown>;

/** The differences in the order of `to`'s fields, removed ones last. `undefined` counts as absent. */
export function fieldChanges(from: unknown, to: unknown, path = ""): FieldChange[] {
  if (isRecord(from) && isRecord(to)) return mapChanges(from, to, path);
  if (Array.isArray(from) && Array.isArray(to)) return listChanges(from, to, path);
  return same(from, to) ? [] : [change(path, from, to)];
}

function mapChanges(from: Fields, to: Fields, path: string): FieldChange[] {
  const keys = [...new Set([...Object.keys(to), ...Object.keys(from)])];
  return keys.flatMap((key) => fieldChanges(from[key], to[key], step(path, key)));
}

/** A key that could be taken for more than one stands in brackets: labels, file names. */
function step(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

function listChanges(from: unknown[], to: unknown[], path: string): FieldChange[] {
  if (same(from, to)) return [];
  const key = keyOf([...from, ...to]);
  if (key) return namedChanges(byName(from, key), byName(to, key), path);
  if (![...from, ...to].every(isRecord)) return [change(path, from, to)];
  return unnamedChanges(from, to, path);
}

function namedChanges(from: Map<string, unknown>, to: Map<string, unknown>, path: string): FieldChange[] {
  const names = [...new Set([...to.keys(), ...from.keys()])];
  const changes = names.flatMap((name) => fieldChanges(from.get(name), to.get(name), `${path}[${name}]`));
  // Init containers run in order, environment variables refer to earlier ones.
  return changes.length > 0 ? changes : [change(`${path}[order]`, [...from.keys()], [...to.keys()])];
}

/** Items without a name: what is in both cancels out; of the rest, the first is compared with the first. */
function unnamedChanges(from: unknown[], to: unknown[], path: string): FieldChange[] {
  const left = without(from, to);
  const right = without(to, from);
  if (left.length === 0 && right.length === 0) return [change(`${path}[order]`, from, to)];
  const places = Math.max(left.length, right.length);
  return Array.from({ length: places }, (_, i) => {
    const [index, item] = right[i] ?? left[i] ?? [0];
    return fieldChanges(left[i]?.[1], right[i] ? item : undefined, `${path}[${index}]`);
  }).flat();
}

function without(items: unknown[], others: unknown[]): [index: number, item: unknown][] {
  const count = new Map<string, number>();
  for (const other of others.map(canonicalJson)) count.set(other, (count.get(other) ?? 0) + 1);
  return [...items.entries()].filter(([, item]) => {
    const text = canonicalJson(item);
    const known = count.get(text) ?? 0;
    count.set(text, known - 1);
    return known <= 0;
  });
}

const keys: ((item: Fields) => unknown)[] = [
  ({ name }) => name,
  ({ metadata }) => isRecord(metadata) && metadata.name,
  ({ mountPath }) => mountPath,
  ({ topologyKey }) => topologyKey,
  ({ containerPort }) => containerPort,
];

/** What tells all items of a list apart, when something does. */
function keyOf(items: unknown[]): ((item: Fields) => unknown) | undefined {
  if (!items.every(isRecord)) return undefined;
  return keys.find((key) => items.every((item) => ["string", "number"].includes(typeof key(item))));
}

function byName(items: unknown[], key: (item: Fields) => unknown): Map<string, unknown> {
  const named = new Map<string, unknown>();
  for (const item of items as Fields[]) {
    const name = String(key(item));
    // Ports of one name and two protocols: the second keeps a place of its own.
    named.set(named.has(name) ? `${name} ${named.size}` : name, item);
  }
  return named;
}

function change(path: string, from: unknown, to: unknown): FieldChange {
  return { path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function same(from: unknown, to: unknown): boolean {
  return from === to || canonicalJson(from) === canonicalJson(to);
}

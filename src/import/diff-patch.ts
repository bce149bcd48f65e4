/**
 * The patch that makes one object of another, as `adjust` has it: a merge patch that reaches into lists by names, so
 * that what stays alike (an image, a variable) is said in one place only. What it gives is proven by applying it.
 */
import { isDeepStrictEqual } from "node:util";
import { listKey, patchObject } from "../compile/adjust.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { isRecord } from "../util/records.ts";
import { normalForm } from "./normal-form.ts";
import type { Branch } from "./source.ts";

/** Fields that tell an element of one list from the others, as `adjust` knows them. */
const pairKeys = ["name", "mountPath", "containerPort", "port", "ip", "topologyKey"];

/** The patch by which `rendered` becomes the same object as `original`; undefined where they are the same already. */
export function diffObjects(rendered: KubernetesObject, original: KubernetesObject): Branch | undefined {
  return diff(normalForm(rendered), normalForm(original), []) as Branch | undefined;
}

/** Undefined where nothing differs. */
function diff(from: unknown, to: unknown, path: string[]): unknown {
  if (isDeepStrictEqual(from, to)) return undefined;
  if (Array.isArray(from) && Array.isArray(to)) return diffList(from, to, path);
  if (!isRecord(from) || !isRecord(to)) return to;
  const patch: Branch = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    if (!Object.hasOwn(to, key)) patch[key] = null;
    else if (!Object.hasOwn(from, key)) patch[key] = to[key];
    else {
      const change = diff(from[key], to[key], [...path, key]);
      if (change !== undefined) patch[key] = change;
    }
  }
  return patch;
}

function diffList(from: unknown[], to: unknown[], path: string[]): unknown {
  const patch =
    path.at(-1) === "containers" && from.length === 1
      ? diffContainers(from, to, path)
      : keyed(from, to, path);
  if (!patch) return to;
  const ordered = [patch, { ...patch, $order: orderOf(from, to) }];
  return ordered.find((candidate) => isDeepStrictEqual(patchObject(from, candidate), to)) ?? to;
}

function orderOf(from: unknown[], to: unknown[]): unknown[] {
  const key = listKey(from) ?? "name";
  return to.map((item) => (isRecord(item) ? item[key] : undefined)).filter((value) => value !== undefined);
}

/** The app has one container; whatever its name becomes, it is the first of those that `main` says. */
function diffContainers(from: unknown[], to: unknown[], path: string[]): Branch | undefined {
  const [own] = from;
  if (!isRecord(own) || !to.every(isRecord)) return undefined;
  const main =
    to.find((item) => item.image === own.image && item.name === own.name) ?? closest(own, to as Branch[]);
  if (!main) return undefined;
  const others = (to as Branch[]).filter((item) => item !== main);
  const change = diff(own, main, [...path, "*"]);
  return {
    ...(change !== undefined && { "*": change }),
    ...Object.fromEntries(others.map((item) => [String(item.name), withoutKey(item, "name")])),
  };
}

function closest(own: Branch, candidates: Branch[]): Branch | undefined {
  return candidates.find((item) => item.image === own.image) ?? candidates[0];
}

/** Elements that are the same thing on both sides are patched, others removed or added. */
function keyed(from: unknown[], to: unknown[], path: string[]): Branch | undefined {
  const key = listKey(from);
  const pair = pairKeys.find((candidate) => hasAll(from, candidate) && hasAll(to, candidate));
  if (!key || !pair || !to.every(isRecord)) return undefined;
  const rest = new Map((to as Branch[]).map((item) => [String(item[pair]), item]));
  const patch: Branch = {};
  for (const item of from as Branch[]) {
    const same = rest.get(String(item[pair]));
    rest.delete(String(item[pair]));
    const change = same ? diff(item, same, [...path, "*"]) : null;
    if (change !== undefined) patch[String(item[key])] = change;
  }
  for (const item of rest.values()) {
    if (item[key] === undefined) return undefined;
    patch[String(item[key])] = withoutKey(item, key);
  }
  return patch;
}

function hasAll(list: unknown[], key: string): boolean {
  const values = list.map((item) => (isRecord(item) ? item[key] : undefined));
  return !values.includes(undefined) && new Set(values.map(String)).size === list.length;
}

function withoutKey(item: Branch, key: string): Branch {
  const { [key]: _, ...rest } = item;
  return rest;
}

/** Words that the plan is told with, on a terminal and in a pull request alike. */

import { counted } from "../util/counted.ts";
import type { Cost, FieldChange, ObjectChange, Summary, UnitChange } from "./types.ts";

export const signs: Record<UnitChange["action"], string> = {
  create: "+",
  change: "~",
  replace: "±",
  delete: "-",
  orphan: "?",
  rename: "→",
};

/** `3 to create, 1 to replace; +4 pods, +0.4 cpu, +512 MiB; 2 destructive` */
export function summaryLine(summary: Summary): string {
  const counts = (["create", "change", "replace", "delete", "orphan", "rename"] as const)
    .filter((action) => summary[action] > 0)
    .map((action) => `${summary[action]} to ${action}`);
  if (counts.length === 0) return "no changes";
  const where = summary.clusters > 1 ? ` on ${summary.clusters} clusters` : "";
  const restarts = summary.restarts > 0 ? [`${counted(summary.restarts, "pod")} restart`] : [];
  const destructive = summary.destructive > 0 ? [`${summary.destructive} destructive`] : [];
  const cost = costDelta(summary.cost.before, summary.cost.after);
  return [counts.join(", ") + where, ...(cost ? [cost] : []), ...restarts, ...destructive].join("; ");
}

/** `+4 pods, +0.4 cpu, +512 MiB`; empty when it asks for no more and no less. */
function costDelta(before: Cost, after: Cost): string {
  const parts: [keyof Cost, (n: number) => string, string][] = [
    ["pods", (n) => counted(round(n), "pod"), ""],
    ["cpu", (n) => `${round(n)}`, " cpu"],
    ["memory", bytes, ""],
    ["storage", bytes, " of volumes"],
  ];
  return parts
    .flatMap(([key, form, unit]) => {
      const delta = { min: after[key].min - before[key].min, max: after[key].max - before[key].max };
      if (delta.min === 0 && delta.max === 0) return [];
      const least = signed(delta.min, form);
      return [delta.min === delta.max ? least + unit : `${least}…${signed(delta.max, form)}${unit}`];
    })
    .join(", ");
}

/** `+1 pod; 3 pods restart` */
export function costText({ cost, restarts }: UnitChange): string {
  const pods = restarts > 0 ? `${counted(restarts, "pod")} restart` : "";
  return [costDelta(cost.before, cost.after), pods].filter(Boolean).join("; ");
}

/** `64 MiB` */
function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const step = n === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(Math.abs(n)) / 10));
  return `${round(n / 2 ** (10 * step))} ${units[step]}`;
}

function signed(n: number, form: (n: number) => string): string {
  return n < 0 ? `-${form(-n)}` : `+${form(n)}`;
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

/** `app cart`, `app cart → basket` */
export function unitTitle({ kind, owner, from }: UnitChange): string {
  const title = kind === "cluster" ? owner : `${kind} ${owner}`;
  return from ? `${kind} ${from} → ${owner}` : title;
}

/** `on eu-1`, `on 300 clusters (c0, c1, c2, …)` */
export function whereText(clusters: readonly string[]): string {
  if (clusters.length <= 3) return `on ${clusters.join(", ")}`;
  return `on ${clusters.length} clusters (${clusters.slice(0, 3).join(", ")}, …)`;
}

export function objectTitle({ object, renamedFrom }: ObjectChange): string {
  const at = object.namespace ? `${object.namespace}/` : "";
  return `${object.kind} ${at}${renamedFrom ? `${renamedFrom} → ` : ""}${object.name}`;
}

/** `7 objects: Deployment, Service, …` */
export function kindsText(objects: readonly ObjectChange[]): string {
  const kinds = [...new Set(objects.map(({ object }) => object.kind))];
  return `${counted(objects.length, "object")}: ${kinds.slice(0, 6).join(", ")}${kinds.length > 6 ? ", …" : ""}`;
}

/** `1 → 3`, `new: "x"`, `gone`; long texts by the lines that differ. */
export function fieldText({ from, to }: FieldChange): string {
  if (typeof from === "string" && typeof to === "string" && /\n./.test(from + to)) return linesText(from, to);
  if (from === undefined) return `+ ${shown(to)}`;
  if (to === undefined) return `- ${shown(from)}`;
  return `${shown(from)} → ${shown(to)}`;
}

function shown(whole: unknown): string {
  const value = plainValue(whole);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = text.replaceAll("\n", "⏎");
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}

/** A variable is told by its value: its name stands in the path. */
function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Object.keys(value).join() !== "name,value") return value;
  return (value as { value: unknown }).value;
}

const mostLines = 8;

/** The lines between the equal beginning and the equal end of two texts. */
function linesText(from: string, to: string): string {
  const [old, now] = [from.split("\n"), to.split("\n")];
  const shortest = Math.min(old.length, now.length);
  let start = 0;
  while (start < shortest && old[start] === now[start]) start++;
  let end = 0;
  while (end < shortest - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const part = (lines: string[], sign: string) => {
    const differ = lines.slice(start, lines.length - end).map((line) => `${sign} ${shown(line)}`);
    const rest = differ.length - mostLines;
    return rest > 0 ? [...differ.slice(0, mostLines), `${sign} … ${counted(rest, "more line")}`] : differ;
  };
  return `line ${start + 1}:\n${[...part(old, "-"), ...part(now, "+")].join("\n")}`;
}

/** A removed and a new app that are the same but for the name are most likely a rename that was not declared. */
import { canonicalJson } from "../util/hash.ts";
import type { LoadedGroup } from "./moves.ts";
import type { Objects, SuggestedMove } from "./types.ts";

/** From this share of equal fields on, a rename is suggested. */
const threshold = 0.8;

/** Pairs of apps that look renamed, the likeliest of each. */
export function suggestedMoves(groups: readonly LoadedGroup[]): SuggestedMove[] {
  const apps = groups.filter(({ bundle, takes }) => bundle.startsWith("app-") && takes.size === 0);
  const gone = byApp(
    apps.filter(({ after, renamed }) => after === undefined && !renamed),
    "old",
  );
  const made = byApp(
    apps.filter(({ before }) => before === undefined),
    "now",
  );
  // Only apps of the same kinds of objects are compared field by field.
  const signature = ({ objects }: { objects: Objects }) =>
    objects
      .map(({ kind }) => kind)
      .sort()
      .join();
  const candidates = Map.groupBy(made, signature);
  const pairs = gone.flatMap((old) =>
    (candidates.get(signature(old)) ?? []).flatMap((now): SuggestedMove[] => {
      const likeness = jaccard(fieldsOf(old.objects, old.name), fieldsOf(now.objects, now.name));
      return likeness < threshold
        ? []
        : [{ from: old.name, to: now.name, likeness: Math.round(likeness * 100) / 100 }];
    }),
  );
  const [froms, tos] = [new Set<string>(), new Set<string>()];
  return pairs
    .sort((a, b) => b.likeness - a.likeness || (a.from < b.from ? -1 : 1))
    .filter(({ from, to }) => !froms.has(from) && !tos.has(to) && froms.add(from) && tos.add(to));
}

function byApp(groups: LoadedGroup[], side: "old" | "now"): { name: string; objects: Objects }[] {
  const first = new Map(groups.map((group) => [group.bundle.slice("app-".length), group[side]]));
  return [...first].map(([name, objects]) => ({ name, objects }));
}

/** Every field with its value, the app's own name taken out of both. */
function fieldsOf(objects: Objects, name: string): Set<string> {
  const own = new RegExp(`(?<![a-z0-9])${name}(?![a-z0-9])`, "g");
  const upper = new RegExp(`(?<![A-Z0-9])${name.toUpperCase().replaceAll("-", "_")}(?![A-Z0-9])`, "g");
  const fields = new Set<string>();
  const walk = (value: unknown, path: string): void => {
    if (value !== null && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) walk(item, `${path}.${key}`);
    } else
      fields.add(
        `${path}=${String(value)}`
          .replace(own, "*")
          .replace(upper, "*")
          .replace(/-[0-9a-f]{8}$/, "-#"),
      );
  };
  for (const object of JSON.parse(canonicalJson(objects)) as Objects) walk(object, object.kind);
  return fields;
}

function jaccard(a: Set<string>, b: Set<string>): number {
  const both = [...a].filter((field) => b.has(field)).length;
  return both / Math.max(1, a.size + b.size - both);
}

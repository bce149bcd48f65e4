import type { Outcome } from "../import/source.ts";
import type { ImportResult } from "../platform/import.ts";
import { counted } from "../util/counted.ts";
import { paint } from "./output.ts";

/** The report of an import: what became of each object, by app; what differs; what the user should know. */
export function importText({ file, outcomes, improved, notes, skipped }: ImportResult): string {
  const count = (as: Outcome["as"]) => outcomes.filter((o) => o.as === as).length;
  const byApp = Map.groupBy(outcomes, ({ app }) => app ?? "");
  const left = byApp.get("") ?? [];
  byApp.delete("");
  const folding = new Set(outcomes.flatMap(({ as, app }) => (as === "folded" && app ? [app] : []))).size;
  const into = counted(folding, "app");
  const apps = [...byApp].sort(([a], [b]) => (a < b ? -1 : 1)).map(([app, own]) => appText(app, own));
  return [
    `${paint("green", "+")} ${file}\n`,
    `  ${count("folded")} folded into ${into}, ${count("raw")} kept as they are, ${count("left")} left out\n`,
    ...apps,
    section(
      "left out",
      left.map(({ object, from, why }) => `${object} (${from}): ${why}`),
    ),
    section(
      "not read",
      skipped.map(({ from, why }) => `${from}: ${why}`),
    ),
    section("improved", improvements(improved)),
    section("to know", notes),
  ].join("");
}

function appText(app: string, outcomes: Outcome[]): string {
  const folded = outcomes.filter(({ as }) => as === "folded").map(({ object }) => short(object));
  const raw = outcomes
    .filter(({ as }) => as === "raw")
    .map(({ object, why }) => `    ${paint("dim", "raw")} ${short(object)}: ${why}\n`);
  return `  ${paint("bold", app)}${folded.length > 0 ? `  ${folded.join(", ")}` : ""}\n${raw.join("")}`;
}

/** The namespace is the app's. */
const short = (object: string) => object.replace(/ \S+\//, " ");

/** One line a reason; the fields of each app are in the JSON. */
function improvements(improved: ImportResult["improved"]): string[] {
  const byReason = Map.groupBy(improved, ({ kind, reason }) => `${kind}: ${reason}`);
  return [...byReason].map(([reason, all]) => {
    const apps = new Set(all.map(({ app }) => app)).size;
    const fields = [...new Set(all.map(({ field }) => lastKey(field)))].filter((key) => key !== "");
    const named = fields.length > 4 ? [...fields.slice(0, 4), "…"] : fields;
    return `${reason} (${counted(apps, "app")}${named.length > 0 ? `: ${named.join(", ")}` : ""})`;
  });
}

/** The last key of a path; those of labels and annotations have dots themselves. */
function lastKey(field: string): string {
  return /(?:[lL]abels|annotations)\.(.+)$/.exec(field)?.[1] ?? field.split(".").at(-1) ?? "";
}

function section(title: string, lines: string[]): string {
  return lines.length > 0
    ? `  ${paint("bold", title)}\n${lines.map((line) => `    ${line}\n`).join("")}`
    : "";
}

/** The plan as a comment on a pull request: a summary, what is destructive, a table, and the fields folded away. */

import { counted } from "../util/counted.ts";
import { stepTexts } from "./step-texts.ts";
import type { Changes, ObjectChange, UnitChange } from "./types.ts";
import {
  costText,
  fieldText,
  kindsText,
  objectTitle,
  signs,
  summaryLine,
  unitTitle,
  whereText,
} from "./words.ts";

/** GitHub refuses a comment of more than 65,536 characters. */
const mostUnits = 100;
const mostCharacters = 60_000;

/** The changes as GitHub-flavoured Markdown. `against`: what they compare with. */
export function planMarkdown(company: string, changes: Changes, against: string): string {
  const head = [`### landfall plan: ${company}`, `**${summaryLine(changes.summary)}** against ${against}`];
  if (changes.units.length === 0) return `${head.join("\n\n")}\n`;
  const sections = [...head, destructive(changes), table(changes), notes(changes)].filter(Boolean);
  const details: string[] = [];
  let room = mostCharacters - sections.join("\n\n").length;
  for (const unit of changes.units.slice(0, mostUnits)) {
    const text = unitDetails(unit);
    room -= text.length + 2;
    if (room < 0) break;
    details.push(text);
  }
  const left = changes.units.length - details.length;
  const more = left > 0 ? [`*${counted(left, "more change")}: \`landfall plan --json\` has all.*`] : [];
  return `${[...sections, ...details, ...more].join("\n\n")}\n`;
}

function destructive({ units }: Changes): string {
  const lines = units.flatMap((unit) =>
    marksOf(unit)
      .filter(({ level }) => level === "destructive")
      .map(({ text }) => `> - **${escaped(unitTitle(unit))}** ${whereText(unit.clusters)}: ${escaped(text)}`),
  );
  return lines.length > 0 ? ["> [!CAUTION]", "> **Destructive:**", ...lines].join("\n") : "";
}

function table({ units }: Changes): string {
  const rows = units.slice(0, mostUnits).map((unit) => {
    const { action, clusters } = unit;
    const where = clusters.length > 3 ? `${clusters.length} clusters` : clusters.join(", ");
    const cells = [
      `\`${signs[action]}\` ${action}`,
      escaped(unitTitle(unit)),
      where,
      kindsText(unit.objects).replace(/^0 objects: $/, ""),
      costText(unit),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| | what | where | objects | cost |", "|---|---|---|---|---|", ...rows].join("\n");
}

function notes({ units, suggestedMoves, blastRadius, steps }: Changes): string {
  const warned = units.flatMap((unit) =>
    marksOf(unit)
      .filter(({ level }) => level === "warning")
      .map(({ text }) => `- ${escaped(unitTitle(unit))}: ${escaped(text)}`),
  );
  const moves = suggestedMoves.map(
    ({ from, to }) =>
      `- \`${from}\` looks like \`${to}\` now: \`moved: [{ from: ${from}, to: ${to} }]\` keeps its pods and volumes`,
  );
  const reached = blastRadius.map(
    ({ app, callers }) =>
      `- a change of ${app} reaches ${callers.slice(0, 10).join(", ")}${callers.length > 10 ? `, and ${callers.length - 10} more` : ""}`,
  );
  return [...new Set([...warned, ...moves, ...reached, ...stepTexts(steps).map((step) => `- ${step}`)])]
    .slice(0, mostUnits)
    .join("\n");
}

function unitDetails(unit: UnitChange): string {
  const title = `<code>${signs[unit.action]}</code> ${escaped(unitTitle(unit))} ${whereText(unit.clusters)}`;
  const everywhere = unit.clusters.length > 3 ? [`Clusters: ${unit.clusters.join(", ")}`] : [];
  const lines = unit.objects.flatMap(objectLines);
  const delivery = unit.delivery.map((field) => `    ${field.path}: ${fieldText(field)}`);
  const body = [...lines, ...(delivery.length > 0 ? [`~ Kustomization ${unit.bundle}`, ...delivery] : [])];
  return [
    `<details><summary>${title}</summary>`,
    ...everywhere,
    ["```diff", ...body.map((line) => line.replaceAll("```", "'''")), "```"].join("\n"),
    "</details>",
  ].join("\n\n");
}

/** In the colours of a diff: what comes with +, what goes with -, the rest with !. */
function objectLines(change: ObjectChange): string[] {
  const sign = { create: "+", delete: "-", orphan: "-", change: "!", replace: "!" }[change.action];
  const word = change.action === "change" || change.action === "create" ? "" : ` (${change.action})`;
  const fields = change.fields.map(
    (field) => `    ${field.path}: ${fieldText(field).replaceAll("\n", "\n    ")}`,
  );
  return [`${sign} ${objectTitle(change)}${word}`, ...fields];
}

function marksOf(unit: UnitChange) {
  return [...unit.marks, ...unit.objects.flatMap(({ marks }) => marks)];
}

/** Names and values are no markup. */
function escaped(text: string): string {
  return text.replace(/[\\`*_<>|[\]]/g, (character) => `\\${character}`);
}

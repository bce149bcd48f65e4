import { stepTexts } from "../changes/step-texts.ts";
import type { Changes, ObjectChange, UnitChange } from "../changes/types.ts";
import {
  costText,
  fieldText,
  kindsText,
  objectTitle,
  signs,
  summaryLine,
  unitTitle,
  whereText,
} from "../changes/words.ts";
import { counted } from "../util/counted.ts";
import { paint } from "./output.ts";

const mostUnits = 60;
const mostFields = 20;

const colours = {
  create: "green",
  change: "yellow",
  replace: "magenta",
  delete: "red",
  orphan: "cyan",
  rename: "cyan",
} as const;

/** Changes as people read them on a terminal; the summary is the last line. */
export function planText(changes: Changes): string {
  const { units, suggestedMoves, blastRadius, summary } = changes;
  const steps = stepTexts(changes.steps);
  const shown = units.slice(0, mostUnits).map(unitText);
  const rest = units.length - shown.length;
  const more = rest > 0 ? [`${counted(rest, "more change")}: --json has all\n`] : [];
  const moves = suggestedMoves.map(({ from, to, likeness }) => {
    const share = `${Math.round(likeness * 100)} % alike`;
    return `${paint("cyan", "renamed?")} ${from} looks like ${to} now (${share}); to keep its pods and volumes:\n    moved: [{ from: ${from}, to: ${to} }]\n`;
  });
  const reached = blastRadius.map(({ app, callers }) => `  ${app} ← ${named(callers)}\n`);
  const radius =
    reached.length > 0
      ? [`${paint("dim", "reaches by calls")}\n${reached.slice(0, mostUnits).join("")}`]
      : [];
  const handing =
    steps.length > 0 ? [steps.map((step) => `${paint("cyan", "hand-over")} ${step}\n`).join("")] : [];
  return `${[...shown, ...more, ...moves, ...radius, ...handing].join("\n")}${units.length > 0 ? "\n" : ""}${paint("bold", "plan:")} ${summaryLine(summary)}\n`;
}

function unitText(unit: UnitChange): string {
  const { action, clusters } = unit;
  const colour = colours[action];
  const figures = costText(unit);
  const head = `${paint([colour, "bold"], `${signs[action]} ${unitTitle(unit)}`)} ${whereText(clusters)}${figures ? paint("dim", `  ${figures}`) : ""}\n`;
  // What comes or goes whole is told by its kinds; what changes, object by object.
  const whole = new Set(["create", "delete"]);
  const alike = whole.has(action) ? unit.objects.filter((object) => object.action === action) : [];
  const told = unit.objects.filter((object) => !alike.includes(object));
  const kinds = alike.length > 0 ? `    ${kindsText(alike)}\n` : "";
  const delivery =
    unit.delivery.length > 0 ? `  ~ Kustomization ${unit.bundle}\n${fieldLines(unit.delivery)}` : "";
  const marks = [...unit.marks, ...alike.flatMap((object) => object.marks)].map(markText).join("");
  return head + kinds + told.map(objectText).join("") + delivery + marks;
}

function objectText(object: ObjectChange): string {
  const { action } = object;
  const word =
    action === "replace" || action === "orphan"
      ? `  ${action}${action === "orphan" ? "ed: it stays" : "d"}`
      : "";
  const head = `  ${paint(colours[action], `${signs[action]} ${objectTitle(object)}${word}`)}\n`;
  const sources = object.immutable.map(
    ({ field, source }) => `      ${paint("dim", `${field}: ${source}`)}\n`,
  );
  return head + fieldLines(object.fields) + object.marks.map(markText).join("") + sources.join("");
}

function fieldLines(fields: ObjectChange["fields"]): string {
  const lines = fields
    .slice(0, mostFields)
    .map((field) => `      ${field.path}: ${fieldText(field).replaceAll("\n", "\n        ")}\n`);
  const rest = fields.length - mostFields;
  return lines.join("") + (rest > 0 ? `      ${counted(rest, "more field")}\n` : "");
}

function markText({ level, text }: ObjectChange["marks"][number]): string {
  return level === "destructive"
    ? `    ${paint(["red", "bold"], "destructive:")} ${text}\n`
    : `    ${paint("yellow", "!")} ${text}\n`;
}

function named(names: readonly string[]): string {
  return names.length > 8
    ? `${names.slice(0, 8).join(", ")}, and ${names.length - 8} more`
    : names.join(", ");
}

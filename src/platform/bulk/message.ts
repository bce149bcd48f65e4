import { counted } from "../../util/counted.ts";
import type { Edit, ValueChange } from "./edits.ts";

const mostLines = 50;

/** `scale.min 1 → 3`, `image 1.2 → 1.3`; an image that stays the same one is told by its versions. */
export function valueText({ path, from, to }: ValueChange): string {
  const names = new Set([...from, to].map((value) => (path === "image" ? nameOf(value) : value)));
  const text = (value: unknown) => (path === "image" && names.size === 1 ? versionOf(value) : short(value));
  const before = from.length > 0 ? from.map(text).join(" | ") : "none";
  return `${path} ${before} → ${to === null ? "none" : text(to)}`;
}

const version = /[:@][^/]+$/;
const nameOf = (image: unknown) => String(image).replace(version, "");
const versionOf = (image: unknown) => version.exec(String(image))?.[0].slice(1) ?? String(image);

function short(value: unknown): string {
  return typeof value === "string" && !/[\r\n]/.test(value) ? value : JSON.stringify(value);
}

/** A commit that says what changed of which apps, as far as a person would read. */
export function commitMessage(text: string, where: string, edits: Edit[]): string {
  const title = text.replace(/\s+/g, " ");
  const subject = title.length > 72 ? `${title.slice(0, 71)}…` : title;
  const lines = edits.flatMap(({ app, values }) => values.map((value) => `${app}: ${valueText(value)}`));
  const rest = lines.length - mostLines;
  return [
    subject,
    "",
    ...(subject === title ? [] : [title, ""]),
    ...(where ? [`where ${where}`, ""] : []),
    ...lines.slice(0, mostLines),
    ...(rest > 0 ? [`and ${counted(rest, "more value")}`] : []),
  ].join("\n");
}

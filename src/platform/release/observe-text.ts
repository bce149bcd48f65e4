import type { LiveObject } from "../../cluster/types.ts";

/** A failure's evidence must fit into the release file and onto a screen. */
const maxLines = 12;
const maxLength = 300;

/** One line of limited length. */
export function brief(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

/** Something that was said at a time, in epoch milliseconds. */
export interface Said {
  at: number;
  text: string;
}

/** The newest first, each with its time, the same text once. */
export function newestFirst(said: readonly Said[]): string[] {
  const lines = new Map<string, string>();
  for (const { at, text } of said.toSorted((a, b) => b.at - a.at)) {
    const line = brief(text);
    if (lines.size < maxLines && !lines.has(line)) lines.set(line, `${stamp(at)}${line}`);
  }
  return [...lines.values()];
}

function stamp(at: number): string {
  return at > 0 ? `${new Date(at).toISOString().slice(0, 19)}Z ` : "";
}

interface EventFields {
  type?: string;
  reason?: string;
  message?: string;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { lastObservedTime?: string };
  count?: number;
}

/** What Kubernetes' events say, those after `since` alone. */
export function eventsSaid(events: readonly LiveObject[], since: number): Said[] {
  return events
    .map((event) => {
      const { reason, message, lastTimestamp, eventTime, series } = event as LiveObject & EventFields;
      const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp;
      const said = message?.replace(/^\(combined from similar events\): /, "") ?? "";
      return { at: Date.parse(time), text: `${reason === "Synced" ? "Flagger" : reason}: ${said}` };
    })
    .filter(({ at }) => at >= since);
}

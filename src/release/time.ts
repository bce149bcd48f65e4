import type { Gate } from "./gate.ts";
import type { Release } from "./release.ts";

/** RFC 3339 in UTC with milliseconds, of epoch milliseconds. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Milliseconds from an instant until `now`; none when the engine that wrote it had a faster clock. */
export function elapsed(since: string, now: number): number {
  return Math.max(0, now - Date.parse(since));
}

/** When the release last took a step. */
export function lastStepAt(release: Release): string {
  return release.log.at(-1)?.at ?? release.startedAt;
}

/** When its turn came; empty for one that never had it. */
export function begunAt({ log }: Release): string {
  return log.find(({ action }) => action === "start")?.at ?? "";
}

type Freeze = Release["policy"]["freezes"][number];

/** From which priority on a release is a hotfix: it passes freezes and overtakes. */
const hotfixFrom = 10;

export function isHotfix(release: Release): boolean {
  return release.priority >= hotfixFrom;
}

/** The freeze that keeps a cluster from starting at this time, or the whole release when no cluster is named. */
export function freezeOf(release: Release, now: number, cluster?: string): Freeze | undefined {
  if (isHotfix(release)) return undefined;
  return release.policy.freezes.find(
    ({ from, until, clusters }) =>
      Date.parse(from) <= now &&
      now < Date.parse(until) &&
      (clusters === undefined || (cluster !== undefined && clusters.includes(cluster))),
  );
}

type Hours = Extract<Gate, { type: "hours" }>;

const minute = 60_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  clocks.set(zone, clock);
  return clock;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Day (Monday is 1) and minute of the day as people in the zone see them. */
function localTime(zone: string, at: number): { day: number; minutes: number } {
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: weekdays.indexOf(parts.weekday ?? "") + 1,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

function minutesOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/**
 * Minutes since the window opened, by local clocks; undefined outside of it. A window whose end is not after its start
 * goes past midnight and belongs to the day it starts on.
 */
export function minutesOpen({ days, from, until, zone }: Hours, at: number): number | undefined {
  const { day, minutes } = localTime(zone, at);
  const [start, end] = [minutesOf(from), minutesOf(until)];
  const yesterday = day === 1 ? 7 : day - 1;
  if (start < end)
    return days.includes(day) && minutes >= start && minutes < end ? minutes - start : undefined;
  if (days.includes(day) && minutes >= start) return minutes - start;
  if (days.includes(yesterday) && minutes < end) return minutes - start + 24 * 60;
  return undefined;
}

/** When the window opens next, found minute by minute (hours first) so that changes of the clock need no rule. */
export function opensAt(gate: Hours, now: number): number {
  if (minutesOpen(gate, now) !== undefined) return now;
  const first = now - (now % minute) + minute;
  const week = 8 * 24 * 60;
  for (let i = 0; i < week; i += 15) {
    const open = minutesOpen(gate, first + i * minute);
    if (open === undefined) continue;
    return Math.max(first, first + i * minute - Math.min(open, 15) * minute);
  }
  return now + week * minute;
}

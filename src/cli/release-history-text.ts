import type { History } from "../platform/release/history.ts";
import type { Late } from "../platform/release/late.ts";
import { ago } from "../platform/release/view-time.ts";
import type { Evidence, Release } from "../release/index.ts";
import { counted } from "../util/counted.ts";
import { table } from "./output.ts";
import { type Painter, phaseText } from "./release-text.ts";

/** One release a line, the newest first. */
export function historyList(releases: readonly Release[], now: number, colour: Painter): string {
  if (releases.length === 0) return "there was no release yet\n";
  const rows = releases
    .toReversed()
    .map(({ id, title, phase, startedAt, startedBy, reason = "" }) => [
      id,
      title,
      phaseText(phase, colour),
      ago(now - Date.parse(startedAt)),
      startedBy,
      reason.length > 70 ? `${reason.slice(0, 69)}…` : reason,
    ]);
  return table(rows);
}

/** Everything about one release: what, by whom, why it ended so, and each step with its commit. */
export function historyText({ release, commits, late = [] }: History, colour: Painter): string {
  const { id, title, phase, startedBy, startedAt, base, source, reason, evidence } = release;
  const facts: [string, string][] = [
    ...release.origins.map(({ app, file, line }): [string, string] => [
      "released",
      `${app}  ${file}${line ? `:${line}` : ""}`,
    ]),
    ["started", `${time(startedAt)} by ${startedBy}`],
    ...(source ? [["declared", `at commit ${source}`] as [string, string]] : []),
    ["from", `fleet ${base}`],
    ["over", counted(Object.keys(release.clusters).length, "cluster")],
    ...(reason ? [["why", reason] as [string, string]] : []),
    ...(release.acknowledged
      ? [["seen", `${time(release.acknowledged.at)} by ${release.acknowledged.by}`] as [string, string]]
      : []),
  ];
  const head = `${colour("bold", title)}  ${phaseText(phase, colour)}  ${colour("dim", id)}\n`;
  const rows = facts.map(([label, text]) => `  ${colour("dim", label.padEnd(9))} ${text}\n`);
  const decided =
    evidence.length > 0
      ? `\n${colour("dim", "  decided by")}\n${evidence.map((one) => evidenceText(one, colour)).join("")}`
      : "";
  const since =
    late.length > 0
      ? `\n${colour("dim", "  was away, since then")}\n${table(late.map((one) => lateRow(one, colour)))}`
      : "";
  return `${head}${rows.join("")}${decided}${since}\n${colour("dim", "  steps")}\n${stepsText(release, commits, colour)}`;
}

function lateRow({ name, is, text }: Late, colour: Painter): string[] {
  return [is === "proven" ? colour("green", "✔") : colour("yellow", "!"), name, text];
}

function evidenceText({ what, cluster, query, value, limit, lines }: Evidence, colour: Painter): string {
  const said: [string, string | undefined][] = [
    ["asked", query],
    ["said", value],
    ["limit", limit],
  ];
  const head = `  ${colour("red", "✖")} ${colour("bold", what)}${cluster ? ` on ${cluster}` : ""}\n`;
  const rows = said.flatMap(([label, text]) =>
    text ? [`      ${colour("dim", label.padEnd(5))} ${text}\n`] : [],
  );
  return head + rows.join("") + lines.map((line) => `      ${colour("dim", "│")} ${line}\n`).join("");
}

function stepsText({ log, waves, reason }: Release, commits: History["commits"], colour: Painter): string {
  const rows = log.map(({ step, at, action, wave, clusters = [], by, why }) => [
    time(at),
    colour("dim", commits[step]?.slice(0, 8) ?? ""),
    action,
    wave === undefined ? "" : colour("dim", waves[wave]?.name ?? ""),
    clusters.length > 4 ? counted(clusters.length, "cluster") : clusters.join(", "),
    // The reason of the whole stands above already.
    [by && `by ${by}`, why === reason ? undefined : why].filter(Boolean).join(": "),
  ]);
  return table(rows);
}

function time(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
}

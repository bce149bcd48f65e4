import type { WantedName } from "../dns/wanted.ts";
import type { DnsReport } from "../platform/dns/round.ts";
import type { DnsEvent } from "../platform/dns/watch.ts";
import { counted } from "../util/counted.ts";
import { paint, table } from "./output.ts";

/** What a round came to, as people read it. */
export function eventText(event: DnsEvent): string {
  if (event.type === "standby") return `standing by: ${event.owner} keeps the records\n`;
  if (event.type === "failed") return `${paint("red", "✖")} ${event.why}\n`;
  return reportText(event);
}

/** Who answers each name. */
export function reportText({ names, problems, unseen }: DnsReport): string {
  const rows = names.map((name) => [
    paint(name.failed.length > 0 ? "yellow" : "green", name.failed.length > 0 ? "!" : "✔"),
    name.host,
    sharesText(name),
    name.failed.length > 0 ? `not well: ${name.failed.join(", ")}` : "",
  ]);
  const lost = problems.map(({ what, why, fix }) => `${paint("red", "✖")} ${what}\n  ${why}\n  fix ${fix}\n`);
  const silent = unseen.map(
    ({ cluster, why }) =>
      `${paint("yellow", "!")} ${cluster} was not asked, what was last seen of it counts: ${why}\n`,
  );
  return `${counted(names.length, "name")}\n${rows.length > 0 ? table(rows) : ""}${lost.join("")}${silent.join("")}`;
}

function sharesText({ shares }: WantedName): string {
  const all = shares.reduce((sum, { weight }) => sum + weight, 0);
  return shares.map(({ cluster, weight }) => `${cluster} ${Math.round((100 * weight) / all)} %`).join(", ");
}

/** Events of a process that does other things too: a line where something is new. */
export function dnsLog(json: boolean): (event: DnsEvent) => void {
  let last = "";
  return (event) => {
    const text = eventText(event);
    if (text !== last)
      process[json ? "stdout" : "stderr"].write(json ? `${JSON.stringify(inBrief(event))}\n` : text);
    last = text;
  };
}

/** `{"type":"dns","is":"round","names":12,…}`: an event without what each name was made of. */
function inBrief(event: DnsEvent): object {
  const { type: is, ...rest } = event;
  if (event.type !== "round") return { type: "dns", is, ...rest };
  const { names, clusters, unseen, problems, changed } = event;
  const failed = clusters.filter(({ healthy }) => !healthy).map(({ name }) => name);
  return { type: "dns", is, names: names.length, failed, unseen, problems, changed };
}

import { shown } from "../model/shown.ts";
import type { Applied } from "../platform/bulk/apply.ts";
import type { Edit } from "../platform/bulk/edits.ts";
import { valueText } from "../platform/bulk/message.ts";
import { counted } from "../util/counted.ts";
import { at, paint } from "./output.ts";
import { planText } from "./plan-text.ts";

interface Bulk extends Applied {
  apps: number;
  edits: Edit[];
  same: string[];
  without: { app: string; reason: string }[];
  ahead?: { app: string; from: string; to: string }[];
}

interface Told {
  what: string;
  dryRun: boolean;
  /** The values stand in the sources, and in no data file. */
  inPlace?: boolean;
}

const mostShown = 20;

/** A bulk change as one JSON document. */
export function bulkDocument({ edits, ...rest }: Bulk, { dryRun, inPlace }: Omit<Told, "what">): object {
  const changes = edits.map(({ app, scope, values }) => ({
    app,
    ...(!inPlace && { file: scope.file }),
    values,
  }));
  return { ...rest, changes, dryRun };
}

/** What comes after a bulk change. */
export function nextCommand(dir: string, dryRun: boolean): string {
  return dryRun ? `landfall check${at(dir)}` : `landfall build${at(dir)} --commit`;
}

/** A bulk change as people read it: what changes of which app, what does not and why, and how to undo it. */
export function bulkText(bulk: Bulk, { what, dryRun, inPlace }: Told): string {
  const { apps, files, commit, uncommitted, plan } = bulk;
  const lines = bulk.edits.flatMap(({ app, values, scope }) =>
    values.map(
      (value) =>
        `  ${paint("yellow", "~")} ${app}  ${valueText(value)}  ${paint("dim", inPlace ? "in place" : scope.file)}\n`,
    ),
  );
  const verb = dryRun ? "would change" : "changed";
  const head =
    apps === 0
      ? `nothing to do: ${what}\n`
      : `${paint("green", "✔")} ${what}: ${counted(apps, "app")} ${verb} in ${counted(files.length, "file")}\n`;
  const done = commit
    ? `committed as ${commit.slice(0, 10)} · undo: git revert --no-edit ${commit.slice(0, 10)}\n`
    : uncommitted
      ? `not committed: ${uncommitted}\n`
      : "";
  const listed =
    files.length > 0 && files.length <= mostShown ? files.map((file) => `  ${shown(file)}\n`) : [];
  return [
    ...few(lines, "change"),
    ...notes(bulk),
    ...(plan ? [`\n${planText(plan.changes)}\n`] : []),
    ...(bulk.unplanned ? [`${paint("dim", "no plan:")} ${bulk.unplanned}\n`] : []),
    head,
    ...listed,
    done,
  ].join("");
}

function few(lines: string[], thing: string): string[] {
  const rest = lines.length - mostShown;
  return rest > 0
    ? [...lines.slice(0, mostShown), `  and ${counted(rest, `more ${thing}`)}: --json has all\n`]
    : lines;
}

/** What stays as it is, and why. */
function notes({ same, without, kept, ahead = [] }: Bulk): string[] {
  const names = (apps: string[]) =>
    apps.length > 5 ? `${apps.slice(0, 5).join(", ")}, and ${apps.length - 5} more` : apps.join(", ");
  const newer = ahead.map(({ app, from, to }) => `  ${app}  ${to} is newer than ${from}\n`);
  const reasons = Map.groupBy(without, ({ reason }) => reason);
  const held = kept.map(
    ({ app, path, clusters, by }) =>
      `${paint("yellow", "!")} ${app} keeps its ${path} on ${names(clusters)}: ${by} says so\n`,
  );
  return [
    ...(same.length > 0
      ? [`${paint("dim", "=")} ${counted(same.length, "app")} as it is: ${names(same)}\n`]
      : []),
    ...(ahead.length > 0
      ? [
          `${paint("yellow", "!")} ${counted(ahead.length, "app")} left out, ahead there (--older takes it back):\n`,
        ]
      : []),
    ...few(newer, "app"),
    ...[...reasons].map(
      ([reason, apps]) =>
        `${paint("yellow", "!")} ${counted(apps.length, "app")} left out, ${reason}: ${names(apps.map(({ app }) => app))}\n`,
    ),
    ...few(held, "value"),
  ];
}

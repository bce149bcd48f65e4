import { relative } from "node:path";
import { placesIn } from "../../model/places.ts";
import type { Release } from "../../release/index.ts";
import type { Moves } from "./moves.ts";
import type { Wanted } from "./wanted.ts";
import { releasePolicy, releaseWaves } from "./waves.ts";

/** What a release is called, and who wants it. */
export interface Named {
  apps: readonly string[];
  version?: string | undefined;
  title?: string | undefined;
  company: string;
  /** Epoch milliseconds. */
  now: number;
}

export interface Asked extends Named {
  id: string;
  hotfix: boolean;
  /** E-mail address. */
  by: string;
  /** The declaration's commit. */
  source?: string | undefined;
  wanted: Wanted;
  moves: Moves;
  /** The fleet's head. */
  head: string;
}

/** From which priority on a release overtakes is the engine's to say; this is its hotfix. */
const hotfixPriority = 10;

/** `storefront 2.1.0` */
export function titleOf({ apps, version, title, company }: Named): string {
  if (title) return title;
  const names = apps.length > 3 ? `${apps.length} apps` : apps.join(", ");
  return [names || company, version].filter(Boolean).join(" ");
}

/** The title as a name that no other release has, by its day: `storefront-2-1-0-20261121`, then `…-2`. */
export function newId(named: Named, releases: readonly Release[]): string {
  const day = new Date(named.now).toISOString().slice(0, 10).replaceAll("-", "");
  const words = titleOf(named)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
  const base = `${words || "release"}-${day}`;
  const taken = new Set(releases.map(({ id }) => id));
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}

/** The release file as it is before the engine's first step. */
export function newRelease(asked: Asked): Release {
  const { id, by, source, head, wanted, hotfix, now, apps } = asked;
  const { moves, renamed } = asked.moves;
  const clusters = new Set(moves.flatMap((move) => move.clusters));
  const released = [...new Set(moves.map(({ bundle }) => bundle.replace(/^app-/, "")))];
  const at = new Date(now).toISOString();
  return {
    ...{ form: 1, id, title: titleOf(asked), startedBy: by, startedAt: at, base: head },
    ...(source !== undefined && { source }),
    origins: originsOf(wanted, apps.length > 0 ? apps : released),
    ...(wanted.changed.length > 0 && { changed: wanted.changed }),
    priority: hotfix ? hotfixPriority : 0,
    moves,
    ...(renamed.length > 0 && { renamed }),
    waves: releaseWaves(wanted.company, clusters),
    policy: releasePolicy(wanted.company, released, clusters),
    ...{ phase: "queued", wave: 0, step: 0 },
    clusters: Object.fromEntries([...clusters].sort().map((name) => [name, { state: "waiting", since: at }])),
    ...{ approvals: [], evidence: [], settled: false, log: [] },
  };
}

/** Where the declaration says what is released: in a data file, or at the app itself. */
function originsOf({ company, declaration, edits }: Wanted, apps: readonly string[]): Release["origins"] {
  const known = apps.filter((app) => Object.hasOwn(company.spec.apps, app));
  return known.map((app) => {
    const edit = edits.find((own) => own.app === app);
    const path = edit?.values[0]?.path.split(".") ?? [];
    const at = edit
      ? placesIn(`${declaration.dir}/${edit.scope.file}`)(["apps", app, ...path])
      : company.placeOn(app, undefined, []);
    const file = edit ? edit.scope.file : relative(declaration.dir, at.file);
    return { app, file, ...(at.line !== undefined && { line: at.line }) };
  });
}

import { Command } from "commander";
import type { Look } from "../platform/release/engine.ts";
import { openReleases } from "../platform/release/engine-open.ts";
import { whoAsks } from "../platform/release/engine-who.ts";
import { type Started, type StartOptions, startRelease } from "../platform/release/start.ts";
import { type ReleaseView, viewOf } from "../platform/release/view.ts";
import { questions } from "../release/index.ts";
import { counted } from "../util/counted.ts";
import { failure } from "../util/errors.ts";
import { confirm } from "./confirm.ts";
import { interruptible } from "./interrupt.ts";
import { paint, printNext, printResult, printWarnings } from "./output.ts";
import { isOpen, runAndShow } from "./release-follow.ts";
import { endedBadly, eventsText, inDir, type ReleaseOptions, withAsker } from "./release-options.ts";
import { printedRelease, releaseScreen } from "./release-screen.ts";
import { phaseText } from "./release-text.ts";

/** How a release is begun and followed, whatever it is of. */
export interface StartFlags {
  hotfix?: boolean;
  dryRun?: boolean;
  commit: boolean;
  follow: boolean;
  wait: boolean;
  yes?: boolean;
}

interface Options extends ReleaseOptions, StartFlags {
  version?: string;
  where?: string;
  unchecked?: boolean;
}

/** `landfall release start [app…]`: make a release, and move it until it is over. */
export function startCommand(): Command {
  const command = new Command("start")
    .description("release apps at a version, or whatever the declaration changes, wave by wave")
    .argument("[app...]", "the apps; without any, everything that differs from the fleet")
    .option("--version <version>", "a version of the apps' image, or one of their declared versions")
    .option("-w, --where <filter>", "on which clusters the values change: env=prod")
    .option("--unchecked", "take a version of the image although its registry cannot be reached");
  return withAsker(startFlags(command), eventsText).action(async (apps: string[], options: Options) => {
    const { dir, by, version, where, unchecked } = options;
    const signal = interruptible();
    const who = await whoAsks(dir, by);
    const wanted = { apps, version, where, who, ...(unchecked && { unchecked }) };
    await beginRelease(options, signal, (how) => startRelease(dir, { ...wanted, ...how }));
  });
}

export function startFlags(command: Command): Command {
  return command
    .option("--hotfix", "overtake other releases, and pass freezes")
    .option("-n, --dry-run", "check everything and show it, write nothing")
    .option("--no-commit", "do not commit the data files of the declaration")
    .option("--no-follow", "do not move it from here: an engine elsewhere does")
    .option("--no-wait", "end with exit code 4 when nothing but a person's approval is missing")
    .option("-y, --yes", "do not ask before it starts");
}

type How = Pick<StartOptions, "hotfix" | "commit" | "signal" | "say" | "dryRun">;

/** Ask, start, and move it until it is over, as the flags say. */
export async function beginRelease(
  options: ReleaseOptions & StartFlags,
  signal: AbortSignal,
  start: (how: How) => Promise<Started>,
): Promise<void> {
  const { json = false, hotfix = false, commit, dryRun = false } = options;
  const say = (line: string) => void (json || process.stderr.write(`· ${line}\n`));
  const how = { hotfix, commit, signal, say };
  // On a terminal it is shown before anything is written; elsewhere whoever runs it has decided.
  const terminal = process.stdin.isTTY && process.stderr.isTTY && !json;
  if (terminal && !options.yes && !dryRun) {
    process.stderr.write(startedText(await start({ ...how, dryRun: true })));
    await confirm("Start it?", { yes: false, json: false });
  }
  const started = await start({ ...how, dryRun });
  printWarnings(json, started.warnings);
  if (dryRun || !options.follow) return reportStarted(started, options);
  if (!json) process.stderr.write(startedText(started));
  await followIt(started, options, signal);
}

function startedText({ release, left }: Started): string {
  const waves = release.waves.map(({ name, clusters }) => `${name} (${counted(clusters.length, "cluster")})`);
  const rest =
    left.length > 0
      ? `  ${paint("dim", `${counted(left.length, "other change")} of the declaration not released by it`, process.stderr)}\n`
      : "";
  return `${paint("bold", release.title, process.stderr)}  ${waves.join(" → ")}  ${paint("dim", release.id, process.stderr)}\n${rest}`;
}

function reportStarted(
  started: Started,
  { dir, json = false, dryRun = false }: ReleaseOptions & StartFlags,
): void {
  const { release, commit, files, left } = started;
  const queued = viewOf(release, [release], undefined, Date.now());
  const view = dryRun ? { ...queued, waits: [] } : queued;
  printResult(json, { release: view, commit, files, left: left.length, dryRun }, () => printedRelease(view));
  if (dryRun) printNext(json, `landfall release start${inDir(dir)}`);
  else
    printNext(
      json,
      `landfall release run${inDir(dir)}`,
      `landfall release status ${release.id}${inDir(dir)}`,
    );
}

async function followIt(
  { release: { id } }: Started,
  options: ReleaseOptions & StartFlags,
  signal: AbortSignal,
): Promise<void> {
  const { dir, json = false, wait } = options;
  const open = await openReleases(dir);
  const chosen = (look: Look["releases"]) => look.filter((release) => release.id === id);
  const screen = releaseScreen(json, chosen);
  let last: Look | undefined;
  let why: "over" | "unreachable" | "approval" | undefined;
  try {
    await runAndShow(open, {
      ...{ screen, signal, metrics: !json },
      until: (look) => {
        last = look;
        why = endOf(look, id, wait);
        return why !== undefined;
      },
    });
  } finally {
    screen.end();
    open.clusters.close();
  }
  if (signal.aborted) throw interrupted(id, dir);
  const release = last?.releases.find((one) => one.id === id);
  if (!last || !release) return;
  const view = viewOf(release, last.releases, last.seen, Date.now(), { silence: open.clusters.silence });
  report(view, why, options);
}

/** The same command again would start another release. */
function interrupted(id: string, dir: string) {
  return failure("LF9003", {
    what: `interrupted; ${id} stands as it is in the fleet repo`,
    fix: `landfall release run${inDir(dir)} goes on with it, landfall release abort ${id}${inDir(dir)} ends it`,
  });
}

/** Why there is no more to follow from here. */
function endOf(look: Look, id: string, wait: boolean): "over" | "unreachable" | "approval" | undefined {
  const release = look.releases.find((one) => one.id === id);
  if (!release || !isOpen(release)) return "over";
  const { clusters } = questions([release], look.at);
  if (clusters.length > 0 && clusters.every((name) => look.seen.clusters[name] === undefined))
    return "unreachable";
  const { waits } = viewOf(release, look.releases, look.seen, look.at);
  const approval = waits.length > 0 && waits.every((text) => text.startsWith("approval "));
  return !wait && release.provenAt !== undefined && approval ? "approval" : undefined;
}

function report(
  view: ReleaseView,
  why: ReturnType<typeof endOf>,
  { dir, json = false }: ReleaseOptions,
): void {
  if (!json) process.stdout.write(printedRelease(view));
  if (why === "approval") {
    throw failure("LF4042", {
      what: `${view.title} waits for approval`,
      why: view.waits.join("; "),
      fix: `landfall release approve ${view.id}${inDir(dir)}; an engine then takes it on: landfall release run${inDir(dir)}`,
    });
  }
  if (view.phase !== "succeeded" && why === "over") {
    throw endedBadly(
      view,
      phaseText(view.phase, (_, text) => text),
    );
  }
  if (json) printResult(json, { release: view }, () => "");
  const elsewhere = `landfall release run${inDir(dir)}, where its clusters can be reached`;
  printNext(json, why === "unreachable" ? elsewhere : `landfall release history ${view.id}${inDir(dir)}`);
}

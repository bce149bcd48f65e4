import { Command } from "commander";
import { lookAround } from "../platform/release/engine.ts";
import { pickRelease } from "../platform/release/engine-command.ts";
import { openReleases } from "../platform/release/engine-open.ts";
import { historyOf } from "../platform/release/history.ts";
import { askLate } from "../platform/release/late.ts";
import { readFleet } from "../platform/release/store.ts";
import { viewOf } from "../platform/release/view.ts";
import { canaryMetrics } from "../platform/release/view-metrics.ts";
import { concerns, type Release } from "../release/index.ts";
import { isUnseenFailure } from "../release/order.ts";
import { interruptible } from "./interrupt.ts";
import { printNext, printResult, printWarnings } from "./output.ts";
import { personCommands } from "./release-commands.ts";
import { isOpen, openOnes, runAndShow, watchAndShow } from "./release-follow.ts";
import { historyList, historyText } from "./release-history-text.ts";
import { runOnHub } from "./release-hub.ts";
import { eventsText, inDir, type ReleaseOptions, withPlace } from "./release-options.ts";
import { type Chosen, printedRelease, releaseScreen } from "./release-screen.ts";
import { startCommand } from "./release-start.ts";
import { painter } from "./release-text.ts";

const name = "its id, the start of it, or an app's name";

/** `landfall release`: versions over clusters, wave by wave; without a verb, what moves now. */
export function releaseCommand(): Command {
  const command = new Command("release").description("move versions over clusters, wave by wave, and back");
  command.addCommand(startCommand());
  command.addCommand(watchCommand(), { isDefault: true });
  command.addCommand(statusCommand());
  command.addCommand(runCommand());
  for (const own of personCommands()) command.addCommand(own);
  command.addCommand(historyCommand());
  return command;
}

function watchCommand(): Command {
  return withPlace(
    new Command("watch").description("show what moves, live, until it is over (also: landfall release)"),
    eventsText,
  )
    .argument("[release]", `${name} (default: all that are not over)`)
    .action(async (id: string | undefined, { dir, json = false }: ReleaseOptions) => {
      const signal = interruptible();
      const open = await openReleases(dir);
      const chosen = choice(id);
      const screen = releaseScreen(json, chosen);
      let shown: string[] = [];
      try {
        await watchAndShow(open, {
          ...{ screen, signal, metrics: !json },
          until: (look) => {
            const releases = chosen(look.releases);
            const extras = { silence: open.clusters.silence };
            shown = releases.map((one) =>
              printedRelease(viewOf(one, look.releases, look.seen, look.at, extras)),
            );
            return !releases.some(isOpen);
          },
        });
      } finally {
        screen.end();
        open.clusters.close();
      }
      signal.throwIfAborted();
      printResult(json, {}, () => (shown.length > 0 ? shown.join("\n") : "there was no release yet\n"));
      printNext(
        json,
        shown.length > 0 ? `landfall release history${inDir(dir)}` : `landfall release start${inDir(dir)}`,
      );
    });
}

function choice(id: string | undefined): Chosen {
  return id === undefined ? openOnes : (releases) => [pickRelease(releases, id, "show")];
}

function statusCommand(): Command {
  return withPlace(new Command("status").description("show where releases stand, and what they wait for"))
    .argument("[release]", `${name} (default: all that are not over)`)
    .action(async (id: string | undefined, { dir, json = false }: ReleaseOptions) => {
      const open = await openReleases(dir);
      try {
        const look = await lookAround(open);
        const metrics = await canaryMetrics(open.clusters, look);
        const chosen = choice(id)(look.releases);
        const late = await Promise.all(
          chosen.map(async (one) => [one.id, await askLate(open, one, look.head)] as const),
        );
        const extras = { metrics, silence: open.clusters.silence, late: Object.fromEntries(late) };
        const views = chosen.map((release) => viewOf(release, look.releases, look.seen, look.at, extras));
        const problems = concerns(chosen, look.seen, look.at);
        printWarnings(
          json,
          problems.map((problem) => ({ ...problem, severity: "warning" })),
        );
        printResult(json, { releases: views, warnings: problems }, () =>
          views.length > 0 ? views.map(printedRelease).join("\n") : "there was no release yet\n",
        );
        printNext(json, ...nextOf(chosen, dir));
      } finally {
        open.clusters.close();
      }
    });
}

function nextOf(releases: readonly Release[], dir: string): string[] {
  const [first] = releases;
  if (!first) return [`landfall release start${inDir(dir)}`];
  return isOpen(first)
    ? [`landfall release run${inDir(dir)}`, `landfall release watch${inDir(dir)}`]
    : [`landfall release history ${first.id}${inDir(dir)}`];
}

interface RunOptions extends ReleaseOptions {
  once?: boolean;
  hub?: string;
}

function runCommand(): Command {
  return withPlace(
    new Command("run").description("run the engine: take every release on, step by step"),
    eventsText,
  )
    .option("--once", "do what can be done now, and end")
    .option("--hub <file>", "by the settings of the part release-engine, without a declaration")
    .action(async ({ dir, json = false, once = false, hub }: RunOptions) => {
      const signal = interruptible();
      if (hub !== undefined) return runOnHub(hub, { json, once, signal });
      const open = await openReleases(dir);
      const screen = releaseScreen(json, openOnes);
      let steps = 0;
      try {
        const counting = {
          ...screen,
          step: (step: Parameters<typeof screen.step>[0]) => {
            steps += 1;
            screen.step(step);
          },
        };
        await runAndShow(open, { screen: counting, signal, once, metrics: !json && !once });
      } finally {
        screen.end();
        open.clusters.close();
      }
      signal.throwIfAborted();
      printResult(json, { steps }, () => `${steps === 0 ? "nothing to do" : `${steps} steps taken`}\n`);
      printNext(json, `landfall release status${inDir(dir)}`);
    });
}

/** What failed and nobody has seen is read to be acknowledged. */
function afterHistory(release: Release, dir: string): string {
  if (!isUnseenFailure(release)) return `landfall release status${inDir(dir)}`;
  const restore = release.changed ? " --restore" : "";
  return `landfall release acknowledge ${release.id}${restore}${inDir(dir)}`;
}

function historyCommand(): Command {
  return withPlace(new Command("history").description("what was released, and why it ended as it did"))
    .argument("[release]", `${name} (default: list them all)`)
    .action(async (id: string | undefined, { dir, json = false }: ReleaseOptions) => {
      const open = await openReleases(dir);
      try {
        const { head, releases } = await readFleet(open.fleet);
        if (id === undefined) {
          printResult(json, { releases }, () => historyList(releases, Date.now(), painter()));
          printNext(json, `landfall release history <release>${inDir(dir)}`);
          return;
        }
        const release = pickRelease(releases, id, "show");
        const late = await askLate(open, release, head);
        const history = { ...(await historyOf(open.fleet, release)), late };
        printResult(json, history, () => historyText(history, painter()));
        printNext(json, afterHistory(release, dir));
      } finally {
        open.clusters.close();
      }
    });
}

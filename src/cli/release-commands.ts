import { Command } from "commander";
import { alertOf, sendAlert } from "../platform/release/alerts.ts";
import { commandRelease } from "../platform/release/engine-command.ts";
import { type OpenReleases, openReleases } from "../platform/release/engine-open.ts";
import { whoAsks } from "../platform/release/engine-who.ts";
import { viewOf } from "../platform/release/view.ts";
import type { Command as Asked, Release } from "../release/index.ts";
import { confirm } from "./confirm.ts";
import { paint, printNext, printResult } from "./output.ts";
import { inDir, type ReleaseOptions, withAsker } from "./release-options.ts";
import { acknowledgeAndRestore } from "./release-restore.ts";
import { phaseText } from "./release-text.ts";

interface Options extends ReleaseOptions {
  gate?: string;
  restore?: boolean;
  commit: boolean;
  yes?: boolean;
}

/** What a person says of a release that is there: each is one commit. */
const words: Record<Asked["kind"], { description: string; done: string; asks?: string }> = {
  approve: { description: "say yes to what waits for a person", done: "approved" },
  pause: { description: "tell no more clusters to move, until it is resumed", done: "paused" },
  resume: {
    description: "go on with a paused release, also without clusters that are away",
    done: "resumed",
  },
  abort: {
    description: "end it; by its policy what moved goes back to the last good version",
    done: "aborted",
    asks: "Abort it, and send what moved back?",
  },
  rollback: {
    description: "send every cluster back to the last good version, also after it succeeded",
    done: "goes back",
    asks: "Send every cluster of it back?",
  },
  acknowledge: {
    description: "say that you have seen why it failed: the next one may start",
    done: "acknowledged",
  },
};

export function personCommands(): Command[] {
  return (Object.keys(words) as Asked["kind"][]).map(personCommand);
}

function personCommand(kind: Asked["kind"]): Command {
  const { description, done, asks } = words[kind];
  const command = new Command(kind)
    .description(description)
    .argument("[release]", "its id, the start of it, or an app's name; needed where several may be meant");
  if (kind === "approve") command.option("--gate <name>", "which approval, where there are several");
  if (kind === "acknowledge")
    command
      .option("--restore", "and take back what it set in the data files, so that they say what runs")
      .option("--no-commit", "with --restore: do not commit the data files of the declaration");
  if (asks) command.option("-y, --yes", "do not ask");
  return withAsker(command).action(async (id: string | undefined, options: Options) => {
    const { dir, json = false, by, gate, yes = false } = options;
    const open = await openReleases(dir);
    try {
      if (options.restore)
        return await acknowledgeAndRestore(open, id, options, (release) => resolveAlert(open, release));
      const who = await whoAsks(open.dir, by);
      if (asks) await confirm(asks, { yes, json });
      const asked: Asked = kind === "approve" ? { kind, ...(gate && { gate }) } : { kind };
      const { action, commit } = await commandRelease(open.fleet, id, asked, who);
      const { release } = action;
      if (kind === "acknowledge") await resolveAlert(open, release);
      const view = viewOf(release, [release], undefined, Date.now());
      printResult(json, { release: view, commit }, () => doneText(release, done, who.email, commit));
      printNext(json, ...nextOf(kind, release, dir));
    } finally {
      open.clusters.close();
    }
  });
}

function doneText({ title, phase }: Release, done: string, by: string, commit: string): string {
  const state = phaseText(phase, (style, text) => paint(style, text));
  return `${paint("green", "✔")} ${title}: ${done} by ${by} · ${state} · ${commit.slice(0, 8)}\n`;
}

/** The alert ends now, not when it is no longer repeated. A sink that is away lets it end by itself. */
async function resolveAlert({ clusters }: OpenReleases, release: Release): Promise<void> {
  const names = Object.keys(release.clusters);
  await sendAlert(clusters, alertOf(release, Date.now(), false), names, () => undefined);
}

function nextOf(kind: Asked["kind"], { id, changed = [] }: Release, dir: string): string[] {
  const status = `landfall release status ${id}${inDir(dir)}`;
  const restore = `landfall release acknowledge ${id} --restore${inDir(dir)}`;
  if (kind === "acknowledge")
    return [...(changed.length > 0 ? [restore] : []), `landfall release start${inDir(dir)}`];
  return kind === "pause"
    ? [`landfall release resume ${id}${inDir(dir)}`, status]
    : [`landfall release run${inDir(dir)}`, status];
}

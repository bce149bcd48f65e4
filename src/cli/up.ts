import { Command, Option } from "commander";
import { rememberedDurations } from "../platform/durations.ts";
import { summarize } from "../platform/summary.ts";
import { runTasks } from "../platform/task.ts";
import { type UpContext, upTasks } from "../platform/up.ts";
import { failure } from "../util/errors.ts";
import { interruptible } from "./interrupt.ts";
import { at, printNext, printResult } from "./output.ts";
import { taskView } from "./task-view.ts";

interface Options {
  json?: boolean;
  mode: "auto" | "pods" | "simulated";
  bin?: string[];
  unsafeNoFsync?: boolean;
}

/** `landfall up`: a real Kubernetes on this machine with everything the declaration says. */
export function upCommand(): Command {
  return new Command("up")
    .description("bring the local clusters up with everything declared; run again to repair or update")
    .argument("[path]", "the declaration or its folder", ".")
    .addOption(
      new Option("--mode <mode>", "how pods run").choices(["auto", "pods", "simulated"]).default("auto"),
    )
    .option("--bin <name=path...>", "use this program instead of finding or building it")
    .addOption(new Option("--unsafe-no-fsync", "etcd does not wait for the disk (tests)").hideHelp())
    .option("--json", "events as NDJSON on stdout, the result last")
    .action(async (path: string, { json = false, mode, bin = [], unsafeNoFsync }: Options) => {
      const signal = interruptible();
      const cx: UpContext = {
        path,
        options: { mode, binaries: programsOf(bin), ...(unsafeNoFsync && { unsafeNoFsync }) },
        signal,
      };
      const view = taskView(json, upTasks);
      try {
        await runTasks(upTasks, cx, {
          onEvent: view.onEvent,
          signal,
          durations: rememberedDurations("up"),
        });
      } finally {
        view.end();
      }
      const summary = summarize(cx);
      printResult(json, summary.data, () => summary.text);
      printNext(
        json,
        `landfall status${at(path)}`,
        `edit the declaration, then landfall build${at(path)} --commit`,
        `landfall down${at(path)}`,
      );
    });
}

/** `kubelet=/opt/kubelet` → `{ kubelet: "/opt/kubelet" }` */
function programsOf(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw failure("LF9001", {
        what: `--bin takes name=path, not ${pair}`,
        fix: "for example --bin kubelet=/opt/kubelet",
      });
    }),
  );
}

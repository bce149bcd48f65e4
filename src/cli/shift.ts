import { Command } from "commander";
import { whoAsks } from "../platform/release/engine-who.ts";
import { shiftTraffic } from "../platform/release/shift.ts";
import { interruptible } from "./interrupt.ts";
import { eventsText, type ReleaseOptions, withAsker } from "./release-options.ts";
import { beginRelease, type StartFlags, startFlags } from "./release-start.ts";

interface Options extends ReleaseOptions, StartFlags {
  to: string;
  where?: string;
}

/** `landfall shift app 25% --to v2`: a share of an app's traffic to another app, as a release. */
export function shiftCommand(): Command {
  const command = new Command("shift")
    .description("give a share of an app's traffic to another app, wave by wave")
    .argument("<app>", "the app whose traffic it is")
    .argument("<share>", "how much of it: 25%")
    .requiredOption("--to <app>", "the app that answers it, or the end of its name: v2 for web-v2")
    .option("-w, --where <filter>", "on which clusters: env=prod");
  return withAsker(startFlags(command), eventsText).action(
    async (app: string, share: string, options: Options) => {
      const { dir, by, to, where } = options;
      const signal = interruptible();
      const who = await whoAsks(dir, by);
      await beginRelease(options, signal, (how) => shiftTraffic(dir, { app, share, to, where, who, ...how }));
    },
  );
}

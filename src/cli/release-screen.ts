import type { Look, Step } from "../platform/release/engine.ts";
import { type Extras, type ReleaseView, viewOf } from "../platform/release/view.ts";
import type { Release } from "../release/index.ts";
import type { Problem } from "../util/errors.ts";
import { liveScreen } from "./live-screen.ts";
import { paint } from "./output.ts";
import { type Painter, painter, releaseLines } from "./release-text.ts";

/** Shows releases while they move. */
export interface ReleaseScreen {
  look(look: Look, extras: Extras): void;
  step(step: Step): void;
  trouble(problem: Problem): void;
  end(): void;
}

/** Which of the fleet's releases are shown. */
export type Chosen = (releases: readonly Release[]) => readonly Release[];

/** NDJSON on stdout, a screen that is drawn again on a terminal, or a line for each change. */
export function releaseScreen(json: boolean, chosen: Chosen): ReleaseScreen {
  if (json) return jsonScreen(chosen);
  return process.stderr.isTTY ? terminalScreen(chosen) : plainScreen(chosen);
}

/** What a step did, as one event: `{"type":"step","release":…,"step":4,"action":"advance",…}`. */
export function stepEvent({ action, commit }: Step): object {
  const { id, log } = action.release;
  return { type: "step", release: id, commit, ...log.at(-1) };
}

function viewsAt(look: Look, chosen: Chosen, extras: Extras, now = look.at): ReleaseView[] {
  return chosen(look.releases).map((release) => viewOf(release, look.releases, look.seen, now, extras));
}

function jsonScreen(chosen: Chosen): ReleaseScreen {
  const emit = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
  let told = "";
  return {
    look: (look, extras) => {
      const releases = viewsAt(look, chosen, extras);
      const text = JSON.stringify(releases);
      if (text !== told) emit({ type: "look", at: new Date(look.at).toISOString(), releases });
      told = text;
    },
    step: (step) => emit(stepEvent(step)),
    trouble: (problem) => emit({ type: "trouble", problem }),
    end: () => undefined,
  };
}

/** How often clocks on the screen go on without a new look. */
const tickMs = 1000;

function terminalScreen(chosen: Chosen): ReleaseScreen {
  const screen = liveScreen(process.stderr);
  const colour = painter(process.stderr);
  let last: { look: Look; extras: Extras } | undefined;
  const draw = () => {
    if (!last) return;
    const now = Date.now();
    const views = viewsAt(last.look, chosen, last.extras, now);
    screen.draw(views.flatMap((view, i) => [...(i > 0 ? [""] : []), ...releaseLines(view, now, colour)]));
  };
  const timer = setInterval(draw, tickMs);
  return {
    look: (look, extras) => {
      last = { look, extras };
      draw();
    },
    step: () => undefined,
    trouble: (problem) => screen.print(troubleLine(problem, colour)),
    end: () => {
      clearInterval(timer);
      screen.end(false);
    },
  };
}

/** A line for each step, and for each change of what is waited for. */
function plainScreen(chosen: Chosen): ReleaseScreen {
  const colour = painter(process.stderr);
  const told = new Map<string, string>();
  const print = (line: string) => process.stderr.write(`${line}\n`);
  return {
    look: (look, extras) => {
      for (const view of viewsAt(look, chosen, extras)) {
        const text = view.waits.join("; ");
        if (text !== "" && told.get(view.id) !== text) print(`· ${view.title}: waits for ${text}`);
        told.set(view.id, text);
      }
    },
    step: (step) => print(stepLine(step, colour)),
    trouble: (problem) => print(troubleLine(problem, colour)),
    end: () => undefined,
  };
}

/** `17:02:11 advance eu-1, eu-2 (wave europe)`, with why where there is a reason. */
function stepLine({ action: { release } }: Step, colour: Painter): string {
  const { at, action, wave, clusters = [], why } = release.log.at(-1) ?? { at: "", action: "" };
  const names = clusters.length > 8 ? `${clusters.length} clusters` : clusters.join(", ");
  const place = wave === undefined ? "" : colour("dim", ` (wave ${release.waves[wave]?.name})`);
  return `${colour("dim", at.slice(11, 19))} ${release.title}: ${action}${names && ` ${names}`}${place}${why ? `: ${why}` : ""}`;
}

function troubleLine({ what, why }: Problem, colour: Painter): string {
  return `${colour("yellow", "!")} ${what}${why ? `: ${why.split("\n")[0]}` : ""}; trying again`;
}

/** One release on stdout, as it is at the end. */
export function printedRelease(view: ReleaseView): string {
  const colour: Painter = (style, text) => paint(style, text);
  return `${releaseLines(view, Date.now(), colour).join("\n")}\n`;
}

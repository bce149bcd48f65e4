import { Listr } from "listr2";
import type { Task, TaskEvent } from "../platform/task.ts";
import { paint } from "./output.ts";

/** Shows the tasks of a long command while they run. */
export interface TaskView {
  onEvent: (event: TaskEvent) => void;
  end: () => void;
}

/** NDJSON on stdout, a task tree on a terminal, or plain lines. */
export function taskView(json: boolean, tasks: Pick<Task<never>, "id" | "title">[]): TaskView {
  if (json)
    return { onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`), end: () => undefined };
  return process.stderr.isTTY ? treeView(tasks) : plainView();
}

/** `1:05`, or `0.4 s` below ten seconds. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

/** How far a task is in time, once it is worth saying. */
function clock({ ms, expectedMs }: TaskEvent): string {
  if (ms < 2000) return "";
  const about = expectedMs && expectedMs > ms ? ` of about ${formatDuration(expectedMs)}` : "";
  return ` (${formatDuration(ms)}${about})`;
}

/** A line of the tree. Events may come a moment before the tree has drawn its task. */
interface Line {
  line?: { output: string; title: string };
  event?: TaskEvent;
  ended: PromiseWithResolvers<void>;
}

/** Every task is shown from the start, so that one sees what will come. */
function treeView(tasks: Pick<Task<never>, "id" | "title">[]): TaskView {
  const width = Math.max(...tasks.map(({ title }) => title.length));
  const lines = new Map(
    tasks.map(({ id }): [string, Line] => [id, { ended: Promise.withResolvers<void>() }]),
  );
  const show = ({ line, event }: Line) => {
    if (!line || !event) return;
    if (event.state === "progress") line.output = `${event.text}${clock(event)}`;
    const took = paint("dim", formatDuration(event.ms), process.stderr);
    if (event.state === "done") line.title = `${event.title.padEnd(width)}  ${event.text}  ${took}`;
  };
  const tree = new Listr(
    tasks.map(({ id, title }) => ({
      title,
      task: (_: unknown, task: { output: string; title: string }) => {
        const line = lines.get(id) as Line;
        line.line = task;
        show(line);
        return line.ended.promise;
      },
    })),
    { rendererOptions: { collapseErrors: false, showErrorMessage: false }, registerSignalListeners: false },
  );
  // What failed is reported by the command, with its reason and fix.
  tree.run().catch(() => undefined);
  return {
    onEvent(event) {
      const line = lines.get(event.task);
      if (!line) return;
      line.event = event;
      show(line);
      if (event.state === "done") line.ended.resolve();
      if (event.state === "failed") line.ended.reject(new Error(event.text));
    },
    end() {
      for (const { ended } of lines.values()) {
        ended.promise.catch(() => undefined);
        ended.reject(new Error("not done"));
      }
    },
  };
}

const heartbeatMs = 1500;

/** A line for each change, and one every two seconds while nothing changes, so that no log looks dead. */
function plainView(): TaskView {
  let last: (TaskEvent & { at: number }) | undefined;
  let said = "";
  let printedAt = 0;
  const print = (line: string) => {
    printedAt = performance.now();
    process.stderr.write(`${line}\n`);
  };
  const timer = setInterval(() => {
    if (!last || last.state === "done" || performance.now() - printedAt < heartbeatMs) return;
    const ms = last.ms + performance.now() - last.at;
    print(`· ${last.title}: ${last.text || "working"}${clock({ ...last, ms })}`);
  }, 250);
  return {
    onEvent(event) {
      last = { ...event, at: performance.now() };
      if (event.state === "done")
        print(
          `${paint("green", "✔", process.stderr)} ${event.title}: ${event.text} ${paint("dim", `(${formatDuration(event.ms)})`, process.stderr)}`,
        );
      else if (event.state === "failed")
        print(`${paint("red", "✖", process.stderr)} ${event.title}: ${event.text}`);
      else if (event.state === "progress" && event.text !== said && performance.now() - printedAt > 500) {
        said = event.text;
        print(`· ${event.title}: ${event.text}${clock(event)}`);
      }
    },
    end: () => clearInterval(timer),
  };
}

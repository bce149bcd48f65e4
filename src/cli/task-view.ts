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

interface Handle {
  event: TaskEvent | undefined;
  set: (text: string) => void;
  done: (title: string) => void;
  fail: (error: Error) => void;
}

/** Every task is shown from the start, so that one sees what will come. */
function treeView(tasks: Pick<Task<never>, "id" | "title">[]): TaskView {
  const handles = new Map<string, Handle>();
  const list = new Listr(
    tasks.map(({ id, title }) => ({
      title,
      task: (_: unknown, task: { output: string; title: string }) =>
        new Promise<void>((resolve, reject) => {
          handles.set(id, {
            event: undefined,
            set: (text) => {
              task.output = text;
            },
            done: (text) => {
              task.title = text;
              resolve();
            },
            fail: reject,
          });
        }),
    })),
    {
      concurrent: true,
      exitOnError: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false, timer: undefined },
      registerSignalListeners: false,
    } as never,
  );
  const running = list.run().catch(() => undefined);
  const tick = setInterval(() => {
    for (const { event, set } of handles.values()) {
      if (event && event.state === "progress") set(`${event.text}${clock({ ...event, ms: event.ms + 0 })}`);
    }
  }, 1000);
  const width = Math.max(...tasks.map(({ title }) => title.length));
  return {
    onEvent(event) {
      const handle = handles.get(event.task);
      if (!handle) return;
      handle.event = event;
      if (event.state === "progress") handle.set(`${event.text}${clock(event)}`);
      if (event.state === "done")
        handle.done(
          `${event.title.padEnd(width)}  ${event.text}  ${paint("dim", formatDuration(event.ms), process.stderr)}`,
        );
      if (event.state === "failed") handle.fail(new Error(event.text));
    },
    end() {
      clearInterval(tick);
      for (const { fail } of handles.values()) fail(new Error("not done"));
      void running;
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

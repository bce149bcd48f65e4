import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { rememberedDurations } from "./durations.ts";
import { runTasks, type Task, type TaskEvent } from "./task.ts";

const home = process.env.LANDFALL_HOME;
afterEach(() => {
  if (home === undefined) delete process.env.LANDFALL_HOME;
  else process.env.LANDFALL_HOME = home;
});

function task(id: string, run: Task<string[]>["run"]): Task<string[]> {
  return { id, title: id.toUpperCase(), run };
}

test("tasks run in order, each tells its start, how far it is and its end", async () => {
  const events: TaskEvent[] = [];
  const seen: string[] = [];
  const tasks = [
    task("one", async (cx, say) => {
      say("half");
      cx.push("one");
      return "all of it";
    }),
    task("two", async (cx) => String(cx.push("two"))),
  ];
  await runTasks(tasks, seen, { onEvent: (event) => events.push(event) });
  expect(seen).toEqual(["one", "two"]);
  expect(events.map(({ task, title, state, text }) => [task, title, state, text])).toEqual([
    ["one", "ONE", "start", ""],
    ["one", "ONE", "progress", "half"],
    ["one", "ONE", "done", "all of it"],
    ["two", "TWO", "start", ""],
    ["two", "TWO", "done", "2"],
  ]);
});

test("the first failure ends the run; its first line is told and the error thrown", async () => {
  const events: TaskEvent[] = [];
  const error = new Error("no room\nmore");
  const tasks = [task("one", () => Promise.reject(error)), task("two", async (cx) => String(cx.push("two")))];
  const seen: string[] = [];
  await expect(runTasks(tasks, seen, { onEvent: (event) => events.push(event) })).rejects.toBe(error);
  expect(events.at(-1)).toMatchObject({ task: "one", state: "failed", text: "no room" });
  expect(seen).toEqual([]);
});

test("an interrupt is noticed before the next task", async () => {
  const interrupt = new AbortController();
  const seen: string[] = [];
  const tasks = [
    task("one", async () => {
      interrupt.abort(new Error("stop"));
      return "";
    }),
    task("two", async (cx) => String(cx.push("two"))),
  ];
  const run = runTasks(tasks, seen, { onEvent: () => undefined, signal: interrupt.signal });
  await expect(run).rejects.toThrow("stop");
  expect(seen).toEqual([]);
});

test("durations of finished tasks are told the next time, for each command apart", () =>
  inFolder({}, async (folder) => {
    process.env.LANDFALL_HOME = folder;
    const run = async (command: string) => {
      const events: TaskEvent[] = [];
      const durations = rememberedDurations(command);
      await runTasks([task("one", async () => "")], [], {
        onEvent: (event) => events.push(event),
        durations,
      });
      return events[0]?.expectedMs;
    };
    expect(await run("up")).toBeUndefined();
    expect(await run("up")).toBeTypeOf("number");
    expect(await run("down")).toBeUndefined();
  }));

test("durations that are damaged or cannot be kept stop nothing", () =>
  inFolder({ "durations.json": "{" }, async (folder) => {
    process.env.LANDFALL_HOME = folder;
    expect(rememberedDurations("up").of("one")).toBeUndefined();
    writeFileSync(join(folder, "file"), "");
    process.env.LANDFALL_HOME = join(folder, "file");
    expect(() => rememberedDurations("up").note("one", 5)).not.toThrow();
  }));

/** One app of many edited: a fresh `build`, and one that watches. Only that app's files may change. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Spread, spread } from "../measure.ts";
import { timingsOf } from "./cell.ts";
import { declareProgram, declareYaml, writeYamlApp } from "./declare.ts";
import { runOnce } from "./run.ts";
import { emptyHome, landfall } from "./tools.ts";
import { allApps } from "./work.ts";

export interface EditRow {
  form: "yaml" | "typescript";
  apps: number;
  place: string;
  mode: "fresh" | "watch";
  /** Milliseconds from the edit until the build has ended. */
  ms: Spread;
  /** Processor time of the build in a process of its own; while watching it is not told apart. */
  cpuMs?: number;
  /** The most files that one edit wrote or removed. */
  files: number;
  mib?: number;
  timings?: Record<string, number>;
}

export interface EditOptions {
  apps: number;
  place: string;
  base: string;
  runs: number;
}

interface BuildResult {
  folder: { written: number; removed: number };
}

type Form = EditRow["form"];

const limitMs = 300_000;

/** Edit number `i` of the declaration: one app gets another greatest number of pods. */
function edit(folder: string, form: Form, apps: number, i: number): void {
  if (form === "yaml") {
    const app = allApps(apps)[Math.floor(apps / 2)];
    if (app) writeYamlApp(folder, { ...app, max: app.max + 1 + i });
    return;
  }
  const file = join(folder, "landfall.config.ts");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/const edited = .*;/, `const edited = ${(i + 1) % 2};`));
}

/** Build once, then edit and build again in new processes. */
export async function editFresh(form: Form, options: EditOptions): Promise<EditRow> {
  return inFolder(form, options, async (folder, env) => {
    const build = landfall("build", folder, "--json");
    const {
      ms: results,
      files,
      timings,
    } = await repeatEdits(options.runs, async (i) => {
      edit(folder, form, options.apps, i);
      const result = await runOnce(build, { limitMs, env });
      if (result === "over") throw new Error("a build after an edit took too long");
      return { ms: result.ms, stdout: result.stdout };
    });
    edit(folder, form, options.apps, options.runs);
    const sampled = await runOnce(build, { limitMs, env, memory: true });
    const extra = sampled !== "over" && { cpuMs: sampled.cpuMs, ...(sampled.mib && { mib: sampled.mib }) };
    return { ...row(form, options, "fresh"), ms: results, files, timings, ...extra };
  });
}

/** Edit under `build --watch`, which prints a line of JSON for each build. */
export async function editWatched(form: Form, options: EditOptions): Promise<EditRow> {
  return inFolder(form, options, async (folder, env) => {
    const { command, args } = landfall("build", folder, "--watch", "--json");
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const builds = buildsOf(child);
      await builds.next();
      const measured = await repeatEdits(options.runs, async (i) => {
        const start = performance.now();
        edit(folder, form, options.apps, i);
        const stdout = await builds.next();
        const ms = performance.now() - start;
        // People pause; and the watcher must not owe its speed to edits that it takes together.
        await new Promise((next) => setTimeout(next, 300));
        return { ms, stdout };
      });
      return { ...row(form, options, "watch"), ...measured };
    } finally {
      child.kill("SIGINT");
      await new Promise((ended) => child.once("close", ended));
    }
  });
}

async function repeatEdits(
  runs: number,
  once: (i: number) => Promise<{ ms: number; stdout: string }>,
): Promise<{ ms: Spread; files: number; timings: Record<string, number> }> {
  const results: { ms: number; stdout: string }[] = [];
  for (let i = 0; i < runs; i++) results.push(await once(i));
  const files = results.map(({ stdout }) => changedFiles(stdout));
  if (files.includes(0)) throw new Error("an edit changed no file");
  return {
    ms: spread(results.map(({ ms }) => ms)),
    files: Math.max(...files),
    timings: timingsOf(results.at(-1)?.stdout ?? ""),
  };
}

function changedFiles(stdout: string): number {
  const { folder } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as BuildResult;
  return folder.written + folder.removed;
}

const row = (form: Form, { apps, place }: EditOptions, mode: EditRow["mode"]) => ({
  form,
  apps,
  place,
  mode,
});

/** A folder with the declaration, built once. */
async function inFolder<T>(
  form: Form,
  { apps, base }: EditOptions,
  work: (folder: string, env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const folder = join(base, `edit-${form}`);
  mkdirSync(folder, { recursive: true });
  try {
    if (form === "yaml") declareYaml(folder, apps);
    else declareProgram(folder, apps);
    const env = emptyHome(folder);
    await runOnce(landfall("build", folder, "--json"), { limitMs, env });
    return await work(folder, env);
  } finally {
    for (const path of [folder, `${folder}.home`]) rmSync(path, { recursive: true, force: true });
  }
}

/** The results a watching build prints, one after the other. */
function buildsOf(child: ChildProcess): { next(): Promise<string> } {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("`build --watch` ended");
      const event = JSON.parse(value) as { ok?: boolean; folder?: object };
      if (event.ok === false) throw new Error(value);
      if (event.folder) return value;
    }
  };
  return { next };
}

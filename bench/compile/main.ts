/**
 * `npm run bench -- compile [--only ID,…] [--apps N,…] [--runs N] [--limit SECONDS] [--keep]`: landfall and its peers
 * on the same work. IDs are those of the tools, and `edits`, `estate`, `profile`. A run that leaves something out is
 * printed and kept only with `--keep`.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "../measure.ts";
import { type Cell, measureCell } from "./cell.ts";
import { declareProgram } from "./declare.ts";
import { type EditRow, editFresh, editWatched } from "./edits.ts";
import { type EstateRow, measureEstate } from "./estate.ts";
import { kubeconform } from "./kubeconform.ts";
import { type HotFunction, profileBuild } from "./profile.ts";
import { proveEqual } from "./prove.ts";
import { disk, reportMarkdown, reportPlot, tmpfs } from "./report.ts";
import type { CompileResult } from "./result.ts";
import { findTools, type Tool } from "./tools.ts";

const say = (line: string) => process.stderr.write(`${line}\n`);

interface Settings {
  only: string[];
  sizes: number[];
  runs: number;
  limitMs: number;
  /** A folder on each file system. */
  places: { [tmpfs]: string; [disk]: string };
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: "" },
      apps: { type: "string", default: "200,1000,10000" },
      runs: { type: "string", default: "3" },
      limit: { type: "string", default: "120" },
      keep: { type: "boolean", default: false },
    },
  });
  const list = (text: string) => text.split(",").filter((item) => item !== "");
  const whole = values.only === "" && values.apps === "200,1000,10000";
  const places = { [tmpfs]: freshFolder("/dev/shm"), [disk]: freshFolder(tmpdir()) };
  process.once("exit", () => {
    for (const folder of Object.values(places)) rmSync(folder, { recursive: true, force: true });
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  const result = await measure({
    only: list(values.only),
    sizes: list(values.apps)
      .map(Number)
      .sort((a, b) => a - b),
    runs: Number(values.runs),
    limitMs: Number(values.limit) * 1000,
    places,
  });
  const text = reportMarkdown(result);
  console.log(text);
  if (whole || values.keep) keep(result, text);
}

/** A folder of our own; a machine without `/dev/shm` is told so by the error. */
function freshFolder(parent: string): string {
  statfsSync(parent);
  return mkdtempSync(join(parent, "landfall-compile-"));
}

function keep(result: CompileResult, text: string): void {
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "compile.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(folder, "compile.md"), text);
  writeFileSync(join(folder, "compile.svg"), reportPlot(result));
}

async function measure(settings: Settings): Promise<CompileResult> {
  const start = performance.now();
  const about = machine();
  const { only, limitMs, places } = settings;
  const wants = (section: string) => only.length === 0 || only.includes(section);
  say("finding landfall's peers");
  const sections = ["edits", "estate", "profile"];
  const tools = await findTools(only.filter((id) => !sections.includes(id)));
  const chosen = only.length > 0 && only.every((id) => sections.includes(id)) ? [] : tools;
  const validate = await kubeconform(join(places[tmpfs], "schemas"));
  say("comparing what they write");
  const proof =
    chosen.length > 0
      ? await proveEqual(chosen, places[tmpfs], validate)
      : { apps: 0, objects: 0, equal: [] };
  const cells = await measureCells(chosen, settings, validate);
  const edits = wants("edits") ? await measureEdits(settings) : [];
  const estate = wants("estate") ? await tellEstate(settings) : undefined;
  const profile = wants("profile") ? await measureProfile(settings) : [];
  return {
    machine: about,
    loadAfter: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    limitSeconds: limitMs / 1000,
    sizes: settings.sizes,
    minutes: Math.round((performance.now() - start) / 6000) / 10,
    proof,
    tools: chosen.map(({ id, title, version, ours, settings: how, checks }) => ({
      id,
      title,
      version,
      ours,
      settings: how,
      checks,
    })),
    cells,
    edits,
    estate,
    profile,
  };
}

/** Every size on tmpfs, then the largest on the disk for those that were not cut off. */
async function measureCells(
  tools: Tool[],
  { sizes, runs, limitMs, places }: Settings,
  validate: (out: string) => { command: string; args: string[] },
): Promise<Cell[]> {
  const largest = sizes.at(-1) ?? 0;
  const cells: Cell[] = [];
  for (const apps of sizes) {
    for (const tool of tools) {
      const top = apps === largest;
      const options = { place: tmpfs, base: places[tmpfs], runs, limitMs, memory: top };
      cells.push(tell(await measureCell(tool, apps, { ...options, ...(top && !tool.ours && { validate }) })));
    }
  }
  const finished = cells.filter(({ apps, ms }) => apps === largest && ms !== "over");
  for (const tool of tools.filter(({ id }) => finished.some((cell) => cell.tool === id))) {
    const options = { place: disk, base: places[disk], runs, limitMs, memory: false };
    cells.push(tell(await measureCell(tool, largest, options)));
  }
  return cells;
}

function tell(cell: Cell): Cell {
  const took = cell.ms === "over" ? "cut off" : `${cell.ms.median / 1000} s`;
  say(`${cell.tool}, ${cell.apps} apps on ${cell.place}: ${took}${cell.mib ? `, ${cell.mib} MiB` : ""}`);
  return cell;
}

async function measureEdits({ sizes, runs, places }: Settings): Promise<EditRow[]> {
  const apps = sizes.at(-1) ?? 0;
  const rows: EditRow[] = [];
  for (const place of [tmpfs, disk] as const) {
    for (const form of ["yaml", "typescript"] as const) {
      const options = { apps, place, base: places[place], runs: Math.max(5, runs) };
      rows.push(await editFresh(form, options));
      rows.push(await editWatched(form, options));
    }
  }
  for (const { form, place, mode, ms } of rows)
    say(`one edit, ${form}, ${mode} on ${place}: ${ms.median} ms`);
  return rows;
}

async function tellEstate({ places, sizes }: Settings): Promise<EstateRow> {
  const apps = sizes.at(-1) ?? 0;
  const row = await measureEstate({ apps, clusters: apps / 10, place: tmpfs, base: places[tmpfs] });
  for (const { step, seconds, mib } of row.steps) say(`estate, ${step}: ${seconds} s, ${mib} MiB`);
  return row;
}

async function measureProfile({ sizes, places }: Settings): Promise<HotFunction[]> {
  const folder = join(places[tmpfs], "profile");
  declareProgram(folder, sizes.at(-1) ?? 0);
  return profileBuild(folder);
}

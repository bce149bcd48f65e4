/** The result as people read it: Markdown with a plot. */
import type { Cell } from "./cell.ts";
import { type Line, plotSvg } from "./plot.ts";
import { type CompileResult, cellAt, medianOf } from "./result.ts";
import { targetRows } from "./targets.ts";

type Tool = CompileResult["tools"][number];

export const tmpfs = "tmpfs";
export const disk = "disk";

export function reportMarkdown(result: CompileResult): string {
  const sections = [
    "# compile",
    introduction(result),
    "![seconds over the number of apps](compile.svg)",
    "## Targets",
    markdownTable([["figure", "target", "measured", "met"], ...targetRows(result)]),
    ...(result.cells.length > 0 ? comparisons(result) : []),
    ...(result.edits.length > 0 ? ["## One app edited", edits(result)] : []),
    ...(result.estate ? ["## The estate", estate(result)] : []),
    ...(result.profile.length > 0 ? ["## Functions that run longest by themselves", hottest(result)] : []),
    "## How each is used",
    markdownTable([
      ["tool", "version", "settings", "checks by itself"],
      ...result.tools.map(({ title, version, settings, checks }) => [title, version, settings, checks]),
    ]),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function comparisons(result: CompileResult): string[] {
  return [
    "## The whole command, in seconds",
    comparison(result),
    "## Written to the disk",
    onDisk(result),
    "## Where landfall's time goes",
    parts(result),
  ];
}

function hottest(result: CompileResult): string {
  const how = `\`build\` of ${largest(result).toLocaleString("en")} apps by one program, under \`--cpu-prof\`.`;
  const rows = result.profile.map(({ at, ms, percent }) => [`\`${at}\``, String(ms), String(percent)]);
  return `${how}\n\n${markdownTable([["function", "ms", "%"], ...rows])}`;
}

function introduction(result: CompileResult): string {
  const { cpu, cores, memoryGiB, node, commit, date, loadBefore } = result.machine as Record<string, unknown>;
  return [
    "N apps of five objects each (Deployment, Service, ServiceAccount, HorizontalPodAutoscaler, NetworkPolicy) from",
    `their declaration to files. Before anything was timed, each tool's ${result.proof.objects} objects for ${result.proof.apps} apps were parsed and`,
    "compared with landfall's: equal, and kubeconform found all of them valid. Landfall starts with empty caches and",
    "also works out who calls whom, which peers are told.",
    `A command over ${result.limitSeconds} s is ended. Processor seconds are those of all its processes, at the largest number of apps; they\nsay more than the time where a machine is busy. Memory is the highest PSS of all processes, from a run of its own.`,
    `\n\n${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, ${date}; load before ${(loadBefore as number[]).join(" ")},`,
    `after ${result.loadAfter}; ${result.minutes} minutes in all.`,
  ]
    .join("\n")
    .replace("\n\n\n", "\n\n");
}

export function markdownTable([head = [], ...body]: string[][]): string {
  return [head, head.map(() => "---"), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

export const largest = (result: CompileResult): number => result.sizes.at(-1) ?? 0;

/** Three significant digits. */
export const figure = (value: number | undefined): string =>
  value === undefined ? "" : value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

function comparison(result: CompileResult): string {
  const sizes = result.sizes;
  const top = largest(result);
  const best = medianOf(cellAt(result, "landfall", top, tmpfs));
  const head = [
    "on tmpfs",
    ...sizes.map((apps) => `${apps.toLocaleString("en")} apps`),
    "growth 1,000 → 10,000",
    "processor s",
    "kubeconform",
    "with validation",
    "MiB (PSS)",
    "landfall is faster by",
    "with validation by",
  ];
  const rows = result.tools.map((tool) => {
    const cell = cellAt(result, tool.id, top, tmpfs);
    const [plain, validated] = [medianOf(cell), withValidation(tool, cell)];
    const ratio = (seconds: number | undefined) => {
      if (tool.ours || best === undefined || !cell) return "";
      return seconds === undefined
        ? `> ${figure(result.limitSeconds / best)} ×`
        : `${figure(seconds / best)} ×`;
    };
    return [
      tool.ours ? `**${tool.title}**` : tool.title,
      ...sizes.map((apps) => seconds(result, cellAt(result, tool.id, apps, tmpfs))),
      growth(result, tool, tmpfs),
      figure(cell?.cpu),
      tool.ours ? "built in" : figure(cell?.validate),
      figure(validated),
      cell?.mib === undefined ? "" : String(cell.mib),
      ratio(plain),
      ratio(validated),
    ];
  });
  return markdownTable([head, ...rows]);
}

function withValidation(tool: Tool, cell: Cell | undefined): number | undefined {
  const plain = medianOf(cell);
  if (tool.ours || plain === undefined) return plain;
  return cell?.validate === undefined ? undefined : plain + cell.validate;
}

function seconds(result: CompileResult, cell: Cell | undefined): string {
  return cell?.ms === "over" ? `> ${result.limitSeconds}` : figure(medianOf(cell));
}

function growth(result: CompileResult, tool: Tool, place: string): string {
  const [small, large] = [1000, 10_000].map((apps) => medianOf(cellAt(result, tool.id, apps, place)));
  return small && large ? `${figure(large / small)} ×` : "";
}

function onDisk(result: CompileResult): string {
  const top = largest(result);
  const rows = result.tools.flatMap((tool) => {
    const cell = cellAt(result, tool.id, top, disk);
    return cell ? [[tool.title, seconds(result, cell), cell.ms === "over" ? "" : String(cell.ms.runs)]] : [];
  });
  const why =
    "Tools that were cut off on tmpfs are left out. Creating a folder costs 0.1 to 0.4 ms on this disk, which is why one file an app and few folders matter more here than on tmpfs.";
  return `${why}\n\n${markdownTable([["tool", `${top.toLocaleString("en")} apps, s`, "runs"], ...rows])}`;
}

function parts(result: CompileResult): string {
  const cells = result.cells.filter(({ timings }) => timings && Object.keys(timings).length > 0);
  const steps = [...new Set(cells.flatMap(({ timings }) => Object.keys(timings ?? {})))];
  const titles = new Map(result.tools.map(({ id, title }) => [id, title]));
  return markdownTable([
    ["milliseconds", "apps", "on", ...steps, "whole command"],
    ...cells.map(({ tool, apps, place, timings, ms }) => [
      titles.get(tool) ?? tool,
      apps.toLocaleString("en"),
      place,
      ...steps.map((step) => figure(timings?.[step])),
      ms === "over" ? "" : figure(ms.median),
    ]),
  ]);
}

function edits(result: CompileResult): string {
  return markdownTable([
    [
      "form",
      "apps",
      "on",
      "mode",
      "min ms",
      "median ms",
      "max ms",
      "processor ms",
      "files changed",
      "MiB (PSS)",
    ],
    ...result.edits.map(({ form, apps, place, mode, ms, cpuMs, files, mib }) => [
      form,
      apps.toLocaleString("en"),
      place,
      mode,
      ...[ms.min, ms.median, ms.max].map(figure),
      figure(cpuMs),
      String(files),
      mib === undefined ? "" : String(mib),
    ]),
  ]);
}

function estate({ estate: found }: CompileResult): string {
  if (!found) return "";
  return markdownTable([
    [
      `${found.apps.toLocaleString("en")} apps, ${found.clusters.toLocaleString("en")} clusters, ${found.place}`,
      "s",
      "processor s",
      "MiB (PSS)",
      "steps, ms",
    ],
    ...found.steps.map(({ step, seconds: took, cpu, mib, timings }) => [
      step,
      figure(took),
      figure(cpu),
      String(mib),
      Object.entries(timings)
        .map(([name, ms]) => `${name} ${figure(ms)}`)
        .join(", "),
    ]),
  ]);
}

/** The plot of the run on tmpfs. */
export function reportPlot(result: CompileResult): string {
  const lines = result.tools.flatMap((tool): Line[] => {
    const points: [number, number][] = [];
    let over: [number, number] | undefined;
    for (const apps of result.sizes) {
      const cell = cellAt(result, tool.id, apps, tmpfs);
      const median = medianOf(cell);
      if (median !== undefined) points.push([apps, median]);
      else if (cell && !over) over = [apps, result.limitSeconds];
    }
    return points.length > 0 ? [{ title: tool.title, ours: tool.ours, points, ...(over && { over }) }] : [];
  });
  return plotSvg(
    lines,
    "From declaration to files: seconds over apps",
    "Whole command on tmpfs; landfall validates every object, peers do not.",
  );
}

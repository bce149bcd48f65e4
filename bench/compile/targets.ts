/** The numbers beside the measured ones. */
import { type CompileResult, cellAt, medianOf } from "./result.ts";

interface Target {
  figure: string;
  target: string;
  measured: string;
  met: boolean;
}

/** Rows of `figure | target | measured | met`; a figure that this run has not measured gives no row. */
export function targetRows(result: CompileResult): string[][] {
  return targets(result).map(({ figure, target, measured, met }) => [
    figure,
    target,
    measured,
    met ? "yes" : "**no**",
  ]);
}

const tmpfs = "tmpfs";
const rounded = (value: number) => Number(value.toPrecision(3));

function targets(result: CompileResult): Target[] {
  return [...cold(result), ...peers(result), ...edited(result), ...estates(result)];
}

/** A figure that must not be above its limit. */
function atMost(figure: string, limit: number, unit: string, value: number | undefined): Target[] {
  if (value === undefined) return [];
  return [
    { figure, target: `≤ ${limit} ${unit}`, measured: `${rounded(value)} ${unit}`, met: value <= limit },
  ];
}

function cold(result: CompileResult): Target[] {
  return [
    ["landfall", "one program"],
    ["landfall-yaml", "a YAML file an app"],
  ].flatMap(([tool = "", form]) => {
    const small = medianOf(cellAt(result, tool, 1000, tmpfs));
    const cell = cellAt(result, tool, 10_000, tmpfs);
    const large = medianOf(cell);
    return [
      ...atMost(`10,000 apps cold, ${form}`, 3, "s", large),
      ...atMost(`its memory, ${form}`, 300, "MiB (PSS)", cell?.mib),
      ...atMost(`growth from 1,000 apps, ${form}`, 11, "×", small && large ? large / small : undefined),
    ];
  });
}

function peers(result: CompileResult): Target[] {
  const ours = medianOf(cellAt(result, "landfall", 10_000, tmpfs));
  const finished = result.tools
    .filter((tool) => !tool.ours)
    .flatMap(({ id, title }) => {
      const seconds = medianOf(cellAt(result, id, 10_000, tmpfs));
      return seconds === undefined ? [] : [{ title, seconds }];
    })
    .sort((a, b) => a.seconds - b.seconds);
  const [fastest] = finished;
  if (ours === undefined || !fastest) return [];
  return [
    {
      figure: "faster than every peer that finishes 10,000 apps",
      target: "> 1 ×",
      measured: `${rounded(fastest.seconds / ours)} × (${fastest.title}, which checks nothing)`,
      met: fastest.seconds > ours,
    },
  ];
}

function edited(result: CompileResult): Target[] {
  const limits = { yaml: { fresh: 400, watch: 50 }, typescript: { fresh: 1500, watch: 1500 } };
  return result.edits
    .filter(({ place, form, mode }) => place === tmpfs && !(form === "typescript" && mode === "watch"))
    .flatMap(({ form, mode, apps, ms }) =>
      atMost(
        `one app of ${apps.toLocaleString("en")} edited, ${form}, ${mode === "fresh" ? "a fresh process" : "watching"}`,
        limits[form][mode],
        "ms",
        ms.median,
      ),
    );
}

function estates({ estate }: CompileResult): Target[] {
  if (!estate) return [];
  const both = estate.steps.filter(({ step }) => step === "build" || step === "plan, everything new");
  const size = `${estate.apps.toLocaleString("en")} apps × ${estate.clusters.toLocaleString("en")} clusters`;
  return [
    ...atMost(
      `${size}: build and plan`,
      60,
      "s",
      both.reduce((sum, { seconds }) => sum + seconds, 0),
    ),
    ...atMost(`${size}: memory`, 4096, "MiB (PSS)", Math.max(...both.map(({ mib }) => mib))),
  ];
}

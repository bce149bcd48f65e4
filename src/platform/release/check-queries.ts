import { spawn } from "node:child_process";
import { findBinary } from "../../embedded/binaries/find.ts";
import type { Company } from "../../model/parse.ts";
import { LandfallError, type Problem, problem } from "../../util/errors.ts";
import { toYaml } from "../../util/yaml.ts";

/**
 * Have promtool judge the queries of the gates, which also knows what functions take. It is never built for this: where
 * it is neither on PATH nor in the cache, that is told.
 */
export async function queryProblems(
  { spec, declaration }: Company,
  signal?: AbortSignal,
): Promise<Problem[]> {
  const queries = spec.waves.flatMap(({ name, gates }, i) =>
    gates.flatMap((gate, j) =>
      "promql" in gate ? [{ wave: name, query: gate.promql, path: ["waves", i, "gates", j, "promql"] }] : [],
    ),
  );
  if (queries.length === 0) return [];
  const promtool = await promtoolPath(signal);
  if (promtool === undefined) return [unjudged(queries.length)];
  const faults = await Promise.all(queries.map(({ query }) => faultOf(promtool, query)));
  return queries.flatMap(({ wave, path }, i) =>
    faults[i] === undefined
      ? []
      : [
          problem("LF1025", {
            what: `a query of the wave ${wave} cannot be read`,
            why: faults[i],
            fix: "try it in Prometheus, then write it as it is there",
            where: declaration.place(path),
          }),
        ],
  );
}

async function promtoolPath(signal?: AbortSignal): Promise<string | undefined> {
  try {
    return (await findBinary("promtool", { download: false, build: false, ...(signal && { signal }) })).path;
  } catch (error) {
    if (error instanceof LandfallError) return undefined;
    throw error;
  }
}

function unjudged(count: number): Problem {
  return {
    ...problem("LF1025", {
      what: `${count === 1 ? "a query" : `${count} queries`} of gates could not be judged by promtool`,
      why: "it is neither on PATH nor in the cache; only the form was checked",
      fix: "put Prometheus' promtool on PATH",
    }),
    severity: "info",
  };
}

/** What promtool says against a query; undefined when it is right. */
async function faultOf(promtool: string, expr: string): Promise<string | undefined> {
  const rules = toYaml({ groups: [{ name: "gate", rules: [{ record: "gate:query", expr }] }] });
  const { code, text } = await judged(promtool, ["check", "rules", "--lint=none"], rules);
  if (code === 0) return undefined;
  const [, said] = /could not parse expression: (.*)/.exec(text) ?? [];
  return said ?? text.trim().split("\n").at(-1) ?? "promtool refuses it";
}

function judged(command: string, args: string[], input: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 30_000, env: { PATH: process.env.PATH } });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => {
        text += part.toString("utf8");
      });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text }));
    child.stdin.end(input);
  });
}

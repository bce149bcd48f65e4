import { forEachOf } from "../../embedded/delivery/parallel.ts";
import type { Gate } from "../../release/gate.ts";
import type { GateSeen } from "../../release/observed.ts";
import type { Release } from "../../release/release.ts";
import { LandfallError, messageOf } from "../../util/errors.ts";
import { burnRateQuery } from "./gates-burn.ts";
import { askHttp } from "./gates-http.ts";
import { type Judgement, judge, type Limits } from "./gates-limits.ts";
import { queryMetrics } from "./gates-query.ts";
import type { Clusters } from "./observe.ts";

/** A gate that the engine wants to know of. */
export interface GateQuestion {
  release: string;
  wave: number;
  gate: Gate;
  /** The release's step when it is asked; the answer carries it. */
  step: number;
  clusters: readonly string[];
}

const width = 16;

/** The answers: one for each cluster of a question about metrics, one for a question to another system. */
export async function askGates(
  questions: readonly GateQuestion[],
  releases: readonly Release[],
  clusters: Pick<Clusters, "ask">,
): Promise<GateSeen[]> {
  const seen: GateSeen[] = [];
  await forEachOf(questions.flatMap(oneByOne), width, async ({ question, cluster }) => {
    const { release: id, wave, gate, step } = question;
    const release = releases.find((one) => one.id === id);
    if (!release) return;
    const query = queryOf(gate, release);
    const judgement =
      gate.type === "http"
        ? await askHttp(gate.url)
        : await askMetrics(clusters, cluster, query, limitsOf(gate));
    seen.push({ release: id, wave, gate: gate.id, step, cluster, query, ...judgement });
  });
  return seen;
}

function oneByOne(question: GateQuestion): { question: GateQuestion; cluster: string | undefined }[] {
  const { type } = question.gate;
  if (type === "http") return [{ question, cluster: undefined }];
  if (type !== "promql" && type !== "burnRate") return [];
  return question.clusters.map((cluster) => ({ question, cluster }));
}

function queryOf(gate: Gate, release: Release): string | undefined {
  if (gate.type === "promql") return gate.query;
  if (gate.type === "burnRate") return burnRateQuery(release, gate.window);
  return gate.type === "http" ? gate.url : undefined;
}

function limitsOf(gate: Gate): Limits {
  if (gate.type === "promql") return { min: gate.min, max: gate.max };
  return gate.type === "burnRate" ? { max: gate.max } : {};
}

/** A cluster or a store that does not answer, and a query it refuses, are no data. */
async function askMetrics(
  clusters: Pick<Clusters, "ask">,
  name: string | undefined,
  query: string | undefined,
  limits: Limits,
): Promise<Judgement> {
  try {
    const ask = (client: Parameters<typeof queryMetrics>[0], cluster: Parameters<typeof queryMetrics>[1]) =>
      queryMetrics(client, cluster, query ?? "");
    return judge(await clusters.ask(name ?? "", ask), limits);
  } catch (error) {
    const first = error instanceof LandfallError ? error.problems[0] : undefined;
    const value = first?.why ?? first?.what ?? messageOf(error);
    return { ...judge([], limits), value: `no data: ${value}` };
  }
}

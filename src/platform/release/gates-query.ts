import type { ClusterClient } from "../../cluster/client.ts";
import { failure, type LandfallError, messageOf } from "../../util/errors.ts";
import { proxyPath } from "../scrape-health.ts";
import type { Sample } from "./gates-limits.ts";
import type { ReachableCluster } from "./observe.ts";

const timeoutMs = 8_000;

interface Answer {
  status: "success" | "error";
  errorType?: string;
  error?: string;
  data?:
    | { resultType: "vector"; result: { metric: Record<string, string>; value: [number, string] }[] }
    | { resultType: "scalar"; result: [number, string] }
    | { resultType: "matrix" | "string"; result: unknown };
}

/**
 * An instant query to a cluster's own metrics store. Throws LF6003 when there is none, or it does not answer with
 * values. Errors of the cluster itself are LF6001.
 */
export async function queryMetrics(
  client: ClusterClient,
  cluster: Pick<ReachableCluster, "name" | "metricsUrl">,
  query: string,
): Promise<Sample[]> {
  if (cluster.metricsUrl === undefined) throw noAnswer(cluster.name, "it has no metrics store");
  const path = `/api/v1/query?${new URLSearchParams({ query, timeout: `${timeoutMs}ms` })}`;
  const { status, text } = await send(client, cluster.metricsUrl, path);
  const answer = parse(text);
  if (answer?.status === "success" && answer.data) {
    const samples = samplesOf(answer.data);
    if (samples) return samples;
    throw noAnswer(cluster.name, `the query gives a ${answer.data.resultType}, not values of now`);
  }
  throw noAnswer(cluster.name, answer?.error ?? `it answers ${status}: ${text.slice(0, 200)}`);
}

/**
 * GET, or POST of a body, to a service of a cluster: through the API server's proxy where the address is a Service's,
 * else directly. Any status is an answer.
 */
export async function send(
  client: ClusterClient,
  url: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const proxy = proxyPath(url);
  if (proxy) return client.raw(`${proxy}${path}`, { timeoutMs, ...(body !== undefined && { body }) });
  const post = body !== undefined && {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  };
  try {
    const answer = await fetch(new URL(path, url), {
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      ...post,
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    throw noAnswer(new URL(url).host, causeOf(error), error);
  }
}

/** `fetch` says "fetch failed", and why only in the cause. */
export function causeOf(error: unknown): string {
  const { cause, name } = error as { cause?: unknown; name?: string };
  if (name === "TimeoutError") return "no answer in time";
  return cause === undefined ? messageOf(error) : messageOf(cause);
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}

function samplesOf(data: NonNullable<Answer["data"]>): Sample[] | undefined {
  if (data.resultType === "scalar") return [{ labels: {}, value: numberOf((data.result as string[])[1]) }];
  if (data.resultType !== "vector") return undefined;
  const vector = data.result as { metric: Record<string, string>; value: [number, string] }[];
  return vector.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
}

/** Prometheus writes `+Inf`, `-Inf` and `NaN`. */
function numberOf(text: string | undefined): number {
  return Number(text?.replace("Inf", "Infinity"));
}

function noAnswer(name: string, why: string, cause?: unknown): LandfallError {
  return failure(
    "LF6003",
    {
      what: `the metrics of ${name} cannot be read`,
      why,
      fix: "look whether its metrics store runs: landfall status",
    },
    cause,
  );
}

import type { Judgement } from "./gates-limits.ts";
import { causeOf } from "./gates-query.ts";

const timeoutMs = 10_000;
const limit = "HTTP 2xx";
/** Refusals that only mean: not now. */
const later = new Set([408, 425, 429]);

/**
 * Ask another system whether a release may go on: 2xx says yes, a 4xx says no, and anything else (no answer, a server's
 * error, "too many requests", a redirect, which is not followed) is no answer yet.
 */
export async function askHttp(url: string): Promise<Judgement> {
  try {
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { "User-Agent": "landfall" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    return { result: resultOf(answer.status), value: `HTTP ${answer.status}`, limit };
  } catch (error) {
    return { result: "waits", value: causeOf(error), limit };
  }
}

function resultOf(status: number): Judgement["result"] {
  if (status >= 200 && status < 300) return "holds";
  return status >= 400 && status < 500 && !later.has(status) ? "fails" : "waits";
}

import { createInterface } from "node:readline";
import { refused } from "./errors.ts";
import { queryOf } from "./resources.ts";
import { readText, type Transport } from "./transport.ts";
import type { LogOptions, PodRef } from "./types.ts";

/** A container's log so far. Errors: LF6001, LF6002 (no such pod, container not started). */
export async function readLogs(transport: Transport, pod: PodRef, options: LogOptions): Promise<string> {
  const { status, text } = await transport.send({ method: "GET", path: logPath(pod, options, false) });
  if (status !== 200) throw refused(`read the log of pod ${pod.namespace}/${pod.name}`, status, text);
  return text;
}

/** A container's log line by line as it grows; resolves when the container or the signal ends it. */
export async function followLogs(
  transport: Transport,
  pod: PodRef,
  options: LogOptions,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = logPath(pod, options, true);
  const response = await transport.stream({ method: "GET", path, signal });
  if (response.statusCode !== 200) {
    const doing = `follow the log of pod ${pod.namespace}/${pod.name}`;
    throw refused(doing, response.statusCode ?? 0, await readText(response));
  }
  response.on("error", () => {});
  for await (const line of createInterface({ input: response })) onLine(line);
}

function logPath(pod: PodRef, options: LogOptions, follow: boolean): string {
  const query = {
    container: pod.container,
    follow: follow || undefined,
    tailLines: options.tail,
    sinceSeconds: options.sinceSeconds,
    previous: options.previous,
  };
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  return path + queryOf(query);
}

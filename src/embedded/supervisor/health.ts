import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { run } from "../machine/run.ts";
import type { HealthCheck } from "./process-spec.ts";

const timeoutMs = 3000;

type Tls = NonNullable<Extract<HealthCheck, { kind: "http" }>["tls"]>;

/** Agents keep connections open: a TLS handshake a second for each process would cost more than the checks. */
const agents = new Map<string, Agent>();

/** Forget connections and certificates, after new certificates were issued. */
export function resetHealthAgents(): void {
  for (const agent of agents.values()) agent.destroy();
  agents.clear();
}

function agentFor(tls: Tls): Agent {
  const key = JSON.stringify(tls);
  const known = agents.get(key);
  if (known) return known;
  const read = (path?: string) => (path === undefined ? undefined : readFileSync(path));
  const agent = new Agent({
    keepAlive: true,
    ca: read(tls.ca),
    cert: read(tls.cert),
    key: read(tls.key),
    rejectUnauthorized: !tls.insecure,
  });
  agents.set(key, agent);
  return agent;
}

/** Ask a URL; undefined when it answers 2xx, or else why it is not healthy. */
async function askHttp(url: string, tls: Tls = {}): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const options = { timeout: timeoutMs };
    const request = url.startsWith("https:")
      ? httpsRequest(url, { ...options, agent: agentFor(tls) })
      : httpRequest(url, options);
    request.on("response", (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300 ? undefined : `${url} answers ${status}`);
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", (error) => resolve(`${url}: ${error.message}`));
    request.end();
  });
}

async function askTcp(host: string, port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end(`${host}:${port} does not answer`));
    socket.once("error", (error) => end(`${host}:${port}: ${error.message}`));
  });
}

/** Ask once. Undefined means healthy, a text says in one line why not. Never throws. */
export async function checkHealth(
  check: HealthCheck,
  wrap = (c: string[]) => c,
): Promise<string | undefined> {
  try {
    switch (check.kind) {
      case "alive":
        return undefined;
      case "http":
        return await askHttp(check.url, check.tls);
      case "tcp":
        return await askTcp(check.host, check.port);
      case "exec": {
        const [command = "", ...args] = wrap([check.command, ...check.args]);
        const result = await run(command, args, { timeoutMs });
        return result.code === 0 ? undefined : (result.stderr.trim().split("\n").at(-1) ?? "it failed");
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** One HTTP connection pool to one API server: JSON in, text out, a time limit on everything. */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { LandfallError } from "../util/errors.ts";
import { unreachable } from "./errors.ts";
import type { Access } from "./kubeconfig.ts";
import { type PluginAuth, pluginAuth } from "./plugin-auth.ts";

/** How often an answer of "come again" is followed before it is handed on. */
const maxRetries = 8;

export interface Request {
  method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE";
  /** Path with query. */
  path: string;
  body?: unknown;
  contentType?: string;
  /** Until the whole answer is there (or, of a stream, its head), in milliseconds. @default 30000 */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Response {
  status: number;
  text: string;
}

export interface Transport {
  access: Access;
  send(request: Request): Promise<Response>;
  /** Answers as soon as the head is there; the caller reads the body and must end it. */
  stream(request: Request): Promise<http.IncomingMessage>;
  close(): void;
}

/** Open a pool. Nothing is sent until the first request. Requests throw LF6001 when no answer comes. */
export function openTransport(access: Access): Transport {
  const secure = access.server.startsWith("https:");
  const pool = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: 32, maxFreeSockets: 8 };
  const agent = secure ? new https.Agent({ ...pool, ...access.tls }) : new http.Agent(pool);
  const closed = new AbortController();
  let plugin: Promise<() => Promise<PluginAuth>> | undefined;

  const login = async (): Promise<{ agent: http.Agent; headers: Record<string, string> }> => {
    if (access.plugin) {
      plugin ??= pluginAuth(access);
      return (await plugin)();
    }
    const token = access.tokenFile && `Bearer ${readFileSync(access.tokenFile, "utf8").trim()}`;
    const authorization = token || access.authorization;
    return { agent, headers: authorization ? { Authorization: authorization } : {} };
  };

  const open = async (request: Request, deadline: Deadline): Promise<http.IncomingMessage> => {
    const auth = await login();
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const options = {
      method: request.method,
      agent: auth.agent,
      headers: { ...auth.headers, ...headersFor(request, payload) },
      signal: deadline.signal,
    };
    return exchange(secure ? https : http, `${access.server}${request.path}`, options, payload);
  };

  const guarded = async <T>(request: Request, work: (deadline: Deadline) => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      const deadline = startDeadline(request);
      try {
        return await work(deadline);
      } catch (error) {
        // A kept connection that the server had closed meanwhile says nothing about the server.
        if (attempt > 0 || !isStale(error)) throw explain(access, request, deadline, error);
      } finally {
        deadline.clear();
      }
    }
  };

  return {
    access,
    send: async (request) => {
      for (let attempt = 0; ; attempt++) {
        const answer = await guarded(request, async (deadline) => {
          const response = await open(request, deadline);
          const text = await readText(response);
          return { status: response.statusCode ?? 0, text, wait: waitBefore(response) };
        });
        if (answer.wait === undefined || attempt === maxRetries || closed.signal.aborted)
          return { status: answer.status, text: answer.text };
        const signal = request.signal ? AbortSignal.any([closed.signal, request.signal]) : closed.signal;
        await sleep(answer.wait, undefined, { signal }).catch(() => {});
      }
    },
    stream: (request) => guarded(request, (deadline) => open(request, deadline)),
    close: () => {
      closed.abort();
      agent.destroy();
    },
  };
}

/**
 * Milliseconds to wait when the server asks to come again: it is overloaded, or it has just started and does
 * not serve all kinds yet (which `/readyz` does not tell). Undefined for any other answer.
 */
function waitBefore(response: http.IncomingMessage): number | undefined {
  const seconds = Number(response.headers["retry-after"]);
  const asks = response.statusCode === 429 || response.statusCode === 503;
  return asks && seconds > 0 ? Math.min(seconds, 5) * 1000 : undefined;
}

function isStale(error: unknown): boolean {
  return (error as { stale?: boolean }).stale === true;
}

function explain(access: Access, request: Request, deadline: Deadline, error: unknown): unknown {
  if (request.signal?.aborted) return request.signal.reason;
  if (error instanceof LandfallError) return error;
  return unreachable(access, deadline.expired() ? { code: "LF_TIMEOUT" } : error);
}

function headersFor(request: Request, payload: Buffer | undefined): Record<string, string> {
  const common = { Accept: "application/json, */*", "User-Agent": "landfall" };
  if (!payload) return common;
  const type = request.contentType ?? "application/json";
  return { ...common, "Content-Type": type, "Content-Length": String(payload.length) };
}

function exchange(
  client: typeof http | typeof https,
  url: string,
  options: https.RequestOptions,
  payload: Buffer | undefined,
): Promise<http.IncomingMessage> {
  return new Promise((done, fail) => {
    const request = client.request(url, options, done);
    request.once("error", (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      fail(Object.assign(error, { stale }));
    });
    request.end(payload);
  });
}

/** The whole body as text. */
export async function readText(stream: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

interface Deadline {
  signal: AbortSignal;
  expired(): boolean;
  clear(): void;
}

/** The caller's signal keeps counting after `clear`, so that an abort still ends a stream. */
function startDeadline(request: Request): Deadline {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), request.timeoutMs ?? 30_000);
  const signal = request.signal ? AbortSignal.any([limit.signal, request.signal]) : limit.signal;
  return { signal, expired: () => limit.signal.aborted, clear: () => clearTimeout(timer) };
}

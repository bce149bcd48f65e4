import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { context, propagation, type Span, SpanKind } from "@opentelemetry/api";
import type { ServedBy } from "./backend.ts";
import { log } from "./log.ts";
import { httpServerDuration } from "./metrics.ts";
import { withSpan } from "./tracing.ts";

export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type Handler = (request: IncomingMessage, url: URL) => Promise<Reply>;
/** Handlers by path, then by method. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/** Thrown by a handler to answer with this status and say why. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Options = {
  routes: Routes;
  ready: () => boolean;
  strike: () => Promise<boolean>;
  /** Who answers; told with every answer, also with one that fails. */
  servedBy: ServedBy;
};

const bodyLimit = 16 * 1024;
const methods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/** An HTTP server of the routes, measured and traced, with /healthz and /readyz that no fault touches. */
export function makeServer({ routes, ready, strike, servedBy }: Options): Server {
  const server = createServer((request, response) => {
    const url = parseUrl(request);
    if (url.pathname === "/healthz") return send(response, { status: 200, body: "ok\n" });
    if (url.pathname === "/readyz") {
      return send(response, ready() ? { status: 200, body: "ok\n" } : { status: 503, body: "draining\n" });
    }
    const parent = propagation.extract(context.active(), request.headers);
    void context.with(parent, () => observed(request, response, url));
  });
  // Kept-alive connections are dropped now and then, so that new pods get their share.
  server.maxRequestsPerSocket = 100;
  return server;

  async function observed(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const route = Object.hasOwn(routes, url.pathname) ? url.pathname : "";
    const method = methods.has(request.method ?? "") ? (request.method as string) : "_OTHER";
    const done = httpServerDuration.startTimer({ http_request_method: method, http_route: route });
    const attributes = { "http.request.method": method, "http.route": route, "url.path": url.pathname };
    await withSpan(`${method} ${route}`.trim(), { kind: SpanKind.SERVER, attributes }, async (span: Span) => {
      const reply = await answer(request, url);
      span.setAttribute("http.response.status_code", reply.status);
      const served = { "x-served-by": servedBy.pod, "x-served-version": servedBy.version };
      const headers = { ...served, ...reply.headers };
      send(response, { ...reply, headers }, request.method === "HEAD");
      done({ http_response_status_code: reply.status });
    });
  }

  async function answer(request: IncomingMessage, url: URL): Promise<Reply> {
    try {
      if (await strike()) return { status: 500, body: "injected fault\n" };
      return await dispatch(request, url);
    } catch (error) {
      if (error instanceof HttpError) return { status: error.status, body: `${error.message}\n` };
      log("error", "request failed", { path: url.pathname, error: String(error) });
      return { status: 500, body: "internal error\n" };
    }
  }
  function dispatch(request: IncomingMessage, url: URL): Promise<Reply> | Reply {
    const byMethod = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    if (!byMethod) return { status: 404, body: "no such page\n" };
    const handler = byMethod[request.method === "HEAD" ? "GET" : (request.method ?? "")];
    if (handler) return handler(request, url);
    return { status: 405, headers: { allow: Object.keys(byMethod).join(", ") }, body: "no such method\n" };
  }
}

function parseUrl(request: IncomingMessage): URL {
  // A path such as "//x" would be read as a host.
  const target = (request.url ?? "/").replace(/^\/{2,}/, "/");
  return URL.parse(target, "http://storefront") ?? new URL("http://storefront/");
}

function send(response: ServerResponse, reply: Reply, headOnly = false): void {
  response.writeHead(reply.status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...reply.headers,
  });
  response.end(headOnly ? undefined : reply.body);
}

/** Reads the request's body as text. Throws HttpError 413 past 16 KiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimit) throw new HttpError(413, "the body is larger than 16 KiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

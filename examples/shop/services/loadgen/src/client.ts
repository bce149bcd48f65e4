import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { context, propagation, SpanKind } from "@opentelemetry/api";
import { httpClientDuration } from "./metrics.ts";
import { withSpan } from "./tracing.ts";
import type { Request, Visitor } from "./visitor.ts";

type Options = { target: URL; host: string | undefined; timeoutMs: number };
type Answer = { readonly status: number; readonly body: string };

export type HttpClient = {
  /** Makes the request as that visitor, measured and traced; undefined when no answer came. */
  readonly send: (request: Request, visitor: Visitor) => Promise<Answer | undefined>;
  readonly close: () => void;
};

/** A client of one server; connections are kept alive. */
export function makeClient({ target, host, timeoutMs }: Options): HttpClient {
  const agent = new Agent({ keepAlive: true });

  async function send(wanted: Request, visitor: Visitor): Promise<Answer | undefined> {
    const { method, template } = wanted;
    const attributes = { "http.request.method": method, "url.template": template };
    const labels = { http_request_method: method, url_template: template, server_address: target.hostname };
    const done = httpClientDuration.startTimer(labels);
    try {
      return await withSpan(`${method} ${template}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
        const response = await exchange(wanted, visitor);
        const status = response.statusCode ?? 0;
        visitor.cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? visitor.cookie;
        const body = await text(response);
        span.setAttribute("http.response.status_code", status);
        done({ http_response_status_code: status });
        return { status, body };
      });
    } catch (error) {
      done({ error_type: (error as NodeJS.ErrnoException).code ?? "error" });
      return undefined;
    }
  }

  function exchange(wanted: Request, visitor: Visitor): Promise<IncomingMessage> {
    const body = wanted.form ? new URLSearchParams(wanted.form).toString() : undefined;
    const headers: Record<string, string> = {};
    if (host) headers.host = host;
    if (visitor.cookie) headers.cookie = visitor.cookie;
    if (body !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
    propagation.inject(context.active(), headers);
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const options = { agent, method: wanted.method, headers, signal };
      httpRequest(new URL(wanted.path, target), options, resolve).once("error", reject).end(body);
    });
  }
  return { send, close: () => agent.destroy() };
}

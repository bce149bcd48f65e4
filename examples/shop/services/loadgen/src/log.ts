import { trace } from "@opentelemetry/api";

/** Writes one JSON line to standard output, with the trace it belongs to when there is one. */
export function log(level: "info" | "warn" | "error", message: string, fields: object = {}): void {
  const span = trace.getActiveSpan()?.spanContext();
  const ids = span ? { trace_id: span.traceId, span_id: span.spanId } : {};
  const line = { time: new Date().toISOString(), level, message, ...fields, ...ids };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

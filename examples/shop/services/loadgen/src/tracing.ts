import { context, propagation, type Span, type SpanOptions, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

type Identity = { serviceName: string; version: string; pod: string; tracesEndpoint: string | undefined };

/**
 * Sets up OpenTelemetry for this process and returns what flushes it.
 * Without an endpoint nothing is exported, yet the context still goes through, so that
 * services behind this one stay in the caller's trace.
 */
export function startTracing(identity: Identity): () => Promise<void> {
  const delay = Number(process.env.OTEL_BSP_SCHEDULE_DELAY || 5000);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": identity.serviceName,
      "service.version": identity.version,
      "service.instance.id": identity.pod,
    }),
    // The exporter reads OTEL_EXPORTER_OTLP_ENDPOINT and its headers itself.
    spanProcessors: identity.tracesEndpoint
      ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: delay })]
      : [],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}

/** Runs the work inside a new span of the active context; a throw marks the span and is thrown on. */
export function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer("shop").startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

"""Logs, traces and metrics of this process."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timezone

from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Gauge, Histogram

RPC_SERVER_DURATION = Histogram(
    "rpc_server_call_duration_seconds",
    "Duration of RPCs answered.",
    ["rpc_method", "rpc_response_status_code"],
    # Seconds, as OpenTelemetry's semantic conventions advise.
    buckets=[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
)
FAULT_SETTING = Gauge(
    "shop_fault_setting", "The faults switched on in this process, as in faults.json.", ["fault"]
)


def log(level: str, message: str, **fields: object) -> None:
    """Writes one JSON line to standard output, with the trace it belongs to when there is one."""
    line = {"time": datetime.now(timezone.utc).isoformat(), "level": level, "message": message, **fields}
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        line["trace_id"] = trace.format_trace_id(span.trace_id)
        line["span_id"] = trace.format_span_id(span.span_id)
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def start_tracing(version: str, pod: str) -> TracerProvider:
    """Sets up OpenTelemetry. Nothing is exported unless an endpoint is set; the context still goes through."""
    attributes = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME", "catalog"),
        "service.version": version,
        "service.instance.id": pod,
    }
    provider = TracerProvider(resource=Resource.create(attributes))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        # Imported only when used: it costs as much memory as the service itself.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    trace.set_tracer_provider(provider)
    return provider


def observe_rpc(method: str, code: str, started: float) -> None:
    """Records a call that began at the given time.monotonic() second."""
    RPC_SERVER_DURATION.labels(method, code).observe(time.monotonic() - started)

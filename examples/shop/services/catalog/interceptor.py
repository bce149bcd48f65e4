"""What surrounds every call of the catalog: its span, its measure, who answered, and the faults."""

from __future__ import annotations

import time
from collections.abc import Callable

import grpc
from faults import FaultSwitch
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from telemetry import log, observe_rpc


class ShopInterceptor(grpc.ServerInterceptor):
    """Wraps the shop's own methods; health checks go through untouched."""

    def __init__(self, faults: FaultSwitch, version: str, pod: str) -> None:
        self._faults = faults
        self._served_by = (("x-served-by", pod), ("x-served-version", version))

    def intercept_service(self, continuation, details):
        """Returns the method's handler, wrapped."""
        handler = continuation(details)
        method = details.method.lstrip("/")
        if handler is None or handler.unary_unary is None or not method.startswith("shop."):
            return handler
        carrier = {key: value for key, value in details.invocation_metadata if isinstance(value, str)}
        return grpc.unary_unary_rpc_method_handler(
            self._wrap(handler.unary_unary, method, carrier),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _wrap(self, behaviour: Callable, method: str, carrier: dict[str, str]) -> Callable:
        def answer(request, context: grpc.ServicerContext):
            started = time.monotonic()
            code = "OK"
            tracer = trace.get_tracer("shop")
            attributes = {"rpc.system.name": "grpc", "rpc.method": method}
            with tracer.start_as_current_span(
                method,
                context=propagate.extract(carrier),
                kind=SpanKind.SERVER,
                attributes=attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    context.send_initial_metadata(self._served_by)
                    if self._faults.strike():
                        context.abort(grpc.StatusCode.UNAVAILABLE, "injected fault")
                    return behaviour(request, context)
                except Exception as error:
                    # abort() raises, having set the code; anything else is a defect of ours.
                    status = context.code()
                    code = status.name if isinstance(status, grpc.StatusCode) else "UNKNOWN"
                    span.set_status(Status(StatusCode.ERROR, code))
                    if code == "UNKNOWN":
                        log("error", "call failed", method=method, error=repr(error))
                    raise
                finally:
                    span.set_attribute("rpc.response.status_code", code)
                    observe_rpc(method, code, started)

        return answer

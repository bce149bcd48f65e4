"""The catalog as its callers meet it: a real server, a real client, real files."""

from __future__ import annotations

import json
import tempfile
import time
import unittest
from pathlib import Path

import grpc
from faults import NO_FAULTS, FaultSwitch, parse_faults
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY
from server import start_server
from service import messages, stubs
from store import load_store
from telemetry import start_tracing

DATA = Path(__file__).with_name("products.json")
TRACING = start_tracing("test", "test-pod")


class CatalogTest(unittest.TestCase):
    """Each test has its own server and fault file."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.faults_file = Path(folder.name) / "faults.json"
        self.damage: list[str] = []
        self.faults = FaultSwitch(folder.name, changed=lambda _: None, damaged=self.damage.append)
        self.faults.start()
        self.addCleanup(self.faults.stop)
        self.running = start_server(load_store(DATA), self.faults, 0, "1.2.3", "catalog-abc")
        self.addCleanup(lambda: self.running.server.stop(0).wait())
        self.channel = grpc.insecure_channel(f"localhost:{self.running.port}")
        self.addCleanup(self.channel.close)
        self.catalog = stubs.CatalogServiceStub(self.channel)

    def switch(self, **faults: float) -> None:
        self.faults_file.write_text(json.dumps(faults))
        self.wait_for(lambda: self.faults.current == {**NO_FAULTS, **faults})

    def wait_for(self, condition) -> None:
        end = time.monotonic() + 5
        while not condition():
            self.assertLess(time.monotonic(), end, "waited 5 s in vain")
            time.sleep(0.02)

    def test_lists_all_with_prices(self) -> None:
        products = self.catalog.ListProducts(messages.ListProductsRequest(), timeout=5).products
        self.assertEqual(len(products), 24)
        self.assertTrue(all(p.price.currency_code == "EUR" and p.price.minor_units > 0 for p in products))
        self.assertTrue(all(p.name and p.description and p.category for p in products))

    def test_lists_one_category(self) -> None:
        rope = self.catalog.ListProducts(messages.ListProductsRequest(category="Rope"), timeout=5).products
        self.assertEqual([p.id for p in rope], ["mooring-line", "tarred-marline", "heaving-line", "rigging-knife"])

    def test_gets_one_and_refuses_an_unknown_one(self) -> None:
        product = self.catalog.GetProduct(messages.GetProductRequest(id="enamel-mug"), timeout=5).product
        self.assertEqual((product.name, product.price.minor_units), ("Enamel mug", 1150))
        with self.assertRaises(grpc.RpcError) as caught:
            self.catalog.GetProduct(messages.GetProductRequest(id="nothing"), timeout=5)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_search_wants_every_word_in_any_case(self) -> None:
        def ids(query: str) -> list[str]:
            found = self.catalog.SearchProducts(messages.SearchProductsRequest(query=query), timeout=5)
            return [p.id for p in found.products]

        self.assertEqual(ids("BRASS oil"), ["harbour-compass", "brass-lantern"])
        self.assertEqual(ids("brass nowhere"), [])
        with self.assertRaises(grpc.RpcError) as caught:
            ids("x" * 201)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)

    def test_says_who_answered(self) -> None:
        _, call = self.catalog.ListProducts.with_call(messages.ListProductsRequest(), timeout=5)
        sent = dict(call.initial_metadata())
        self.assertEqual((sent["x-served-by"], sent["x-served-version"]), ("catalog-abc", "1.2.3"))

    def test_measures_calls_by_code(self) -> None:
        def count(code: str) -> float:
            labels = {"rpc_method": "shop.v1.CatalogService/GetProduct", "rpc_response_status_code": code}
            return REGISTRY.get_sample_value("rpc_server_call_duration_seconds_count", labels) or 0

        ok, missing = count("OK"), count("NOT_FOUND")
        self.catalog.GetProduct(messages.GetProductRequest(id="enamel-mug"), timeout=5)
        with self.assertRaises(grpc.RpcError):
            self.catalog.GetProduct(messages.GetProductRequest(id="nothing"), timeout=5)
        self.wait_for(lambda: (count("OK"), count("NOT_FOUND")) == (ok + 1, missing + 1))

    def test_joins_the_callers_trace(self) -> None:
        exporter = InMemorySpanExporter()
        TRACING.add_span_processor(SimpleSpanProcessor(exporter))
        parent = f"00-{'ab' * 16}-{'cd' * 8}-01"
        self.catalog.ListProducts(
            messages.ListProductsRequest(), metadata=[("traceparent", parent)], timeout=5
        )
        self.wait_for(lambda: len(exporter.get_finished_spans()) == 1)
        span = exporter.get_finished_spans()[0]
        self.assertEqual(span.name, "shop.v1.CatalogService/ListProducts")
        self.assertEqual(trace.format_trace_id(span.context.trace_id), "ab" * 16)
        self.assertEqual(trace.format_span_id(span.parent.span_id), "cd" * 8)

    def test_health_follows_readiness_and_faults_leave_it_alone(self) -> None:
        health = health_pb2_grpc.HealthStub(self.channel)

        def state(service: str) -> int:
            return health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5).status

        self.switch(errorRate=1)
        self.assertEqual(state(""), health_pb2.HealthCheckResponse.SERVING)
        self.running.set_ready(False)
        self.assertEqual(state("readiness"), health_pb2.HealthCheckResponse.NOT_SERVING)
        self.assertEqual(state("liveness"), health_pb2.HealthCheckResponse.SERVING)

    def test_errors_and_latency_act_and_end(self) -> None:
        request = messages.ListProductsRequest()
        self.switch(errorRate=1)
        with self.assertRaises(grpc.RpcError) as caught:
            self.catalog.ListProducts(request, timeout=5)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.switch(latencyMs=300)
        started = time.monotonic()
        self.catalog.ListProducts(request, timeout=5)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)
        self.switch()
        started = time.monotonic()
        self.catalog.ListProducts(request, timeout=5)
        self.assertLess(time.monotonic() - started, 0.3)

    def test_a_damaged_file_keeps_the_last_good(self) -> None:
        self.switch(latencyMs=7)
        self.faults_file.write_text('{"latencyMs": ')
        self.wait_for(lambda: len(self.damage) == 1)
        self.assertEqual(self.faults.current["latencyMs"], 7)
        self.faults_file.unlink()
        self.wait_for(lambda: self.faults.current == NO_FAULTS)


class ParseFaultsTest(unittest.TestCase):
    """What a damaged file is."""

    def test_refuses_what_is_not_a_fault(self) -> None:
        for text, named in [
            ("[]", "object"),
            ('{"latency": 1}', "latency: no such fault"),
            ('{"errorRate": 1.1}', "errorRate"),
            ('{"errorRate": true}', "errorRate"),
            ('{"latencyMs": "5"}', "latencyMs"),
            ('{"latencyMs": NaN}', "latencyMs"),
            ('{"cpuBurnPercent": -1}', "cpuBurnPercent"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(ValueError, named):
                parse_faults(text)


if __name__ == "__main__":
    unittest.main()

"""The catalog's gRPC server."""

from __future__ import annotations

from concurrent import futures
from dataclasses import dataclass

import grpc
from faults import FaultSwitch
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from interceptor import ShopInterceptor
from service import CatalogService, stubs
from store import Store

# "" and "readiness" say whether to send calls here, "liveness" whether the process lives.
READY_NAMES = ("", "readiness", "shop.v1.CatalogService")


@dataclass(frozen=True)
class Running:
    """A started server and the port it got."""

    server: grpc.Server
    health: health.HealthServicer
    port: int

    def set_ready(self, ready: bool) -> None:
        """Says by grpc.health.v1 whether calls are welcome."""
        state = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in READY_NAMES:
            self.health.set(name, state)


def start_server(store: Store, faults: FaultSwitch, port: int, version: str, pod: str) -> Running:
    """Starts to answer on the port (0: any free one). Raises RuntimeError when the port is taken."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=32),
        interceptors=[ShopInterceptor(faults, version, pod)],
        options=[
            # Two servers on one port would share its calls by chance.
            ("grpc.so_reuseport", 0),
            # Clients connect anew now and then, so that new pods get their share.
            ("grpc.max_connection_age_ms", 30_000),
            ("grpc.max_connection_age_grace_ms", 10_000),
        ],
    )
    stubs.add_CatalogServiceServicer_to_server(CatalogService(store), server)
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"[::]:{port}")
    running = Running(server, servicer, bound)
    server.start()
    servicer.set("liveness", health_pb2.HealthCheckResponse.SERVING)
    running.set_ready(True)
    return running

"""Runs the catalog until SIGTERM, then lets the calls under way finish."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from faults import FaultSwitch
from prometheus_client import start_http_server
from server import start_server
from store import load_store
from telemetry import FAULT_SETTING, log, start_tracing


def main() -> None:
    """Reads the environment, serves, drains."""
    version = os.environ.get("APP_VERSION") or "dev"
    pod = os.environ.get("POD_NAME") or os.environ.get("HOSTNAME") or "catalog"
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())

    tracing = start_tracing(version, pod)
    faults = FaultSwitch(
        os.environ.get("CONFIG_DIR") or "/etc/landfall/config",
        changed=_faults_changed,
        damaged=lambda why: log("error", "faults.json is damaged, the last good one is kept", reason=why),
    )
    faults.start()
    store = load_store(Path(__file__).with_name("products.json"))
    running = start_server(store, faults, int(os.environ.get("GRPC_PORT") or 50051), version, pod)
    metrics, _ = start_http_server(int(os.environ.get("METRICS_PORT") or 9464))
    log("info", "listening", grpc=running.port, metrics=metrics.server_port, version=version)

    stopping.wait()
    log("info", "draining")
    running.set_ready(False)
    # Long enough for the endpoints to forget this pod before it refuses connections.
    threading.Event().wait(int(os.environ.get("DRAIN_DELAY_MS") or 2000) / 1000)
    running.server.stop(grace=6).wait()
    faults.stop()
    # The exporter must not hold the process when its collector is away.
    flushing = threading.Thread(target=tracing.shutdown, daemon=True)
    flushing.start()
    flushing.join(1)
    os._exit(0)


def _faults_changed(now) -> None:
    for fault, value in now.items():
        FAULT_SETTING.labels(fault).set(value)
    log("info", "faults", **now)


if __name__ == "__main__":
    main()

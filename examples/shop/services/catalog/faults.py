"""The fault switch: follows faults.json and lets its faults act on this process."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

# The largest value of each; what a file leaves out is 0.
LIMITS: Mapping[str, float] = {
    "latencyMs": 600_000,
    "errorRate": 1,
    "memoryMbPerMinute": 100_000,
    "cpuBurnPercent": 100,
}
NO_FAULTS: Mapping[str, float] = dict.fromkeys(LIMITS, 0)


def parse_faults(text: str) -> Mapping[str, float]:
    """Reads the text of a faults.json; raises ValueError naming the field when it is damaged."""
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError("not an object")
    for name, value in read.items():
        limit = LIMITS.get(name)
        if limit is None:
            raise ValueError(f"{name}: no such fault")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= limit:
            raise ValueError(f"{name}: {json.dumps(value)} is not a number from 0 to {limit}")
    return {**NO_FAULTS, **read}


class FaultSwitch:
    """Reads the file once a second, by content: a ConfigMap's files change by a swapped link.

    No file means no faults; a damaged one keeps the last good.
    """

    def __init__(
        self,
        config_dir: str,
        changed: Callable[[Mapping[str, float]], None],
        damaged: Callable[[str], None],
    ) -> None:
        self._path = Path(config_dir) / "faults.json"
        self._changed = changed
        self._damaged = damaged
        self._seen: str | None = None
        self._stopped = threading.Event()
        self._held: list[bytes] = []
        self.current = NO_FAULTS

    def start(self) -> None:
        """Reads the file and begins to follow it."""
        self._refresh()
        threading.Thread(target=self._follow, daemon=True).start()
        threading.Thread(target=self._burn_cpu, daemon=True).start()

    def stop(self) -> None:
        """Ends the threads."""
        self._stopped.set()

    def strike(self) -> bool:
        """Waits for the latency that is switched on, then tells whether this request is to fail."""
        faults = self.current
        if faults["latencyMs"] > 0:
            time.sleep(faults["latencyMs"] / 1000)
        return random.random() < faults["errorRate"]

    def _follow(self) -> None:
        while not self._stopped.wait(1):
            self._refresh()
            self._hold_memory()

    def _refresh(self) -> None:
        try:
            text = self._path.read_bytes().decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            text = "{}"
        except OSError as error:
            text = f"unreadable: {error}"
        if text == self._seen:
            return
        self._seen = text
        try:
            self.current = parse_faults(text)
        except (ValueError, RecursionError) as error:
            self._damaged(f"{self._path}: {error}")
        else:
            self._changed(self.current)

    def _hold_memory(self) -> None:
        count = round(self.current["memoryMbPerMinute"] * 1024 * 1024 / 60)
        if count:
            # Filled, since pages that are never written to are not resident.
            self._held.append(b"\1" * count)
        else:
            self._held.clear()

    def _burn_cpu(self) -> None:
        while not self._stopped.is_set():
            busy = 0.05 * self.current["cpuBurnPercent"] / 100
            end = time.monotonic() + busy
            while time.monotonic() < end:
                pass
            # Never 0: the threads that answer must get the interpreter, too.
            time.sleep(max(0.001, 0.05 - busy))

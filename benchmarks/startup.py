"""`qunxue up` on an empty directory: how long until it is ready, and how much memory it then holds.

    python -m benchmarks.startup

Ready is when the gateway answers `/readyz` with 200: five databases made and migrated, keys and first administrator made, workers
running. Memory is what is resident (RSS) of the one process, a few requests after that.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.figures import Figure, end_with
from tests.support.ports import free_port
from tests.support.processes import clean_environment, product_command

READY_SECONDS = 5.0
RESIDENT_MIB = 350.0
WITHIN_SECONDS = 60.0


def once() -> tuple[float, float]:
    """Seconds until ready, MiB resident."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = clean_environment(
            {
                "QUNXUE_DATA_DIR": str(Path(folder) / "var"),
                "QUNXUE_PORT": str(port),
                "QUNXUE_ADMIN_PASSWORD": "only-for-a-benchmark",
            }
        )
        log = Path(folder) / "log"
        with log.open("wb") as output:
            started = time.perf_counter()
            process = subprocess.Popen(product_command(["qunxue", "up"]), env=environment, stdout=output, stderr=output)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=5) as client:
                seconds = until_ready(client, process, started, log)
                for _ in range(20):
                    client.get("/readyz")
                return seconds, psutil.Process(process.pid).memory_info().rss / 1024 / 1024
        finally:
            process.terminate()
            process.wait()


def until_ready(client: httpx.Client, process: "subprocess.Popen[bytes]", started: float, log: Path) -> float:
    while process.poll() is None and time.perf_counter() - started < WITHIN_SECONDS:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/readyz").status_code == httpx.codes.OK:
                return time.perf_counter() - started
        time.sleep(0.02)
    raise RuntimeError(f"it did not start\n{log.read_text(errors='replace')[-3000:]}")


def run(*, times: int = 3) -> list[Figure]:
    """The median of a few starts."""
    starts = [once() for _ in range(times)]
    seconds, resident = median(s for s, _ in starts), max(r for _, r in starts)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    return [
        Figure(
            "`qunxue up` on an empty directory: ready",
            f"{seconds:.2f} s ({load})",
            "",
            seconds,
            READY_SECONDS,
            "most",
            "s",
        ),
        Figure("the same: resident", f"{resident:.0f} MiB", "", resident, RESIDENT_MIB, "most", "MiB"),
    ]


if __name__ == "__main__":
    end_with(run())

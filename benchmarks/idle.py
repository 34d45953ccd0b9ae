"""What the product takes while nobody wants anything of it.

    python -m benchmarks.idle

`qunxue up` with nobody connected; and the workers of a distributed installation, PostgreSQL and Kafka beside them, without a
message. CPU of each process by the operating system's count, over half a minute, once it has come to rest.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from benchmarks.figures import Figure, end_with
from benchmarks.startup import until_ready
from tests.support.needs import NotInstalled
from tests.support.ports import free_port
from tests.support.processes import clean_environment, product_command
from tests.system.compose import SERVICES, Compose

AT_REST_SECONDS = 10.0
WATCHED_SECONDS = 30.0
EMBEDDED_PERCENT = 1.0
WORKER_PERCENT = 0.5


def shares(processes: dict[str, int]) -> dict[str, float]:
    """Percent of a core that each process takes from now on."""
    watched = {name: psutil.Process(pid) for name, pid in processes.items()}
    time.sleep(AT_REST_SECONDS)
    before = {name: _cpu(process) for name, process in watched.items()}
    began = time.monotonic()
    time.sleep(WATCHED_SECONDS)
    seconds = time.monotonic() - began
    return {name: (_cpu(process) - before[name]) / seconds * 100 for name, process in watched.items()}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def embedded() -> Figure:
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
                until_ready(client, process, started, log)
            share = shares({"qunxue up": process.pid})["qunxue up"]
        finally:
            process.terminate()
            process.wait()
    return Figure(
        "idle: `qunxue up`, nobody connected", f"{share:.2f} % of a core", "", share, EMBEDDED_PERCENT, "most", "%"
    )


def distributed() -> Figure:
    workers = [f"{service}-worker" for service in SERVICES]
    with tempfile.TemporaryDirectory() as folder, Compose(Path(folder), services=[*workers, "kafka"]) as stack:
        found = shares({name: stack.process(name).pid for name in workers})
    for name, share in found.items():
        print(f"  {name}: {share:.2f} %")
    most = max(found.values())
    others = f"the others {min(found.values()):.2f} % and more"
    return Figure(
        "idle: the worker that takes most, PostgreSQL and Kafka",
        f"{most:.2f} % of a core",
        others,
        most,
        WORKER_PERCENT,
        "most",
        "%",
    )


def run() -> list[Figure]:
    """Both; the second where there are PostgreSQL and Kafka."""
    figures = [embedded()]
    try:
        figures.append(distributed())
    except NotInstalled as reason:
        print(f"  left out: {reason}")
    return figures


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    end_with(run())

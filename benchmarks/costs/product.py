"""The whole product of a checkout as a process, and its CPU."""

import contextlib
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.costs.asking import LONGEST_SECONDS, UNLIMITED
from benchmarks.costs.cpu import Clock
from tests.support.ports import free_port
from tests.support.processes import clean_environment

PASSWORD = "only-for-a-benchmark"
IDLE_AT_MOST = 0.1
IDLE_SECONDS, WINDOW_SECONDS, PATIENCE = 5.0, 0.5, 600.0


class Product:
    """`qunxue up` of a checkout, and its CPU."""

    def __init__(self, port: int, pid: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
        self._clock = Clock(pid)
        self.idle = 0.0
        """Milliseconds of CPU in each millisecond, once it is measured."""

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "", kind: str = "application/json") -> Any:
        headers = {"Content-Type": kind, "Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        self._connection.request(method, path, body=content, headers=headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:500]!r}")
        return orjson.loads(said) if said and "json" in answer.headers.get("Content-Type", "") else None

    def hang_up(self) -> None:
        """The next request connects anew."""
        self._connection.close()

    def measure_idle(self) -> float:
        """Milliseconds a second."""
        before, began = self._clock.milliseconds(), time.monotonic()
        time.sleep(IDLE_SECONDS)
        self.idle = (self._clock.milliseconds() - before) / (time.monotonic() - began) / 1000
        return self.idle * 1000

    def quiet(self) -> None:
        """Return when it has done what it had to do."""
        end, calm = time.monotonic() + PATIENCE, 0
        while calm < 2:
            if time.monotonic() > end:
                raise RuntimeError("it does not come to rest")
            before, began = self._clock.milliseconds(), time.monotonic()
            time.sleep(WINDOW_SECONDS)
            rate = (self._clock.milliseconds() - before) / (time.monotonic() - began) / 1000
            calm = calm + 1 if rate < (self.idle or IDLE_AT_MOST) * 1.5 + 0.01 else 0

    def taken(self, asked: Sequence[Callable[[], Any]], *, follows: bool = False) -> float:
        """Milliseconds of CPU for each, without what would have been taken anyway."""
        before, began = self._clock.milliseconds(), time.monotonic()
        for one in asked:
            one()
        if follows:
            self.quiet()
        over = self._clock.milliseconds() - before - self.idle * (time.monotonic() - began) * 1000
        return max(over, 0.0) / len(asked)


@contextlib.contextmanager
def running(checkout: Path) -> Iterator[Product]:
    """The whole product of a checkout on an empty directory, ready."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = clean_environment(
            UNLIMITED
            | {
                "PYTHONPATH": str(checkout),
                "QUNXUE_DATA_DIR": str(Path(folder) / "var"),
                "QUNXUE_PORT": str(port),
                "QUNXUE_ADMIN_PASSWORD": PASSWORD,
                "QUNXUE_LOG_LEVEL": "INFO",
            }
        )
        log = Path(folder) / "log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "qunxue", "up"]
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            product = Product(port, process.pid)
            _until_ready(product, process, log)
            yield product
        finally:
            process.terminate()
            process.wait()


def _until_ready(product: Product, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError, RuntimeError, http.client.HTTPException):
            product.ask("GET", "/readyz")
            return
        product.hang_up()
        time.sleep(0.1)
    raise RuntimeError(f"it did not start\n{log.read_text(errors='replace')[-3000:]}")

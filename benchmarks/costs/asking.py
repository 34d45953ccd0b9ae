"""Every operation of the API documents, asked of one checkout on one database: CPU, statements, and these through the bare driver."""

import contextlib
import http.client
import os
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from benchmarks.costs.cpu import Clock
from tests.support.ports import free_port, listens
from tests.support.processes import clean_environment

HERE = Path(__file__).parents[2]
WARM, ROUNDS = 3, 7
BUSY = 30
LONGEST_SECONDS = 600.0
NOT_SERVED = frozenset({401, 403, 429})
LIVEZ = "GET /livez"
UNLIMITED = {
    "QUNXUE_PERSON_REQUESTS_PER_MINUTE": "100000000",
    "QUNXUE_SERVICE_REQUESTS_PER_MINUTE": "100000000",
    "QUNXUE_LOGINS_PER_MINUTE": "100000000",
    "QUNXUE_CALENDAR_REQUESTS_PER_MINUTE": "100000000",
}


@dataclass(frozen=True)
class Cost:
    """Of one request: milliseconds of CPU, statements, milliseconds of CPU for them through the bare driver, and the answer's status."""

    cpu: float
    statements: int = 0
    bare: float | None = None
    status: int = 200


class Client:
    """One connection to a process whose CPU is watched."""

    def __init__(self, port: int, pid: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
        self._clock = Clock(pid)

    def control(self, what: str, **asked: str) -> Any:
        self._connection.request("GET", f"/-/{what}?{urlencode(asked)}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{what} {asked}: {answer.status}")
        return orjson.loads(body)

    def send(self, call: dict[str, Any]) -> tuple[int, bytes]:
        content = call.get("content")
        self._connection.request(
            call["method"],
            # As clients write it: a name in a path may be Chinese.
            quote(call["path"], safe=string.punctuation),
            body=None if content is None else content.encode(),
            headers=call.get("headers", {}),
        )
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def taken(self, call: dict[str, Any]) -> tuple[float, int]:
        """Milliseconds of CPU for one call, until its process rests, and its status. Raises RuntimeError if it is not served."""
        for _ in range(BUSY):
            before = self._clock.at_rest()
            status, said = self.send(call)
            took = self._clock.at_rest() - before
            if status < 500 and status not in NOT_SERVED:
                return took, status
            if status < 503:
                break
            # The machine has others to serve: this says nothing of what the request costs.
            time.sleep(1)
            self.control("refresh")
        raise RuntimeError(f"{call['method']} {call['path']}: {status} {said[:500]!r}")


@contextlib.contextmanager
def opened(checkout: Path, database: str) -> Iterator[Client]:
    """A process of a checkout with its worlds on a kind of database."""
    port = free_port()
    environment = clean_environment(UNLIMITED | {"PYTHONPATH": f"{checkout}{os.pathsep}{HERE}"})
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "benchmarks.costs.world", "--database", database, "--port", str(port)]
        command += ["--folder", folder, "--own", str(HERE)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            end = time.monotonic() + LONGEST_SECONDS
            while not listens(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"it did not start\n{log.read_text(errors='replace')[-3000:]}")
                time.sleep(0.05)
            try:
                yield Client(port, process.pid)
            except Exception as error:
                raise RuntimeError(f"{error}\n{log.read_text(errors='replace')[-2000:]}") from error
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def costs(checkout: Path, database: str) -> dict[str, Cost]:
    """Of every operation by its id; of one that can be called in several ways the dearest. And of `LIVEZ`."""
    found: dict[str, Cost] = {}
    livez: list[float] = []
    with opened(checkout, database) as client:
        for service, operations in client.control("services").items():
            client.control("open", service=service)
            livez += [client.taken({"method": "GET", "path": "/livez"})[0] for _ in range(WARM + ROUNDS)][WARM:]
            for operation, is_open in operations:
                ways = len(client.control("calls", operation=operation))
                if is_open:
                    # A code or a secret was made.
                    client.control("put_back")
                of_ways = [_cost(client, operation, way, is_open=is_open) for way in range(ways)]
                found[operation] = max(of_ways, key=lambda cost: cost.cpu)
            print(f"  {database}: {service}, {len(operations)} operations", flush=True)
    return found | {LIVEZ: Cost(median(livez))}


def _cost(client: Client, operation: str, way: int, *, is_open: bool) -> Cost:
    call = client.control("calls", operation=operation)[way]
    took: list[float] = []
    statements = status = 0
    for n in range(WARM + ROUNDS):
        if is_open and n:
            call = client.control("calls", operation=operation)[way]
        if n == WARM - 1:
            client.control("record")
            client.taken(call)
            statements = client.control("recorded")
        else:
            milliseconds, status = client.taken(call)
            took.append(milliseconds)
        if call["method"] != "GET" or is_open:
            client.control("put_back")
    # Some reads leave a trace, too.
    client.control("put_back")
    return Cost(median(took[WARM - 1 :]), statements, client.control("replay"), status)

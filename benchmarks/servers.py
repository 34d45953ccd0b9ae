"""One side of a comparison as a process of its own: started, loaded, its CPU time read from the operating system."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.support.ports import free_port, listens

CONNECTIONS = 8


class Side:
    """A server process that answers on `url`."""

    def __init__(self, module: str, part: str, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(tempfile.mkstemp(prefix=f"bench-{part}-", suffix=".log")[1])
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--part", part, "--port", str(self.port)],
                env=os.environ | dict(environment),
                stdout=output,
                stderr=output,
            )
        self._measured = psutil.Process(self._process.pid)

    def await_listening(self, within: float = 60.0) -> None:
        deadline = time.monotonic() + within
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def cpu_seconds(self) -> float:
        times = self._measured.cpu_times()
        return float(times.user + times.system)

    def resident_bytes(self) -> int:
        """Memory that the process has."""
        return int(self._measured.memory_info().rss)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self.log.unlink()


@contextlib.contextmanager
def sides(module: str, environments: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, Side]]:
    """Processes of `python -m module --part NAME --port …`, one for each name; stopped at the end."""
    started: dict[str, Side] = {}
    try:
        for part, environment in environments.items():
            started[part] = Side(module, part, environment)
        for side in started.values():
            side.await_listening()
        yield started
    finally:
        for side in started.values():
            side.stop()


def serve(app: Any, port: int) -> None:
    """How every side is served, so that the server itself cancels out."""
    import uvicorn

    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """An application of this process on a port of this machine; the address of it."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


Ask = Callable[[aiohttp.ClientSession, int], Any]


def cpu_per_request(side: Side, ask: Ask, requests: int, *, status: int = 200) -> float:
    """Milliseconds of the server's CPU for each request, a few connections each waiting for its answer."""
    before = side.cpu_seconds()
    asyncio.run(_load(ask, requests, status))
    return (side.cpu_seconds() - before) / requests * 1000


async def _load(ask: Ask, requests: int, status: int) -> None:
    numbers = iter(range(requests))

    async def client(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            async with ask(session, number) as answer:
                body = await answer.read()
                if answer.status != status:
                    raise RuntimeError(f"{answer.status}: {body[:300]!r}")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        await asyncio.gather(*(client(session) for _ in range(CONNECTIONS)))

"""What open live streams take, and how soon their readers are told.

    python -m benchmarks.streams

5,000 people read `GET /v1/stream` of one gateway process, before membership in a process of its own that feeds it changes: memory for
each stream by the operating system's count, CPU while nothing happens, and the time from a change to the event at its reader.
"""

import asyncio
import contextlib
import os
import statistics
import time
from typing import Any

import httpx
import orjson
import uvloop

from benchmarks.figures import Figure, end_with
from benchmarks.servers import Side, sides

STREAMS = 5_000
QUIET_SECONDS = 30.0
CHANGES = 400
KIB_EACH = 20.0
CPU_PERCENT = 10.0
P99_MS = 1_000.0
OPENED_AT_ONCE = 100
FEED = "/internal/notifications/feed"


def run() -> list[Figure]:
    """All three figures."""
    from tests.support.ports import free_port

    behind = free_port()
    environment = {"BENCH_MEMBERSHIP": str(behind), "QUNXUE_MEMBERSHIP_URL": f"http://127.0.0.1:{behind}"}
    with sides("benchmarks.streams", {"gateway": environment, "membership": environment}) as started:
        return asyncio.run(_measure(started["gateway"], started["membership"]))


async def _measure(gateway: Side, membership: Side) -> list[Figure]:
    readers = Readers(gateway.port)
    async with httpx.AsyncClient(base_url=membership.url, trust_env=False, timeout=60) as client:
        tokens = (await client.get("/tokens", params={"count": STREAMS})).json()
        first, rest = tokens[:50], tokens[50:]
        # What the process takes once, whoever comes, is not each stream's.
        await readers.open(first)
        before = gateway.resident_bytes()
        began = time.perf_counter()
        await readers.open(rest)
        opened = time.perf_counter() - began
        await asyncio.sleep(2.0)
        after = gateway.resident_bytes()
        each = (after - before) / 1024 / len(rest)
        cpu, started = gateway.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(QUIET_SECONDS)
        share = (gateway.cpu_seconds() - cpu) / (time.perf_counter() - started) * 100
        waited = await _told(client, readers)
    await readers.close()
    p50, p99 = statistics.median(waited), statistics.quantiles(waited, n=100)[98]
    print(
        f"  {len(rest)} streams opened in {opened:.1f} s; p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(waited)} changes"
    )
    return [
        Figure(
            f"streams: memory of each of {STREAMS:,}",
            f"{(after - before) / 2**20:.0f} MiB more",
            f"{before / 2**20:.0f} MiB before",
            each,
            KIB_EACH,
            "most",
            "KiB",
        ),
        Figure(
            f"streams: {STREAMS:,} of them, nothing happens",
            f"{share:.1f} % of a core",
            "",
            share,
            CPU_PERCENT,
            "most",
            "%",
        ),
        Figure(
            "streams: from a change to its event, p99",
            f"{p99:.0f} ms",
            f"p50 {p50:.0f} ms",
            p99,
            P99_MS,
            "most",
            "ms",
        ),
    ]


async def _told(client: httpx.AsyncClient, readers: "Readers") -> list[float]:
    """Milliseconds from each change to the event."""
    for number in range(CHANGES):
        await client.post("/change", params={"person": number * 11 % STREAMS})
        await asyncio.sleep(0.013)
    for _ in range(1000):
        if len(readers.waited) >= CHANGES:
            break
        await asyncio.sleep(0.01)
    return readers.waited


class Readers:
    """Bare sockets, so that they take little of the machine that is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.waited: list[float] = []

    async def open(self, tokens: list[str]) -> None:
        """Read with each of these tokens."""
        for start in range(0, len(tokens), OPENED_AT_ONCE):
            await asyncio.gather(*(self._open(token) for token in tokens[start : start + OPENED_AT_ONCE]))

    async def _open(self, token: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            b"GET /v1/stream HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\nAccept-Language: zh-CN\r\n"
            b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        await reader.readuntil(b"event: ready")
        self._writers.append(writer)
        self._tasks.append(asyncio.create_task(self._listen(reader)))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                line = await reader.readuntil(b"\n")
                if line.startswith(b"data: {") and b'"told"' in line:
                    changed = float(orjson.loads(line[6:])["at"])
                    self.waited.append((time.time() - changed) * 1000)

    async def close(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        for writer in self._writers:
            writer.close()


def serve(part: str, port: int) -> None:
    """One side, in a process of its own."""
    from qunxue.server import server

    app = _gateway() if part == "gateway" else _membership()
    if part == "membership":
        port_of = int(os.environ["BENCH_MEMBERSHIP"])
        uvloop.run(_both(app, port, port_of))
        return
    uvloop.run(server(app, port=port).until(asyncio.Event()))


async def _both(app: Any, port: int, other: int) -> None:
    from qunxue.server import server

    stop = asyncio.Event()
    await asyncio.gather(
        server(app, port=port, lifespan=False).until(stop), server(app, port=other, lifespan=False).until(stop)
    )


def _gateway() -> Any:
    from pathlib import Path
    from tempfile import mkdtemp

    from pydantic import SecretStr

    from chassis.settings import Settings
    from gateway.app import create_gateway

    settings = Settings(
        data_dir=Path(mkdtemp(prefix="bench-streams-")),
        secret_key=SecretStr("only-for-a-benchmark-only-for-a-benchmark"),
        mode="distributed",
    )
    return create_gateway(settings, apps=None)


def _membership() -> Any:
    """Stands in for it: the same tokens, and a feed that answers as soon as something changed."""
    from tests.support.standins import MembershipStandIn, person, token

    class Feeding(MembershipStandIn):
        people: list[Any]
        items: list[dict[str, Any]]

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            self.seen.clear()
            self.started.clear()
            path, query = scope["path"], dict(httpx.QueryParams(scope["query_string"].decode()))
            if path == "/tokens":
                self.people = [person() for _ in range(int(query["count"]))]
                self.items = []
                self.answers[path] = [token(one) for one in self.people]
            elif path == "/change":
                seq = f"0.{len(self.items) + 1}"
                item = {"seq": seq, "person_id": str(self.people[int(query["person"])].id), "kind": "told"}
                self.items.append({**item, "notification_id": None, "unread": 1, "at": repr(time.time())})
                self.answers[path] = {}
            elif path == FEED:
                self.answers[path] = await self._behind(query)
            await super().__call__(scope, receive, send)

        async def _behind(self, query: dict[str, str]) -> Any:
            after = int(query["after"].split(".")[1]) if "after" in query else len(self.items)
            until = time.monotonic() + float(query.get("wait_seconds", 0))
            # As membership does: it looks twice a second.
            while len(self.items) <= after and time.monotonic() < until:
                await asyncio.sleep(0.5)
            return {"items": self.items[after:], "next": f"0.{len(self.items)}", "reset": False}

    return Feeding()


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--part")
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    if options.part:
        serve(options.part, options.port)
    else:
        end_with(run())

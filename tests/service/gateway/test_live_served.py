"""The live stream over real connections: readers who leave, vanish or take nothing, and a gateway that is told to stop."""

import asyncio
import contextlib
import json
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from chassis.connections import SENT_AHEAD_BYTES, UNANSWERED_MS, Connection
from chassis.security.caller import Caller
from tests.service.gateway.changes import Changes
from tests.service.gateway.conftest import SECRET, Scene
from tests.support.ports import free_port, listens
from tests.support.processes import clean_environment, product_command
from tests.support.standins import MembershipStandIn, listening, person, token
from tests.support.waiting import eventually


class Browser:
    """A reader at the other end of a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.text = ""

    @classmethod
    async def of(cls, port: int, caller: Caller, query: str = "") -> "Browser":
        opened = cls(*await asyncio.open_connection("127.0.0.1", port))
        lines = [f"GET /v1/stream{query} HTTP/1.1", "Host: gateway", f"Authorization: Bearer {token(caller)}", "", ""]
        opened.writer.write("\r\n".join(lines).encode())
        await opened.until("event: ready")
        return opened

    async def until(self, what: str) -> None:
        while what not in self.text:
            piece = await self.reader.read(65536)
            assert piece, f"it ended before {what}: {self.text}"
            self.text += piece.decode()

    async def rest(self) -> str:
        self.text += (await self.reader.read()).decode()
        self.writer.close()
        return self.text


async def test_whoever_closes_the_connection_has_no_stream_any_more(scene: Scene):
    changes = Changes(scene)
    caller = person()
    async with listening(scene.gateway, lifespan="off") as port:
        browser = await Browser.of(port, caller)
        assert scene.gateway.runtime.streams.count == 1
        changes.told(caller)
        await browser.until("event: notification")
        browser.writer.close()
        await eventually(lambda: scene.gateway.runtime.streams.count == 0, what="it is noticed")


async def test_a_reader_who_takes_nothing_is_dropped_and_their_memory_with_them(scene: Scene):
    changes = Changes(scene)
    slow = person()
    streams = scene.gateway.runtime.streams
    async with listening(scene.gateway, lifespan="off") as port:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        sock.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token(slow)}\r\n\r\n".encode())
        await eventually(lambda: streams.count == 1, what="open")
        [stream] = streams._of[slow.id]
        most = written = 0
        while streams.count:
            for _ in range(100):
                changes.told(slow)
            written += 100
            await asyncio.sleep(0.02)
            most = max(most, stream.waiting)
            assert written < 20_000, "it is never dropped"
        assert 0 < most < 64 * 1024 + 32 * 1024
        assert stream.ended == "too_slow"
        sock.close()


async def test_the_system_gives_up_a_connection_of_which_nothing_is_heard_and_keeps_little_for_it():
    """A reader that has vanished without a word leaves its connection half open: the heartbeat is never answered."""
    listener = socket.create_server(("127.0.0.1", 0))
    made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.set_result(transport)

    server = await asyncio.get_running_loop().create_server(Protocol, sock=listener)
    _, writer = await asyncio.open_connection(*listener.getsockname())
    transport = await made
    Connection(transport).stay_open()
    sock = transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNANSWERED_MS == 30_000
    # Linux keeps twice what it is told, for what it needs itself.
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SENT_AHEAD_BYTES
    Connection(transport).abort()
    writer.close()
    server.close()


@pytest.mark.slow
async def test_a_gateway_that_is_told_to_stop_says_so_to_its_readers_and_ends(tmp_path: Path):
    membership = MembershipStandIn()
    scene: Any = type("Behind", (), {"membership": membership})()
    changes = Changes(scene)
    port = free_port()
    async with listening(membership) as behind:
        environment = clean_environment(
            {
                "QUNXUE_MODE": "distributed",
                "QUNXUE_SECRET_KEY": SECRET,
                "QUNXUE_MEMBERSHIP_URL": f"http://127.0.0.1:{behind}",
                "QUNXUE_DATA_DIR": str(tmp_path),
            }
        )
        command = product_command(["qunxue", "serve", "gateway", "--port", str(port)])
        log = tmp_path / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
        try:
            await eventually(lambda: listens(port), what="the gateway listens")
            callers = [person() for _ in range(20)]
            browsers = [await Browser.of(port, caller) for caller in callers]
            seq = changes.told(callers[3])
            await browsers[3].until(f"id: {seq}\nevent: notification")
            process.send_signal(signal.SIGTERM)
            for browser in browsers:
                text = await browser.rest()
                assert 'event: end\ndata: {"reason":"shutting_down"}' in text
                assert text.endswith("0\r\n\r\n"), "the answer is whole"
            # Who is not ended in time is ended hard, with 1.
            assert await process.wait() == 0, log.read_text()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    written = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert not [line for line in written if line.get("level") in {"error", "ERROR"}]
    ended = [line for line in written if "stream_seconds" in line]
    assert len(ended) == 20
    assert sum(line["events"] for line in ended) == 1
    assert {line["ended"] for line in ended} == {"shutting_down"}
    assert not [line for line in written if str(callers[3].id) in json.dumps(line)]

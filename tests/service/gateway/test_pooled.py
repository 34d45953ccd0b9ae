"""Services behind connections: kept, lost, refused, slow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from chassis.settings import SERVICES, Settings
from gateway.app import Gateway, create_gateway
from tests.service.gateway.conftest import SECRET
from tests.support.answers import of_the_gateway
from tests.support.ports import free_port
from tests.support.standins import MembershipStandIn, bearer, listening, person
from tests.support.waiting import PATIENCE

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
async def make(tmp_path: Path, monkeypatch) -> AsyncIterator[Callable[..., Gateway]]:
    made: list[Gateway] = []

    def gateway(*, deadline_seconds: float = PATIENCE, **urls: str) -> Gateway:
        for name in SERVICES:
            monkeypatch.delenv(f"QUNXUE_{name.upper()}_URL", raising=False)
        for name, url in urls.items():
            monkeypatch.setenv(f"QUNXUE_{name.upper()}_URL", url)
        settings = Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET), mode="distributed")
        made.append(create_gateway(settings, apps=None, deadline_seconds=deadline_seconds))
        return made[-1]

    yield gateway
    for one in made:
        await one.runtime.close()


@asynccontextmanager
async def speaking(handler: Handler) -> AsyncIterator[str]:
    """A server that answers as it is told, byte by byte."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def client_of(gateway: Gateway) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(gateway),
        base_url="http://gateway",
        headers={"Accept-Language": "en"},
        event_hooks={"response": [of_the_gateway().hold]},
    )


async def request_from(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def test_requests_go_over_http_as_they_came(make):
    standin = MembershipStandIn()
    async with listening(standin) as port:
        gateway = make(membership=f"http://127.0.0.1:{port}", content=f"http://127.0.0.1:{port}")
        async with client_of(gateway) as client:
            headers = bearer(person())
            answer = await client.put("/v1/articles/%E5%BC%A0?q=a%20b&q=%2F", json={"a": 1}, headers=headers)
    seen = standin.seen[-1]
    assert answer.status_code == 200
    assert (seen.method, seen.raw_path, seen.query) == ("PUT", b"/v1/articles/%E5%BC%A0", b"q=a%20b&q=%2F")
    assert seen.body == b'{"a":1}'
    assert seen.header("authorization") == headers["Authorization"]
    assert seen.header("content-length") == "7"
    assert seen.header("user-agent") == answer.request.headers["user-agent"]


async def test_a_service_that_is_down_is_503(make):
    gateway = make(content=f"http://127.0.0.1:{free_port()}")
    async with client_of(gateway) as client:
        read, write = await client.get("/v1/ideas"), await client.post("/v1/ideas", json={})
    assert (read.status_code, read.json()["code"]) == (503, "service_unavailable")
    assert write.status_code == 503


async def test_a_read_whose_connection_broke_is_sent_once_more(make):
    calls = 0

    async def breaking_once(reader, writer):
        nonlocal calls
        await request_from(reader)
        calls += 1
        if calls > 1:
            writer.write(OK)
            await writer.drain()
        writer.close()

    async with speaking(breaking_once) as url, client_of(make(content=url)) as client:
        answer = await client.get("/v1/ideas")
    assert (answer.status_code, answer.text, calls) == (200, "ok", 2)


async def test_a_command_whose_connection_broke_is_not_and_its_outcome_is_unknown(make):
    calls = 0

    async def breaking(reader, writer):
        nonlocal calls
        await request_from(reader)
        calls += 1
        writer.close()

    async with speaking(breaking) as url, client_of(make(content=url)) as client:
        answer = await client.post("/v1/ideas", json={})
    assert (answer.status_code, answer.json()["code"], calls) == (502, "bad_gateway", 1)
    assert "same Idempotency-Key" in answer.json()["detail"]


async def test_an_answer_that_is_no_http_is_502(make):
    async def nonsense(reader, writer):
        await request_from(reader)
        writer.write(b"SMTP ready\r\n\r\n")
        await writer.drain()
        writer.close()

    async with speaking(nonsense) as url, client_of(make(content=url)) as client:
        answer = await client.post("/v1/ideas")
    assert answer.status_code == 502


async def test_a_service_that_does_not_answer_in_time_is_504(make):
    async def silent(reader, writer):
        await request_from(reader)
        await reader.read()
        writer.close()

    async with speaking(silent) as url, client_of(make(content=url, deadline_seconds=1.0)) as client:
        answer = await client.get("/v1/ideas")
    assert answer.status_code == 504


async def test_an_answer_cut_off_is_not_passed_off_as_whole(make):
    async def half(reader, writer):
        await request_from(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    async with (
        speaking(half) as url,
        listening(make(content=url)) as port,
        httpx.AsyncClient(timeout=PATIENCE) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{port}/v1/ideas")


async def test_connections_are_kept(make):
    connections = 0

    async def keeping(reader, writer):
        nonlocal connections
        connections += 1
        while True:
            try:
                await request_from(reader)
            except asyncio.IncompleteReadError:
                break
            writer.write(OK)
            await writer.drain()
        writer.close()

    async with speaking(keeping) as url, client_of(make(content=url)) as client:
        for _ in range(5):
            assert (await client.get("/v1/ideas")).text == "ok"
    assert connections == 1


async def test_compressed_answers_pass_untouched_and_redirects_are_not_followed(make):
    async def answering(reader, writer):
        await request_from(reader)
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: /v1/ideas/7\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\n\x01\x02\x03"
        )
        await writer.drain()
        writer.close()

    async with (
        speaking(answering) as url,
        client_of(make(content=url)) as client,
        client.stream("GET", "/v1/ideas") as answer,
    ):
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert (answer.status_code, answer.headers["location"], raw) == (302, "/v1/ideas/7", b"\x01\x02\x03")


async def test_a_body_of_unknown_length_arrives_whole(make):
    standin = MembershipStandIn()

    async def pieces():
        for _ in range(30):
            yield b"x" * 100_000

    async with listening(standin) as port, client_of(make(gamification=f"http://127.0.0.1:{port}")) as client:
        answer = await client.post("/v1/checkins/imports", content=pieces())
    assert answer.status_code == 200
    assert len(standin.seen[-1].body) == 3_000_000

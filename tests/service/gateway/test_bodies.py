"""How much may come, and how slowly."""

import asyncio
from collections.abc import AsyncIterator
from itertools import cycle

import httpx
import pytest

from chassis.problems import UNAVAILABLE
from gateway.bodies import BODY_LIMIT, UPLOAD_LIMIT
from gateway.guards import MOST_IN_FLIGHT
from gateway.shares import Shares
from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import listening, person
from tests.support.waiting import PATIENCE

MIB = 1024 * 1024


async def pieces(total: int, size: int = MIB // 4) -> AsyncIterator[bytes]:
    for _ in range(total // size):
        yield b"x" * size


async def test_what_fits_exactly_passes_and_one_byte_more_does_not(scene: Scene):
    assert (await scene.send("POST", "/v1/ideas", content=b"x" * BODY_LIMIT)).status_code == 200
    refused = await scene.send("POST", "/v1/ideas", content=b"x" * (BODY_LIMIT + 1))
    assert (refused.status_code, refused.json()["limit"]) == (413, BODY_LIMIT)
    assert len(scene["content"].started) == 1


async def test_a_body_of_unknown_length_is_counted(scene: Scene):
    assert (await scene.send("POST", "/v1/ideas", content=pieces(BODY_LIMIT))).status_code == 200
    assert len(scene["content"].seen[0].body) == BODY_LIMIT
    assert scene["content"].seen[0].header("content-length") == str(BODY_LIMIT)
    refused = await scene.send("POST", "/v1/ideas", content=pieces(2 * MIB))
    assert refused.status_code == 413
    assert len(scene["content"].started) == 1


@pytest.mark.parametrize("content", [b"x" * (2 * MIB), "chunked"])
async def test_the_length_is_judged_before_the_token(scene: Scene, content):
    body = pieces(2 * MIB) if content == "chunked" else content
    answer = await scene.send("POST", "/v1/ideas", content=body, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 413


async def test_files_may_be_larger(scene: Scene):
    answer = await scene.send("POST", "/v1/checkins/imports", person(), content=pieces(5 * MIB))
    assert answer.status_code == 200
    assert len(scene["gamification"].seen[-1].body) == 5 * MIB
    declared = {"Content-Length": str(UPLOAD_LIMIT + 1)}
    assert (await scene.send("POST", "/v1/checkins/imports", content=b"", headers=declared)).status_code == 413


async def test_a_file_of_unknown_length_is_cut_at_its_limit(scene: Scene, monkeypatch):
    monkeypatch.setattr("gateway.proxy.UPLOAD_LIMIT", 3 * MIB)
    answer = await scene.send("POST", "/v1/checkins/imports", content=pieces(4 * MIB))
    assert answer.status_code == 413
    assert not scene["gamification"].seen


async def test_a_slow_body_is_cut_by_the_deadline(begin: Begin):
    scene = begin(deadline_seconds=0.2)
    async with listening(scene.gateway) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/ideas HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408")
        assert b"connection: close" in head
        await reader.read()
        writer.close()


async def test_bodies_that_never_come_take_none_of_the_places(begin: Begin):
    scene = begin()
    async with listening(scene.gateway) as port:
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_IN_FLIGHT + 14)]
        for target, (_, writer) in zip(cycle([b"/v1/sessions/refresh", b"/v1/ideas"]), waiting, strict=False):
            writer.write(b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
            await writer.drain()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            for path in ("/v1/ideas", "/v1/people/me"):
                assert (await client.get(path)).status_code == 200
            assert (await client.post("/v1/ideas", json={})).status_code == 200
        assert all(not service.started or service.seen for service in scene.services.values())
        for _, writer in waiting:
            writer.close()


async def test_bodies_of_one_address_are_held_up_to_its_part_of_the_memory(scene: Scene, monkeypatch):
    monkeypatch.setattr("gateway.bodies._memory", Shares(4 * MIB, MIB, used_up=UNAVAILABLE))
    first, second = asyncio.Event(), asyncio.Event()

    async def halting() -> AsyncIterator[bytes]:
        yield b"x" * (MIB - MIB // 4)
        first.set()
        await second.wait()
        yield b"x"

    waiting = asyncio.create_task(scene.send("POST", "/v1/ideas", content=halting()))
    await first.wait()
    refused = await scene.send("POST", "/v1/ideas", content=pieces(MIB // 2))
    assert (refused.status_code, refused.json()["policy"]) == (429, "at_once")
    other = await scene.send("POST", "/v1/ideas", person(), content=b"x" * (MIB // 2))
    assert other.status_code == 200
    second.set()
    assert (await waiting).status_code == 200


async def test_a_file_that_trickles_is_ended(begin: Begin, monkeypatch):
    monkeypatch.setattr("gateway.bodies.SLOW_SECONDS", 0.2)
    scene = begin(deadline_seconds=0.3)

    async with listening(scene.gateway) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/checkins/imports HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")

        async def trickle() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 120)
        trickling.cancel()
        writer.close()
    assert head.startswith(b"HTTP/1.1 408")
    assert all(guard.in_flight == 0 for guard in scene.gateway.runtime.guards.values())


@pytest.mark.slow
async def test_a_file_may_take_longer_as_long_as_it_moves(begin: Begin):
    scene = begin(deadline_seconds=3.0)

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(8):
            await asyncio.sleep(0.4)
            yield b"x" * 1000

    async with listening(scene.gateway) as port, httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/v1/checkins/imports", content=slowly())
        stalled = await client.post(f"http://127.0.0.1:{port}/v1/checkins/imports", content=_stalling())
    assert answer.status_code == 200
    assert stalled.status_code == 408


async def _stalling() -> AsyncIterator[bytes]:
    yield b"x" * 1000
    await asyncio.sleep(5.0)


async def test_an_answer_before_the_body_is_read_reaches_the_client(scene: Scene):
    async def refusing(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    scene["gamification"].behaves = refusing
    async with listening(scene.gateway) as port, httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/v1/checkins/imports", content=b"x" * (8 * MIB))
    assert (answer.status_code, answer.content) == (403, b"no")


async def test_a_small_body_that_was_not_read_costs_no_connection(scene: Scene):
    async def refusing(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    scene["content"].behaves = refusing
    async with listening(scene.gateway) as port, httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/v1/ideas", json={})
    assert "connection" not in answer.headers

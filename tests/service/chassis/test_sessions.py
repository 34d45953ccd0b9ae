"""Sessions under pressure: many at once, a busy writer, a full pool, a client that goes away, a server that does."""

import asyncio
import gc
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from queue import SimpleQueue
from threading import Event as ThreadEvent
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from chassis.database.context import context_of
from chassis.database.engine import Database
from chassis.database.migrations import is_at_head
from chassis.service import RunningService
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import ON_POSTGRES, ON_SQLITE, Workshop, code_of
from tests.service.chassis.workshop import IMPORTS
from tests.service.chassis.workshop_things import Thing, seats_taken, tables
from tests.support.postgres import PostgresServer
from tests.support.scale import scaled
from tests.support.waiting import eventually


@pytest.mark.slow
async def test_a_hundred_seats_are_taken_by_a_hundred_however_many_come_at_once(shop):
    wanted, seats = scaled(1000, reduced=300), scaled(100, reduced=30)
    thing = await shop.thing(seats=seats)
    member = await shop.member()
    turnstile = asyncio.Semaphore(50)

    async def register():
        async with turnstile:
            return await member.post(f"/v1/things/{thing}/seats")

    answers = await asyncio.gather(*(register() for _ in range(wanted)))
    assert sorted(a.json()["position"] for a in answers if a.status_code == 201) == list(range(1, seats + 1))
    assert [code_of(a) for a in answers if a.status_code != 201] == [(409, "workshop_full")] * (wanted - seats)
    assert await shop.rows(select(func.count()).select_from(seats_taken)) == [(seats,)]


async def test_readers_never_queue_behind_a_writer(shop, switches):
    owner = await shop.member("owner")
    await shop.thing(name="before")
    switches.hold = asyncio.Event()
    body = {"community_id": str(shop.community_id), "name": "during"}
    writing = asyncio.create_task(owner.post("/v1/things", json=body))
    await switches.entered_event.wait()
    async with asyncio.timeout(60):
        listed = await owner.get(f"/v1/things?community_id={shop.community_id}")
    assert [item["name"] for item in listed.json()["items"]] == ["before"]
    switches.hold.set()
    assert (await writing).status_code == 201


@ON_SQLITE
async def test_a_writer_that_waits_too_long_for_the_one_before_is_told_to_come_back(shop, switches, monkeypatch):
    monkeypatch.setattr("chassis.database.engine.WRITER_WAIT_SECONDS", 0.2)
    owner = await shop.member("owner")
    switches.hold = asyncio.Event()
    body = {"community_id": str(shop.community_id), "name": "wheel"}
    first = asyncio.create_task(owner.post("/v1/things", json=body))
    await switches.entered_event.wait()
    second = await owner.post("/v1/things", json=body)
    assert code_of(second) == (503, "unavailable")
    assert second.headers["retry-after"] == "1"
    switches.hold.set()
    assert (await first).status_code == 201
    assert (await owner.post("/v1/things", json=body)).status_code == 201


@ON_SQLITE
async def test_what_two_openers_of_one_file_write_is_all_kept(shop, database_url):
    """A command beside the running process: whoever reads to write has the file alone from the reading on."""
    thing = await shop.thing()
    openers = [Database(database_url, tables) for _ in range(2)]

    async def count(database):
        for _ in range(25):
            async with database.transaction() as session:
                seats = (await session.execute(select(col(Thing.seats)).where(col(Thing.id) == thing))).scalar_one()
                await asyncio.sleep(0)
                await session.execute(update(Thing).where(col(Thing.id) == thing).values(seats=seats + 1))

    await asyncio.gather(*(count(database) for database in openers))
    for database in openers:
        await database.dispose()
    assert await shop.rows(select(col(Thing.seats))) == [(50,)]


async def test_who_sends_slowly_keeps_nobody_from_writing(shop):
    owner, other = await shop.member("owner"), await shop.member("owner")
    more = asyncio.Event()
    begun = asyncio.Event()

    async def slowly():
        yield b"one "
        begun.set()
        await more.wait()
        yield b"two"

    upload = {"content": slowly(), "headers": {"content-type": "text/csv"}}
    slow = asyncio.create_task(owner.post(f"{IMPORTS}?community_id={shop.community_id}", **upload))
    await begun.wait()
    async with asyncio.timeout(60):
        body = {"community_id": str(shop.community_id), "name": "quick"}
        assert (await other.post("/v1/things", json=body)).status_code == 201
    more.set()
    assert (await slow).status_code == 202


async def test_a_client_that_goes_away_leaves_nothing_behind_and_blocks_nobody(shop, switches):
    member = await shop.member()
    url = f"/v1/failures/waits?community_id={shop.community_id}"
    for _ in range(25):  # more than there are connections
        switches.hold, switches.entered_event = asyncio.Event(), asyncio.Event()
        gone = asyncio.create_task(member.post(url))
        await switches.entered_event.wait()
        gone.cancel()
        await asyncio.wait([gone])
        assert gone.cancelled()
    assert await shop.names() == []
    assert (await member.post(f"/v1/failures/none?community_id={shop.community_id}")).status_code == 201


async def test_cancelled_at_any_moment_a_request_has_its_whole_effect_or_none(shop):
    owner = await shop.member("owner")
    body = {"community_id": str(shop.community_id), "name": "wheel"}
    for steps in range(60):
        task = asyncio.create_task(owner.post("/v1/things", json=body))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    async def settled():
        made, told = await shop.names(), await shop.published("thing.made")
        assert len(made) == len(told)
        return True

    await eventually(settled)
    assert (await owner.post("/v1/things", json=body)).status_code == 201


class Steps(SimpleQueue[Any]):
    """What SQLite's threads are to do: the one chosen by `before` is done only after `done` was set, the others at once."""

    left, reached, done = -1, asyncio.Event(), ThreadEvent()
    loop: asyncio.AbstractEventLoop

    def get(self, *arguments: Any, **options: Any) -> Any:
        step = super().get(*arguments, **options)
        Steps.left -= 1
        if Steps.left == -1:
            Steps.loop.call_soon_threadsafe(Steps.reached.set)
            Steps.done.wait(30)
        return step

    @classmethod
    def before(cls, step: int) -> None:
        cls.left, cls.reached, cls.done, cls.loop = step, asyncio.Event(), ThreadEvent(), asyncio.get_running_loop()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> type[Steps]:
    # As if every statement were a long one: each is a step of its own.
    monkeypatch.setattr("chassis.database.sqlite.InPlaceConnection._goes_to_thread", lambda *_: True)
    monkeypatch.setattr("chassis.threads.SimpleQueue", Steps)
    return Steps


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is closed merely because the garbage collector came by."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@ON_SQLITE
@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("connected", [True, False], ids=["connected", "connecting"])
async def test_who_goes_away_during_any_step_of_the_database_leaves_it_free_at_once(steps, shop, connected):
    owner = await shop.member("owner")
    body = {"community_id": str(shop.community_id), "name": "wheel"}
    for step in range(100):
        await shop.runtime.database.dispose()
        if connected:
            async with shop.runtime.database.transaction() as session:
                await session.execute(text("SELECT 1"))
        steps.before(step)
        asked = asyncio.create_task(owner.post("/v1/things", json=body))
        reached = asyncio.create_task(steps.reached.wait())
        await asyncio.wait([asked, reached], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        gone = asked.cancel()  # nobody waits for the step any more, and it is still to come
        steps.done.set()
        await asyncio.wait([asked])
        if not gone:  # it was over before it came to so many steps
            steps.left = -1  # nor is one of those awaited with which everything is closed
            break
        with closing(sqlite3.connect(str(shop.runtime.database.url.database), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        made, told = await shop.names(), await shop.published("thing.made")
        assert len(made) == len(told)
    assert step > 5, "a request has more statements than these, and its commit"
    assert (await asked).status_code == 201


async def test_who_works_by_a_change_is_woken_also_where_its_caller_left_during_the_commit(shop):
    database = shop.runtime.database
    events = (database.outbox_filled, database.jobs_changed, database.timers_changed)
    for event in events:
        event.clear()
    committing = asyncio.Event()

    async def change():
        async with database.transaction() as session:
            await session.execute(text("UPDATE things SET weight = weight"))
            context = context_of(session)
            context.emitted = context.job_started = context.timer_set = True
            committing.set()

    changing = asyncio.create_task(change())
    await committing.wait()
    changing.cancel()
    await asyncio.wait([changing])
    assert changing.cancelled()
    assert [event.is_set() for event in events] == [True, True, True]


@ON_POSTGRES
async def test_a_pool_without_a_free_connection_answers_503_and_recovers(shop, monkeypatch):
    member = await shop.member()
    monkeypatch.setattr(shop.runtime.database.writer.sync_engine.pool, "_timeout", 0.2)
    url = f"/v1/failures/none?community_id={shop.community_id}"
    async with AsyncExitStack() as held:
        for _ in range(shop.runtime.settings.database_pool_size):
            session = await held.enter_async_context(shop.runtime.database.transaction())
            await session.execute(text("SELECT 1"))
        assert code_of(await member.post(url)) == (503, "unavailable")
        assert (await member.get(f"/v1/things?community_id={shop.community_id}")).status_code == 200
    assert (await member.post(url)).status_code == 201


async def test_a_reading_session_cannot_write(shop):
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        await shop.rows(seats_taken.delete())


@pytest.mark.postgres
async def test_without_its_database_a_service_says_so_and_goes_on_when_it_is_back(settings, switches):
    with PostgresServer(fsync=True) as server:
        url = server.create_database("workshop")
        async with Workshop(of.workshop, settings, database_url=url) as shop:
            owner = await shop.member("owner")
            body = {"community_id": str(shop.community_id), "name": "wheel"}
            assert (await owner.post("/v1/things", json=body)).status_code == 201
            things = f"/v1/things?community_id={shop.community_id}"
            assert (await owner.get(things)).status_code == 200
            server.kill()
            assert code_of(await owner.get(things)) == (503, "unavailable")
            assert code_of(await owner.post("/v1/things", json=body)) == (503, "unavailable")
            assert (await owner.get("/readyz")).status_code == 503
            assert (await owner.get("/livez")).status_code == 200
            server.start()

            async def answers() -> bool:
                return {
                    (await owner.get(things)).status_code,
                    (await owner.post("/v1/things", json=body)).status_code,
                } == {
                    200,
                    201,
                }

            await eventually(answers)
            assert set(await shop.names()) == {"wheel"}


async def test_a_service_that_nobody_can_reach_a_database_for_starts_all_the_same(settings):
    runtime = RunningService(of.workshop, settings, database_url="postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    assert await is_at_head(runtime.database, runtime.service) is False
    await runtime.close()

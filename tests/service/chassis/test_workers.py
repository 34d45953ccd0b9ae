"""A worker says which of its loops hangs, so that somebody starts it again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select
from sqlmodel import col

from chassis.job_running import JobLanes
from chassis.messaging.local_log import LocalLog, LocalSubscription
from chassis.messaging.outlet import SqliteOutlet
from chassis.timers import Timers, schedule
from chassis.web.ops import ops_app
from chassis.worker import Worker
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import Workshop
from tests.service.chassis.workshop_things import Thing
from tests.support.waiting import eventually


@pytest.fixture
async def shop(settings, switches) -> AsyncIterator[Workshop]:
    async with Workshop(of.workshop, settings) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("chassis.turns.LIMIT_SECONDS", 0.5)
    monkeypatch.setattr("chassis.turns.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("chassis.messaging.consumer.LOOK_SECONDS", 0.05)


@asynccontextmanager
async def working(shop: Workshop, log: Any) -> AsyncIterator[Worker]:
    worker, stop = Worker(shop.runtime, log, outside=log), asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await task
        await log.close()


async def give_work(shop: Workshop) -> None:
    """A timer that is due, a job that waits, a message to send."""
    owner, thing = await shop.member("owner"), await shop.thing()
    async with shop.runtime.database.transaction() as session:
        await schedule(session, "thing.close", thing, shop.clock())
    body = {"community_id": str(shop.community_id), "name": "one"}
    assert (await owner.post("/v1/things", json=body)).status_code == 201
    url = f"/v1/things/imports?community_id={shop.community_id}"
    assert (await owner.post(url, content="a b", headers={"Content-Type": "text/csv"})).status_code == 202


HANGS = {
    "relay": (SqliteOutlet, "read"),
    "consumer": (LocalSubscription, "_read"),
    "timers": (Timers, "run_due"),
    "jobs": (JobLanes, "_fill"),
}


@pytest.mark.parametrize("loop", HANGS)
async def test_a_loop_that_hangs_is_named_until_it_goes_on(shop, tmp_path, monkeypatch, impatient, loop):
    of_class, name = HANGS[loop]
    original, entered, released = getattr(of_class, name), asyncio.Event(), asyncio.Event()

    async def hang(self: Any, *arguments: Any, **options: Any) -> Any:
        entered.set()
        await released.wait()
        return await original(self, *arguments, **options)

    await give_work(shop)
    monkeypatch.setattr(of_class, name, hang)
    async with working(shop, LocalLog(tmp_path / "log.sqlite")) as worker:
        transport = httpx.ASGITransport(ops_app([shop.runtime], [worker.turns]))
        async with httpx.AsyncClient(transport=transport, base_url="http://ops") as ops:
            await entered.wait()

            async def named() -> bool:
                answer = await ops.get("/livez")
                return answer.status_code == 503 and f"workshop {loop}" in answer.json()["loops"]

            await eventually(named, what=f"{loop} named as hanging")
            released.set()
            before = worker.turns.last[f"workshop {loop}"]
            await eventually(lambda: worker.turns.last[f"workshop {loop}"] > before)


class Away:
    """A log that nobody reaches."""

    async def ensure_topics(self, topics: Any) -> Any:
        await asyncio.Event().wait()

    async def close(self) -> None: ...


async def test_a_log_that_is_away_makes_no_loop_hang(shop, impatient):
    began = time.monotonic()
    async with working(shop, Away()) as worker:

        def both_came_round() -> bool:
            return all(worker.turns.last.get(f"workshop {loop}", 0) > began + 0.5 for loop in ("relay", "consumer"))

        await eventually(both_came_round)


async def test_a_consumer_without_messages_does_not_hang(shop, tmp_path, impatient):
    async with working(shop, LocalLog(tmp_path / "log.sqlite")) as worker:
        began = time.monotonic()
        await eventually(lambda: worker.turns.last.get("workshop consumer", 0) > began + 0.5)


@pytest.fixture
def never_looking(monkeypatch):
    """No loop looks at the database by itself: what happens wakes it, and the clock."""
    for who in ("worker", "job_running", "messaging.relay"):
        monkeypatch.setattr(f"chassis.{who}.OWN_SECONDS", 3600.0)
    monkeypatch.setattr("chassis.worker.CLOCK_SECONDS", 0.05)
    monkeypatch.setattr("chassis.worker.MEASURE_SECONDS", 3600.0)


class Rest:
    """Whether a service's database is asked anything."""

    def __init__(self, shop: Workshop) -> None:
        self.last = time.monotonic()
        for engine in (shop.runtime.database.reader, shop.runtime.database.writer):
            event.listen(engine.sync_engine.pool, "checkout", self._asked)

    def _asked(self, *_: Any) -> None:
        self.last = time.monotonic()

    async def lasted(self, seconds: float) -> None:
        await eventually(lambda: time.monotonic() - self.last > seconds)


async def test_what_happens_in_the_process_wakes_its_worker(shop, tmp_path, never_looking):
    tables = shop.runtime.service.tables
    rest = Rest(shop)
    async with working(shop, LocalLog(tmp_path / "log.sqlite")):
        await rest.lasted(0.3)
        await shop.caught_up(shop.clock())
        await give_work(shop)

        async def all_done() -> bool:
            sent = not await shop.rows(select(tables.messaging.outbox))
            closed = await shop.rows(select(col(Thing.id)).where(col(Thing.status) == "closed"))
            return bool(sent and closed and await shop.rows(select(tables.chassis.jobs.c.state)) == [("succeeded",)])

        await eventually(all_done, what="message sent, job and timer done")


async def test_an_earlier_timer_is_not_slept_through_and_a_clock_that_is_set_neither(shop, tmp_path, never_looking):
    first, later = await shop.thing(), await shop.thing()
    rest = Rest(shop)
    async with working(shop, LocalLog(tmp_path / "log.sqlite")):
        async with shop.runtime.database.transaction() as session:
            await schedule(session, "thing.close", later, shop.clock() + timedelta(days=2))
        await rest.lasted(0.3)
        async with shop.runtime.database.transaction() as session:
            await schedule(session, "thing.close", first, shop.clock() + timedelta(hours=1))
        await rest.lasted(0.3)
        shop.clock.advance(timedelta(hours=2))

        async def first_is_closed() -> bool:
            return await shop.rows(select(col(Thing.id)).where(col(Thing.status) == "closed")) == [(first,)]

        await eventually(first_is_closed)


@pytest.mark.fault(11)
async def test_a_worker_whose_clock_is_set_back_sets_its_timers_anew(shop, tmp_path, monkeypatch, never_looking):
    monkeypatch.setattr("chassis.worker.OWN_SECONDS", 0.05)
    table = shop.runtime.service.tables.chassis.timers

    async def all_within_a_day() -> bool:
        due = await shop.rows(select(table.c.due_at))
        return bool(due) and max(due)[0] <= shop.clock() + timedelta(days=1)

    async with working(shop, LocalLog(tmp_path / "log.sqlite")):
        await eventually(all_within_a_day)
        shop.clock.now -= timedelta(days=365)
        await eventually(all_within_a_day)


async def test_a_worker_without_work_asks_its_database_nothing(shop, tmp_path, never_looking):
    rest = Rest(shop)
    async with working(shop, LocalLog(tmp_path / "log.sqlite")):
        # Longer than any of them would wait who looked again and again.
        await rest.lasted(3.0)

"""Jobs side by side, and never for ever."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis import job_running
from chassis.budget import OverBudget, in_thread
from chassis.job_running import LANES, claim
from chassis.jobs import LEASE, LIMIT, JobKind, start_job
from tests.service.chassis.working import ended, lanes, run, started, state
from tests.service.chassis.workshop import jobs
from tests.service.chassis.workshop_things import tables
from tests.support.waiting import eventually

table = tables.chassis.jobs


async def hanging(job):
    """In a thread that never looks up, as a library may hang."""
    await in_thread(threading.Event().wait, stop=job.stop)


@pytest.fixture
def one_that_hangs(monkeypatch):
    """The first job hangs, those after it do what they do."""
    kind, seen = jobs.kinds["things.import"], []

    async def first_hangs(job):
        if not seen or job.id in seen:
            seen.append(job.id)
            await hanging(job)
        else:
            await kind.function(job)

    def limited(limit=LIMIT):
        monkeypatch.setitem(jobs.kinds, "things.import", JobKind(first_hangs, limit))

    limited()
    return limited


async def test_a_job_that_hangs_holds_no_other_back(shop, one_that_hangs):
    bad, bad_job = await started(shop, "x")
    async with lanes(shop):
        good, good_job = await started(shop, "a b c", await shop.member("operator"))
        assert (await ended(good, good_job))["state"] == "succeeded"
        assert (await bad.get(bad_job)).json()["state"] == "running"


async def test_whoever_starts_a_hundred_leaves_a_lane_to_the_others(shop, monkeypatch):
    monkeypatch.setitem(jobs.kinds, "things.import", JobKind(hanging, LIMIT))
    many, _ = await started(shop, "x")
    for _ in range(9):
        await started(shop, "x", many)
    other, job = await started(shop, "x", await shop.member("operator"))
    async with lanes(shop):

        async def lanes_taken():
            return len(await shop.rows(select(table).where(table.c.state == "running"))) == LANES

        await eventually(lanes_taken)
        assert (await other.get(job)).json()["state"] == "running"


async def test_what_the_system_does_by_itself_leaves_a_lane_to_what_else_it_does(shop, monkeypatch):
    monkeypatch.setitem(jobs.kinds, "things.other", JobKind(hanging, LIMIT))
    async with shop.runtime.database.transaction() as session:
        for kind in ("things.import", "things.import", "things.import", "things.other"):
            await start_job(session, kind, {}, caller=None, now=shop.clock())
    taken = [await claim(jobs, shop.runtime, "worker") for _ in range(4)]
    assert [run and run.kind for run in taken] == ["things.import", "things.other", "things.import", None]


async def test_a_job_past_its_limit_is_ended_with_the_reason(shop, one_that_hangs):
    one_that_hangs(timedelta(seconds=0.2))
    client, where = await started(shop, "x")
    async with lanes(shop):
        job = await ended(client, where)
    assert (job["state"], job["error"]) == ("failed", "too_long: it took longer than 0 s")
    assert await shop.rows(select(tables.chassis.job_inputs)) == []


async def test_a_job_that_hangs_is_left_when_it_is_cancelled(shop, one_that_hangs, monkeypatch):
    monkeypatch.setattr(job_running, "LOOK_SECONDS", 0.1)
    client, where = await started(shop, "x")
    running = asyncio.create_task(run(shop))

    async def under_way():
        return (await client.get(where)).json()["state"] == "running"

    await eventually(under_way)
    assert (await client.post(f"{where}/cancel")).status_code == 200
    async with asyncio.timeout(60):
        await running
    assert (await client.get(where)).json()["state"] == "cancelled"


async def test_a_job_that_is_long_at_one_step_keeps_its_lease(shop, one_that_hangs, monkeypatch):
    monkeypatch.setattr(job_running, "LOOK_SECONDS", 0.05)
    _client, _where = await started(shop, "x")
    async with lanes(shop):

        async def renewed():
            rows = await shop.rows(select(table.c.lease_until).where(table.c.state == "running"))
            return bool(rows) and rows[0][0] > shop.clock() + LEASE / 2

        await eventually(renewed)
        await shop.later(LEASE * 0.9)
        await eventually(renewed)


async def test_a_job_that_hangs_keeps_no_worker_from_ending_and_goes_on_at_the_next_start(
    shop, one_that_hangs, monkeypatch
):
    monkeypatch.setattr(job_running, "STOP_SECONDS", 0.2)
    client, where = await started(shop, "x")
    async with asyncio.timeout(60):
        async with lanes(shop) as stop:

            async def under_way():
                return (await client.get(where)).json()["state"] == "running"

            await eventually(under_way)
            stop.set()
    assert (await client.get(where)).json()["state"] == "queued"


async def test_a_job_over_its_budget_is_ended_with_the_reason(shop, switches):
    client, where = await started(shop, "x")
    switches.fails = [OverBudget()]
    await run(shop)
    assert (await client.get(where)).json()["error"].startswith("over_budget")


async def test_of_a_hundred_thousand_errors_ten_thousand_are_kept_and_all_are_counted(shop, monkeypatch):
    monkeypatch.setattr("chassis.jobs.MOST_ERRORS", 2)
    client, where = await started(shop, "bad bad bad bad good")
    await run(shop)
    assert await state(client, where) == ("succeeded", 5, 4, 5)
    assert len((await client.get(f"{where}/errors")).json()["items"]) == 2

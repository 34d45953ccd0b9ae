"""Jobs: in steps, each kept or not at all; gone on with after whatever happened to the worker."""

import asyncio
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from chassis import job_running
from chassis.job_running import MAX_ATTEMPTS, let_go_of_all
from chassis.jobs import LEASE, LIMIT, JobKind, LeaseLost
from chassis.problems import UNAVAILABLE, Problem
from chassis.security.authority import StandingUnknown
from chassis.tabular import TABLE_INVALID
from tests.service.chassis.shop import ON_POSTGRES, code_of
from tests.service.chassis.working import ended, lanes, run, started, state
from tests.service.chassis.workshop import IMPORTS, jobs
from tests.service.chassis.workshop_things import tables
from tests.support.children import Child
from tests.support.needs import ROOT
from tests.support.processes import clean_environment
from tests.support.scale import scaled
from tests.support.waiting import eventually

table = tables.chassis.jobs


async def test_a_job_is_done_in_the_background_and_tells_how_far_it_is(shop, switches):
    client, where = await started(shop, "a b c")
    assert await state(client, where) == ("queued", 0, 0, 3)
    assert await run(shop)
    assert await state(client, where) == ("succeeded", 3, 0, 3)
    assert await shop.names() == ["a", "b", "c"]
    assert (await client.get(where)).json()["result"] == {"last": "c"}
    assert not await run(shop)


async def test_errors_are_told_by_row_and_page(shop):
    client, where = await started(shop, "a bad b bad bad")
    await run(shop)
    assert await state(client, where) == ("succeeded", 5, 3, 5)
    first = (await client.get(f"{where}/errors?limit=2")).json()
    assert [(e["row"], e["code"], e["text"]) for e in first["items"]] == [
        (3, "bad_name", "No good."),
        (5, "bad_name", "No good."),
    ]
    rest = (await client.get(f"{where}/errors", params={"limit": 2, "cursor": first["next"]})).json()
    assert [e["row"] for e in rest["items"]] == [6]
    assert rest["next"] is None


async def test_a_step_that_fails_leaves_neither_work_nor_progress(shop, switches):
    client, where = await started(shop, "a b c")
    switches.fails = [ZeroDivisionError()]
    await run(shop)
    assert await state(client, where) == ("failed", 0, 0, 3)
    assert (await client.get(where)).json()["error"] == "internal_error"
    assert await shop.names() == []


async def test_a_job_that_meets_a_refusal_ends_with_its_reason(shop, switches):
    client, where = await started(shop, "a b c")
    switches.fails = [TABLE_INVALID("The file has more than 3 rows.")]
    await run(shop)
    assert await state(client, where) == ("failed", 0, 0, 3)
    assert (await client.get(where)).json()["error"] == "table_invalid: The file has more than 3 rows."


async def test_a_database_that_is_away_for_a_while_ends_no_job(shop, switches):
    client, where = await started(shop, "a b c")
    switches.fails = [ConnectionError()]
    with pytest.raises(ConnectionError):
        await run(shop)
    assert await state(client, where) == ("queued", 0, 0, 3)
    await run(shop)
    assert await shop.names() == ["a", "b", "c"]


async def test_a_busy_writer_ends_no_job(shop, switches):
    client, where = await started(shop, "a b c")
    switches.fails = [UNAVAILABLE()]
    with pytest.raises(Problem):
        await run(shop)
    await run(shop)
    assert await state(client, where) == ("succeeded", 3, 0, 3)


async def test_a_job_asks_membership_and_goes_on_where_it_was(shop, switches):
    client, where = await started(shop, "a b c")
    switches.fails = [StandingUnknown(None, shop.community_id)]
    await run(shop)
    assert await state(client, where) == ("succeeded", 3, 0, 3)
    assert shop.membership.asked == [(None, shop.community_id)]


async def test_a_job_that_cannot_be_done_says_why(shop):
    client, where = await started(shop, "hopeless")
    await run(shop)
    job = (await client.get(where)).json()
    assert (job["state"], job["error"]) == ("failed", "nothing_to_do")


async def paused_in_a_step(shop, switches, owner="zombie"):
    """A worker that stands still in the middle of a step."""
    switches.hold, switches.entered_event = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run(shop, owner))
    await switches.entered_event.wait()
    return running


async def test_a_job_left_by_a_dead_worker_goes_on_at_the_step_after_the_last(shop, switches):
    client, where = await started(shop, "a b c d")
    await shop.write(
        update(table).values(state="running", done=2, attempts=1, lease_owner="dead", lease_until=shop.clock() + LEASE)
    )
    assert not await run(shop)
    await shop.later(LEASE + timedelta(seconds=1))
    assert await run(shop)
    assert await shop.names() == ["c", "d"]
    assert await state(client, where) == ("succeeded", 4, 0, 4)


async def test_a_process_that_is_alone_takes_up_at_once_what_a_dead_one_left(shop, switches):
    client, where = await started(shop, "a b c d")
    await shop.write(
        update(table).values(state="running", done=2, attempts=1, lease_owner="dead", lease_until=shop.clock() + LEASE)
    )
    await let_go_of_all(shop.runtime)
    assert await run(shop)
    assert await shop.names() == ["c", "d"]
    assert await state(client, where) == ("succeeded", 4, 0, 4)


WORK = """
import asyncio, sys
from chassis.job_running import run_next
from chassis.service import RunningService
from chassis.settings import Settings
from tests.service.chassis import workshop

async def work():
    settings = Settings(data_dir=sys.argv[1], secret_key="only-for-tests-only-for-tests")
    await run_next(workshop.jobs, RunningService(workshop.workshop, settings, database_url=sys.argv[2]), owner="killed")

asyncio.run(work())
"""


@pytest.mark.slow
async def test_a_job_whose_worker_was_killed_has_every_row_once(shop, database_url, tmp_path):
    rows = [f"n{number:04}" for number in range(scaled(3000, reduced=1500))]
    client, where = await started(shop, " ".join(rows))
    command = [sys.executable, "-c", WORK, tmp_path, database_url]
    worker = Child("worker", command, log=tmp_path / "worker.log", env=clean_environment(), cwd=ROOT)
    worker.start()
    try:

        async def well_under_way():
            assert worker.running, worker.tail()
            return (await state(client, where))[1] >= 25

        await eventually(well_under_way)
    finally:
        worker.kill()
    _, done, *_ = await state(client, where)
    assert 25 <= done < len(rows)
    assert sorted(await shop.names()) == rows[:done]
    await shop.later(LEASE + timedelta(minutes=1))
    assert await run(shop)
    assert await state(client, where) == ("succeeded", len(rows), 0, len(rows))
    assert sorted(await shop.names()) == rows


@pytest.mark.fault(16)
@pytest.mark.parametrize("successor", ["is at it", "is done"])
async def test_a_worker_paused_past_its_lease_changes_nothing_more(shop, switches, monkeypatch, successor):
    """Between two steps: the job is another's by the time it wakes."""
    client, where = await started(shop, "a b c")
    between, woken = asyncio.Event(), asyncio.Event()

    async def slow(job):
        async with job.step():
            job.advance(done=1)
        between.set()
        await woken.wait()
        async with job.step() as session:
            await session.execute(update(table).values(error="by a zombie"))
            job.advance(done=1)

    with monkeypatch.context() as patch:
        patch.setitem(jobs.kinds, "things.import", JobKind(slow, LIMIT))
        zombie = asyncio.create_task(run(shop, "zombie"))
        await between.wait()
    await shop.later(LEASE + timedelta(seconds=1))
    if successor == "is done":
        assert await run(shop, "successor")
    else:
        await shop.write(update(table).values(lease_owner="successor", lease_until=shop.clock() + LEASE))
    before = await shop.rows(select(table))
    woken.set()
    assert await zombie
    assert await shop.rows(select(table)) == before
    assert (await client.get(where)).json()["error"] is None


@pytest.mark.fault(11)
async def test_a_process_that_slept_past_its_lease_does_no_step_twice(shop, monkeypatch):
    monkeypatch.setattr(job_running, "LOOK_SECONDS", 3600.0)
    runs, lost = [], []
    slept, again, woken, done = (asyncio.Event() for _ in range(4))

    async def slow(job):
        runs.append(job)
        if len(runs) == 1:
            slept.set()
            await woken.wait()
        else:
            again.set()
            await done.wait()
        try:
            async with job.step():
                job.advance(done=1)
        except LeaseLost:
            lost.append(job)
            done.set()
            raise

    monkeypatch.setitem(jobs.kinds, "things.import", JobKind(slow, LIMIT))
    client, where = await started(shop, "a")
    async with lanes(shop):
        await slept.wait()
        await shop.later(LEASE + timedelta(seconds=1))
        await again.wait()
        woken.set()
        await done.wait()
        assert (await ended(client, where))["done"] == 1
    assert lost == runs[:1]


@pytest.mark.fault(11)
@pytest.mark.parametrize("left", [False, True], ids=["queued", "left by a dead worker"])
async def test_a_clock_that_is_set_back_keeps_no_job_waiting(shop, left):
    client, where = await started(shop, "a b")
    if left:
        values = {"state": "running", "attempts": 1, "lease_owner": "dead", "lease_until": shop.clock() + LEASE}
        await shop.write(update(table).values(values))
    shop.clock.now -= timedelta(hours=1)
    async with lanes(shop):
        assert (await ended(client, where))["state"] == "succeeded"


@ON_POSTGRES  # on SQLite the step holds the one writer, and no other process works on the file
async def test_a_job_is_not_taken_from_a_worker_in_the_middle_of_a_step(shop, switches):
    client, where = await started(shop, "a b c")
    zombie = await paused_in_a_step(shop, switches)
    await shop.later(LEASE * 2)
    assert not await run(shop, "successor")
    switches.hold.set()
    await zombie
    assert await state(client, where) == ("succeeded", 3, 0, 3)
    assert await shop.names() == ["a", "b", "c"]


async def test_a_cancelled_job_keeps_what_its_steps_have_done_and_does_no_more(shop, switches):
    client, where = await started(shop, "a b c")
    running = await paused_in_a_step(shop, switches)
    cancelling = asyncio.create_task(client.post(f"{where}/cancel"))
    assert switches.hold
    switches.hold.set()
    answer = await cancelling
    await running
    assert answer.status_code in {200, 409}
    final, done, *_ = await state(client, where)
    assert final == ("cancelled" if answer.status_code == 200 else "succeeded")
    assert len(await shop.names()) == done


async def test_a_queued_job_that_is_cancelled_is_never_begun(shop):
    client, where = await started(shop, "a b c")
    assert (await client.post(f"{where}/cancel")).json()["state"] == "cancelled"
    assert not await run(shop)
    again = await client.post(f"{where}/cancel")
    assert code_of(again) == (409, "illegal_transition")
    assert await shop.names() == []


async def test_a_stopping_worker_hands_its_job_back(shop, switches):
    client, where = await started(shop, "a b c")
    stop = asyncio.Event()
    switches.hold, switches.entered_event = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run(shop, stop=stop))
    await switches.entered_event.wait()
    stop.set()
    switches.hold.set()
    await running
    assert await state(client, where) == ("queued", 1, 0, 3)
    assert await run(shop, "next")
    assert await shop.names() == ["a", "b", "c"]


async def test_a_job_that_kills_its_worker_at_the_same_row_again_and_again_is_given_up(shop):
    client, where = await started(shop, "a b c")
    await shop.write(update(table).values(state="running", attempts=MAX_ATTEMPTS, lease_until=shop.clock() - LEASE))
    await run(shop)
    job = (await client.get(where)).json()
    assert (job["state"], job["error"]) == ("failed", "too many attempts")
    assert await shop.rows(select(tables.chassis.job_inputs)) == []


async def test_a_job_that_gets_on_may_be_interrupted_as_often_as_it_likes(shop, switches):
    client, where = await started(shop, "a b c d e f g h")
    for _ in range(7):
        running = await paused_in_a_step(shop, switches)
        held = switches.hold
        switches.entered_event = asyncio.Event()
        assert held
        held.set()
        switches.hold = asyncio.Event()  # the next step stands still, and its worker is killed there
        await switches.entered_event.wait()
        running.cancel()
        await asyncio.wait([running])
        await shop.later(LEASE + timedelta(seconds=1))
    switches.hold = None
    await run(shop)
    assert (await state(client, where))[:2] == ("succeeded", 8)
    assert await shop.names() == list("abcdefgh")


async def test_what_was_uploaded_goes_when_nobody_reads_it_any_more(shop):
    inputs = select(tables.chassis.job_inputs.c.job_id)
    client, where = await started(shop, "a")
    assert len(await shop.rows(inputs)) == 1
    await run(shop)
    assert await shop.rows(inputs) == []
    client, where = await started(shop, "a", client)
    await client.post(f"{where}/cancel")
    assert await shop.rows(inputs) == []


async def test_a_job_is_its_starters_and_the_owners(shop):
    _, where = await started(shop, "a")
    assert (await (await shop.member("owner")).get(where)).status_code == 200
    assert code_of(await (await shop.member()).get(where)) == (404, "not_found")
    assert code_of(await shop.as_person().get(where)) in {(404, "not_found"), (503, "authority_unavailable")}


async def test_two_workers_never_do_one_job(shop, switches):
    client, _ = await started(shop, "a b c")
    await started(shop, "d e f", client)
    await asyncio.gather(*(run(shop, f"worker-{n}") for n in range(4)))
    assert sorted(await shop.names()) == list("abcdef")


async def test_starting_a_job_wakes_the_worker_in_this_process(shop):
    shop.runtime.database.jobs_changed.clear()
    await started(shop, "a")
    await eventually(shop.runtime.database.jobs_changed.is_set)


@pytest.mark.parametrize(
    ("content_type", "content", "expected"),
    [
        ("application/pdf", b"a", (415, "unsupported_media_type")),
        ("text/csv", b"", (422, "empty_upload")),
    ],
)
async def test_an_upload_that_cannot_be_read_starts_nothing(shop, content_type, content, expected):
    owner = await shop.member("owner")
    answer = await owner.post(
        f"{IMPORTS}?community_id={shop.community_id}", content=content, headers={"content-type": content_type}
    )
    assert code_of(answer) == expected
    assert await shop.rows(select(table)) == []

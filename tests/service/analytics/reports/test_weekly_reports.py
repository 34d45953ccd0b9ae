"""The report of each week, which nobody asks for."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from chassis.job_running import run_next
from chassis.jobs import JobInterrupted
from services.analytics.reports import making
from services.analytics.reports.drawing.typesetting import TypesettingFailed
from services.analytics.reports.gathering import gather as reads
from services.analytics.reports.models import Report, ReportFile
from tests.service.analytics.reports.conftest import REPORTS, Neighbour, blank
from tests.service.stage import moment


async def count(desk, model):
    async with desk.stage.harness.runtime.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def test_on_monday_at_six_of_the_community_there_is_the_report_of_last_week_once(desk):
    clock = desk.stage.harness.clock
    clock.now = moment("2024-05-12T21:40:00Z")  # 05:40 of Monday in Shanghai
    [of_the_week_before] = await desk.weekly()
    assert of_the_week_before["from"] == "2024-04-29"
    clock.advance(timedelta(minutes=4))
    made = await desk.weekly()
    assert [(one["from"], one["to"]) for one in made] == [("2024-05-06", "2024-05-12"), ("2024-04-29", "2024-05-05")]
    assert made[0]["previous"] == {"from": "2024-04-29", "to": "2024-05-05"}
    assert (made[0]["status"], made[0]["requested_by"], made[0]["title"]) == ("ready", None, "Weekly report")
    for _ in range(3):
        clock.advance(timedelta(hours=20))
        assert len(await desk.weekly()) == 2
    page = await desk.page(made[0])
    assert "读书会 · 运营周报" in page
    assert "待处理" in page


async def test_each_community_has_its_own_monday(desk):
    harness = desk.stage.harness
    other = Neighbour(harness)
    await other.open(numbers=500, time_zone="America/Los_Angeles", slug="walkers", name="步行社")
    owner = await other.member(roles=("owner",))
    harness.clock.now = moment("2024-05-13T02:00:00Z")  # Monday in Shanghai, Sunday in Los Angeles
    assert (await desk.weekly())[0]["from"] == "2024-05-06"
    query = {"community_id": str(other.community_id)}
    assert [one["from"] for one in (await owner.client.get(REPORTS, params=query)).json()["items"]] == ["2024-04-29"]
    harness.clock.now = moment("2024-05-13T13:01:00Z")
    await desk.weekly()
    assert (await owner.client.get(REPORTS, params=query)).json()["items"][0]["from"] == "2024-05-06"


async def test_a_worker_that_was_off_makes_up_for_the_latest_week_alone(desk):
    desk.later(days=24)
    assert [one["from"] for one in await desk.weekly()] == ["2024-05-20"]


async def test_a_community_that_is_archived_or_had_no_members_then_has_no_report(desk):
    other = Neighbour(desk.stage.harness)
    await other.open(numbers=500, slug="later", name="后来的社群")
    await desk.stage.change(status="archived")
    desk.later(hours=1)
    await desk.stage.harness.run_timers()
    await desk.stage.harness.run_jobs()
    assert await count(desk, Report) == 0


async def test_a_weekly_report_that_cannot_be_made_does_not_stop_the_others(desk, monkeypatch):
    other = Neighbour(desk.stage.harness)
    await other.open(numbers=500, slug="walkers", name="步行社")
    owner = await other.member(roles=("owner",))
    calls = []

    async def once_broken(document):
        calls.append(document.title)
        if len(calls) == 1:
            raise TypesettingFailed("no font")
        return await blank(document)

    monkeypatch.setattr(making, "typeset", once_broken)
    [mine] = await desk.weekly()
    [theirs] = (await owner.client.get(REPORTS, params={"community_id": str(other.community_id)})).json()["items"]
    assert sorted([mine["status"], theirs["status"]]) == ["failed", "ready"]


class TakenDown(BaseException):
    """The worker is no more: nothing is written down, and its lease ends by the clock."""


@pytest.fixture
async def neighbour(desk):
    other = Neighbour(desk.stage.harness)
    await other.open(numbers=500, slug="walkers", name="步行社")
    owner = await other.member(roles=("owner",))

    async def sees():
        listed = await owner.client.get(REPORTS, params={"community_id": str(other.community_id)})
        return [one["status"] for one in listed.json()["items"]]

    return sees


@pytest.fixture
def gathering(desk, monkeypatch):
    """What happens when the report of the desk's community is made; each time is counted."""
    begun, happens = [], {}

    async def gather(session, report, *rest):
        if report.community_id == desk.stage.community_id:
            begun.append(report.id)
            if (error := happens.get("raises")) is not None:
                raise error
        return await reads(session, report, *rest)

    monkeypatch.setattr(making, "gather", gather)
    return begun, happens


async def test_a_report_that_takes_its_worker_down_is_given_up_and_others_do_not_wait_for_it(
    desk, neighbour, gathering
):
    begun, happens = gathering
    happens["raises"] = TakenDown()
    with pytest.raises(TakenDown):
        await desk.weekly()
    with pytest.raises(TakenDown):
        await desk.weekly()
    assert await neighbour() == ["ready"], "it comes before what was tried already"
    with pytest.raises(TakenDown):
        await desk.weekly()
    for _ in range(3):
        [mine] = await desk.weekly()
        assert (mine["status"], mine["failure"]) == ("failed", "given_up")
    assert len(begun) == making.MOST_TRIES == 3
    happens.clear()
    desk.later(days=7)
    assert (await desk.weekly())[0]["status"] == "ready", "the next week is another one"


async def test_a_worker_that_was_told_to_stop_does_not_count_as_taken_down(desk, gathering):
    begun, happens = gathering
    happens["raises"] = JobInterrupted()
    desk.later(minutes=16)
    await desk.stage.harness.run_timers()
    for _ in range(making.MOST_TRIES + 1):
        # It is queued again at once; a harness that ran all there are would never end.
        await run_next(desk.stage.harness.runtime.service.jobs, desk.stage.harness.runtime, owner="test")
    happens.clear()
    [mine] = await desk.weekly()
    assert (mine["status"], len(begun)) == ("ready", making.MOST_TRIES + 2)


async def test_a_report_whose_job_came_to_nothing_is_given_up_within_the_hour_and_can_be_asked_for_again(desk):
    asked = await desk.asks()
    jobs = desk.stage.harness.runtime.service.tables.chassis.jobs

    async def turns(state):
        async with desk.stage.harness.runtime.database.transaction() as session:
            await session.execute(
                jobs.update().values(state=state, finished_at=desk.now if state == "failed" else None)
            )

    await turns("running")
    desk.later(minutes=61)
    await desk.stage.harness.run_timers()
    assert (await desk.see("运营", f"{REPORTS}/{asked['id']}"))["status"] == "making"
    await turns("failed")
    desk.later(minutes=61)
    await desk.stage.harness.run_timers()
    seen = await desk.see("运营", f"{REPORTS}/{asked['id']}")
    assert (seen["status"], seen["failure"]) == ("failed", "given_up")
    assert (await desk.asks())["id"] != asked["id"]


async def test_what_was_never_made_is_given_up_after_a_day_and_what_is_old_is_forgotten(desk):
    asked = await desk.asks()
    made = await desk.makes(compare=None)
    jobs = desk.stage.harness.runtime.service.tables.chassis.jobs
    async with desk.stage.harness.runtime.database.transaction() as session:
        await session.execute(jobs.delete())
        report = await session.get_one(Report, UUID(asked["id"]))
        report.status, report.finished_at, report.slot = "making", None, "asked"
    desk.later(days=1, minutes=61)
    await desk.stage.harness.run_timers()
    given_up = await desk.see("运营", f"{REPORTS}/{asked['id']}")
    assert (given_up["status"], given_up["failure"]) == ("failed", "given_up")
    assert (await desk.see("运营", f"{REPORTS}/{made['id']}"))["status"] == "ready"
    desk.later(days=730)
    await desk.stage.harness.run_timers()
    listed = (await desk.see("运营", REPORTS, community_id=desk.community, kind="asked"))["items"]
    assert listed == []


@pytest.mark.parametrize("communities", [1, 6])
async def test_many_communities_take_no_more_statements_to_find_out_that_nothing_is_due(desk, communities):
    for number in range(communities):
        other = Neighbour(desk.stage.harness)
        await other.open(numbers=1000 * (number + 1), slug=f"c{number}", name=f"社群{number}")
        await other.member(roles=("owner",))
    await desk.weekly()
    assert await count(desk, Report) == communities + 1
    assert await count(desk, ReportFile) == 4 * (communities + 1)

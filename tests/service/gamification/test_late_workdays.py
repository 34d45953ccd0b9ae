"""The work calendar of a year that arrives late: streaks that rested on the plain week are judged again, and nothing else is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.jobs import LeaseLost
from chassis.messaging import outbox
from chassis.projections import workdays
from chassis.testing import SettableClock
from chassis.work_calendar import CHINA, WorkCalendar, WorkYear
from services.gamification.checkins import judging
from services.gamification.checkins.acceptance import accept
from services.gamification.definition import definition
from tests.service.gamification.stage import Stage

MONDAY = datetime(2026, 12, 28, 4, tzinfo=UTC)
"""Noon in Shanghai of the last Monday of 2026, which is known; nobody has said anything of 2027 yet."""
UNTIL_2026 = WorkCalendar("CN", {year: told for year, told in CHINA.years.items() if year <= 2026})
SATURDAY = "01-09"


class YearsEnd(Stage):
    async def check_in_on_days(self, one, *days):
        """On days of December, or of January where they are small, each at noon."""
        for day in days:
            self.harness.clock.now = (
                datetime(2026, 12, day, 4, tzinfo=UTC) if day > 20 else datetime(2027, 1, day, 4, tzinfo=UTC)
            )
            answer = await self.check_in(one)
            assert answer.status_code == 201, answer.text

    async def streak(self, one):
        streak = (await one.client.get(f"/v1/wallets/{one.id}")).json()["streak"]
        return streak["current"], streak["longest"]

    async def bonuses(self, one):
        """Days on which a week's bonus stands."""
        query = {"member_id": str(one.id), "currency": "xp", "limit": 100}
        net = {}
        for entry in (await one.client.get("/v1/ledger-entries", params=query)).json()["items"]:
            if entry["rule"]["code"] == "streak_week":
                day = entry["occurred_at"][:10]
                net[day] = net.get(day, 0) + entry["amount"]
        return [day for day, amount in net.items() if amount]


@pytest.fixture
async def stage(start_service, monkeypatch):
    monkeypatch.setattr(judging, "FIRST_CHUNK", 1)
    monkeypatch.setattr(judging, "MOST_MEMBERS", 1)
    # Whatever later releases know, and whenever this runs.
    monkeypatch.setattr(workdays, "CHINA", UNTIL_2026)
    clock = SettableClock(MONDAY)
    monkeypatch.setattr(outbox, "system_clock", clock)
    async with start_service(definition, clock=clock) as harness:
        stage = YearsEnd(harness)
        await stage.open(streak_days="workdays")
        yield stage


async def several_who_kept_new_year(stage):
    members = await stage.members(3)
    for one in members:
        await stage.check_in_on_days(one, 28, 29, 30, 31, 4, 5, 6)
    return members


async def test_a_holiday_that_is_known_later_breaks_no_streak_and_its_bonus_is_paid_at_its_own_day(stage):
    (one, *_) = await several_who_kept_new_year(stage)
    assert (await stage.streak(one), await stage.bonuses(one)) == ((3, 4), [])
    await stage.tell_workdays(2027, off=["01-01"])
    await stage.harness.run_jobs()
    assert (await stage.streak(one), await stage.bonuses(one)) == ((7, 7), ["2027-01-06"])


async def test_a_saturday_that_turns_out_to_be_worked_breaks_a_streak_and_its_bonus_is_taken_back(stage):
    one = await stage.member()
    await stage.check_in_on_days(one, 28, 29, 30, 31, 1, 4, 5, 6, 7, 8, 11, 12, 13, 14)
    assert (await stage.streak(one), await stage.bonuses(one)) == ((14, 14), ["2027-01-14", "2027-01-05"])
    await stage.tell_workdays(2027, workdays=[SATURDAY])
    await stage.harness.run_jobs()
    assert (await stage.streak(one), await stage.bonuses(one)) == ((4, 10), ["2027-01-05"])


async def test_who_checks_in_before_the_job_comes_to_them_is_judged_first(stage):
    one, other, _ = await several_who_kept_new_year(stage)
    await stage.tell_workdays(2027, off=["01-01"])
    await stage.check_in_on_days(one, 7)
    assert await stage.streak(one) == (8, 8)
    assert await stage.streak(other) == (3, 4)
    await stage.harness.run_jobs()
    assert [await stage.streak(each) for each in (one, other)] == [(8, 8), (7, 7)]
    assert await stage.bonuses(one) == ["2027-01-06"]


async def test_a_job_that_was_killed_goes_on_with_those_who_are_left(stage, monkeypatch):
    members = sorted(await several_who_kept_new_year(stage), key=lambda one: one.id)
    chunks = 0

    async def die_in_the_second(*arguments, **options):
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            raise LeaseLost
        await accept(*arguments, **options)

    monkeypatch.setattr(judging, "accept", die_in_the_second)
    await stage.tell_workdays(2027, off=["01-01"])
    await stage.harness.run_jobs()
    assert [await stage.streak(one) for one in members] == [(7, 7), (3, 4), (3, 4)]
    stage.harness.clock.advance(timedelta(minutes=5))
    await stage.harness.run_jobs()
    assert [await stage.streak(one) for one in members] == [(7, 7)] * 3


async def test_what_every_day_counted_for_is_not_judged_by_workdays(stage):
    await stage.change(streak_days="every_day")
    (one, *_) = await several_who_kept_new_year(stage)
    before = await stage.streak(one)
    await stage.tell_workdays(2027, off=["01-01", "01-02", "01-03"])
    await stage.harness.run_jobs()
    assert await stage.streak(one) == before == (3, 4)


async def test_a_release_that_knows_the_year_has_streaks_judged_again_too(stage, monkeypatch):
    (one, *_) = await several_who_kept_new_year(stage)
    timers = stage.harness.runtime.service.timers
    async with stage.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, stage.harness.clock())
    announced = WorkYear(date(2027, 12, 31), frozenset({date(2027, 1, 1)}), frozenset())
    monkeypatch.setattr(workdays, "CHINA", UNTIL_2026.with_years({2027: announced}))
    stage.harness.clock.advance(timedelta(hours=1, minutes=1))
    await stage.harness.run_timers()
    await stage.harness.run_jobs()
    assert await stage.streak(one) == (7, 7)


async def test_a_calendar_that_says_what_the_plain_week_said_changes_nothing(stage):
    one = await stage.member()
    await stage.check_in_on_days(one, 28, 29, 30, 31, 1, 4, 5)
    await stage.tell_workdays(2027)
    await stage.harness.run_jobs()
    assert (await stage.streak(one), await stage.bonuses(one)) == ((7, 7), ["2027-01-05"])


async def test_a_day_that_is_known_is_provisional_no_more(stage):
    one = await stage.member()
    await stage.tell_workdays(2027, off=["01-01"])
    query = {"member_id": str(one.id), "month": "2027-01"}
    days = (await one.client.get("/v1/checkins/calendar", params=query)).json()["days"]
    assert not any(day["provisional"] for day in days)

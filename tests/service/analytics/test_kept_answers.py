"""Answers of periods that are over are kept until something late touches them: what is answered is always what would be computed."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select

from chassis.days import local_day
from chassis.testing import SettableClock, received
from contracts import content
from contracts.membership import MemberRoleChanged
from services.analytics.definition import definition
from services.analytics.facts.models import MemberPeriod
from services.analytics.metrics.frame import Asked, Group
from services.analytics.metrics.kept import KEPT, Fresh, keep
from services.analytics.metrics.marks import MARKS
from services.analytics.metrics.reading import METRICS, read
from services.analytics.metrics.rules import Grain, period_of
from tests.service.analytics.counted import Counted
from tests.service.analytics.courses import Telling
from tests.service.stage import NOON

ZONE = "Europe/Berlin"
"""Its clocks are put forward on 31 March 2024."""


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open(time_zone=ZONE)
        await stage.prepare()
        yield stage


async def count(stage, table):
    async with stage.harness.runtime.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def actives(stage):
    values = await stage.values("active_members", "2024-03-01", "2024-05-06", grain="month")
    return [one["value"] for one in values]


def asks(stage, one, at, name):
    telling = Telling(here=stage.community_id)
    telling.ask(name, one.id, at=at)
    return telling.told[-1]


async def test_only_periods_that_are_over_are_kept_and_read_from_there_the_next_time(stage):
    one = await stage.member()
    await stage.harness.deliver(asks(stage, one, datetime(2024, 3, 5, tzinfo=UTC), "a"))
    assert await actives(stage) == [1, 0, 0]
    assert await count(stage, KEPT) == 2
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(delete(MemberPeriod))
    assert await actives(stage) == [1, 0, 0]


async def test_periods_of_long_ago_are_answered_and_not_kept(stage):
    for year in ("1900", "1999", "2013"):
        assert len(await stage.values("active_members", f"{year}-01-01", f"{year}-12-31", grain="day")) == 365
    assert await count(stage, KEPT) == 0
    await stage.values("active_members", "2014-12-01", "2014-12-31", grain="day")
    assert await count(stage, KEPT) == 31


async def test_something_late_is_in_the_next_answer_and_something_of_today_drops_nothing(stage):
    one, other = await stage.members(2)
    await actives(stage)
    await stage.harness.deliver(asks(stage, one, NOON, "today"))
    assert await actives(stage) == [0, 0, 1]
    assert await count(stage, KEPT) == 2
    await stage.harness.deliver(asks(stage, other, datetime(2024, 4, 5, tzinfo=UTC), "late"))
    assert await count(stage, KEPT) == 1
    assert await actives(stage) == [0, 1, 1]


async def test_a_period_is_kept_only_when_it_is_past_in_every_zone_and_by_every_clock(stage):
    for day, kept in [(2, 1), (3, 2)]:
        stage.harness.clock.now = datetime(2024, 6, day, 23, tzinfo=UTC)
        await stage.values("active_members", "2024-04-01", "2024-05-31", grain="month")
        assert await count(stage, KEPT) == kept


async def test_what_was_computed_before_something_late_came_is_not_kept(stage):
    one = await stage.member()
    asked = Asked(stage.community_id, date(2024, 3, 1), date(2024, 5, 6), NOON, NOON, Grain.MONTH)
    fresh = Fresh(stage.community_id)
    async with stage.harness.runtime.database.reading() as session:
        await read(session, METRICS["active_members"], asked, fresh)
    await stage.harness.deliver(asks(stage, one, datetime(2024, 4, 5, tzinfo=UTC), "late"))
    async with stage.harness.runtime.database.transaction() as session:
        await keep(session, fresh)
    assert await count(stage, KEPT) == 0
    assert await actives(stage) == [0, 1, 0]


async def test_who_is_found_to_have_left_or_run_the_community_long_ago_is_so_in_what_was_kept(stage):
    one, other = await stage.members(2)
    assert [item["value"] for item in await stage.values("members", "2024-03-01", "2024-05-06", grain="month")] == [
        2,
        2,
        2,
    ]
    await stage.leaves(one, at=datetime(2024, 4, 10, tzinfo=UTC))
    assert [item["value"] for item in await stage.values("members", "2024-03-01", "2024-05-06", grain="month")] == [
        2,
        1,
        1,
    ]
    data = MemberRoleChanged(**stage._member(other, datetime(2024, 1, 1, tzinfo=UTC), roles=("member", "operator")))
    at = datetime(2024, 3, 20, tzinfo=UTC)
    await stage.harness.deliver(received(data, occurred_at=at, version=stage._next(other.id)))
    assert [item["value"] for item in await stage.values("members", "2024-03-01", "2024-05-06", grain="month")] == [
        1,
        0,
        0,
    ]


async def test_no_answer_is_kept_by_what_members_are_now(stage):
    await stage.values("active_members", "2024-03-01", "2024-05-06", grain="month", group_by="channel")
    assert await count(stage, KEPT) == 0


def by_hand(told, grain):
    """Different writers and how much they wrote, from the messages alone: each once, in its owner's order."""
    wrote, gone = {}, {}
    for message in told:
        if isinstance(message.data, content.ReplyPosted):
            day = local_day(message.occurred_at, time_zone=ZONE)
            wrote[message.data.reply_id] = (period_of(day, grain).starts_on, message.data.author_id)
        else:
            known = gone.get(message.data.object.id, (0, False))
            removed = isinstance(message.data, content.ReplyRemoved)
            gone[message.data.object.id] = max(known, (message.version, removed))
    left = [one for key, one in wrote.items() if not gone.get(key, (0, False))[1]]
    cells = {begins for begins, _ in left}
    return {
        begins: (len({who for first, who in left if first == begins}), sum(first == begins for first, _ in left))
        for begins in cells
    }


@pytest.mark.parametrize("seed", range(4))
async def test_however_late_doubled_and_disordered_an_answer_is_what_one_counts_by_hand(stage, seed):
    random = Random(seed)
    members = await stage.members(4)
    telling = Telling(here=stage.community_id)
    for number in range(50):
        # Around midnight of Berlin too, and on the day whose night has an hour less.
        at = datetime(2024, 3, 28, 20, tzinfo=UTC) + timedelta(minutes=random.randint(0, 60 * 24 * 36))
        telling.reply(f"r{number}", "q", random.choice(members).id, at=at)
        if random.random() < 0.3:
            telling.remove(content.ReplyRemoved, "reply", f"r{number}", "q")
            if random.random() < 0.4:
                telling.remove(content.ReplyRestored, "reply", f"r{number}", "q")
    messages = [message for message in telling.told if message.occurred_at < NOON + timedelta(days=30)]
    stage.harness.clock.now = NOON + timedelta(days=40)
    pending = messages + random.sample(messages, 20)
    random.shuffle(pending)
    heard = []
    while pending:
        some = [pending.pop() for _ in range(min(len(pending), 12))]
        await stage.harness.deliver(*some)
        heard += some
        for grain in Grain:
            expected = by_hand(heard, grain)
            for code, place in (("active_members", 0), ("replies", 1)):
                # Twice: the second answer is from what the first one kept.
                for _ in range(2):
                    values = await stage.values(code, "2024-03-01", "2024-06-14", grain=grain.value)
                    found = {date.fromisoformat(one["from"]): one["value"] for one in values if one["value"]}
                    assert found == {begins: counts[place] for begins, counts in expected.items()}, (code, grain)


async def test_who_reads_costs_no_lock_where_everything_is_kept(stage):
    await actives(stage)
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(delete(MARKS))
    await actives(stage)
    # The month that is not over is computed each time, and nothing of it is kept.
    assert await count(stage, MARKS) == 0


async def test_breakdowns_as_at_the_deed_are_kept_apart(stage):
    one = await stage.member()
    await stage.harness.deliver(asks(stage, one, datetime(2024, 3, 5, tzinfo=UTC), "a"))
    for _ in range(2):
        grouped = await stage.values(
            "active_members", "2024-03-01", "2024-03-31", grain="month", group_by=Group.DEPARTMENT.value
        )
        assert [(item["group"], item["value"]) for item in grouped] == [("D1", 1)]
        assert (await actives(stage))[0] == 1


async def test_a_dashboard_of_a_whole_month_keeps_what_it_says_and_reads_it_the_next_time(stage):
    one = await stage.member()
    await stage.harness.deliver(asks(stage, one, datetime(2024, 3, 5, tzinfo=UTC), "a"))
    asked = stage.here | {
        "codes": "active_members,posts",
        "from": "2024-03-01",
        "to": "2024-03-31",
        "compare": "previous",
    }

    async def dashboard():
        items = (await stage.operator.get("/v1/metrics/values", params=asked)).json()["items"]
        return [(item["items"][0]["value"], item["previous"][0]["value"]) for item in items]

    assert await dashboard() == [(1, 0), (1, 0)]
    assert await count(stage, KEPT) == 4
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(delete(MemberPeriod))
    assert await dashboard() == [(1, 0), (1, 0)]

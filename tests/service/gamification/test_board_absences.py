"""Whoever runs a community, left it or opted out stands on no board, and is not counted there."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import MemberCohortChanged, MemberRoleChanged, MemberSnapshot
from services.gamification.definition import definition
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import JOINED, NOON, Stage

DAY = timedelta(days=1)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


def role_changed(stage, one, *roles, at):
    data = MemberRoleChanged(**stage._member(one, JOINED, roles=roles))
    return received(data, occurred_at=at, version=stage._next(one.id))


def chosen(stage, one, *, on_boards, at):
    data = MemberCohortChanged(**stage._member(one, JOINED, on_boards=on_boards))
    return received(data, occurred_at=at, version=stage._next(one.id))


async def earn(stage, *members, at=NOON):
    await stage.harness.deliver(*(a_reply(stage.community_id, one.id, at=at) for one in members))


async def standing(stage, reader, **query):
    board = await stage.board(reader.client, count=True, **query)
    assert board["total"]["value"] == len(board["items"])
    return {item["member"]["member_id"] for item in board["items"]}


@pytest.mark.parametrize("role", ["owner", "operator"])
async def test_who_runs_the_community_stands_on_no_board(stage, role):
    runs = await stage.member(roles=(role,))
    moderates, plays = await stage.members(2, roles=("moderator",))
    await earn(stage, runs, moderates, plays)
    for period in ("day", "week", "month", "all_time"):
        assert await standing(stage, plays, period=period) == {str(moderates.id), str(plays.id)}
    assert (await stage.board(runs.client, period="week"))["me"] is None


async def test_a_role_counts_for_the_windows_of_its_days_and_no_others(stage):
    one, reader = await stage.members(2)
    await earn(stage, one, at=NOON - 2 * DAY)
    await earn(stage, one, at=NOON)
    granted = role_changed(stage, one, "operator", at=NOON - DAY)
    ended = role_changed(stage, one, at=NOON + timedelta(hours=1))
    stage.harness.clock.advance(timedelta(hours=2))
    await stage.harness.deliver(granted, ended)
    seen = {
        (period, on): await standing(stage, reader, period=period, **({"on": on} if on else {})) != set()
        for period, on in (
            ("day", "2024-05-04"),
            ("day", "2024-05-06"),
            ("week", "2024-05-04"),
            ("week", "2024-05-06"),
            ("month", None),
            ("all_time", None),
        )
    }
    assert seen == {
        ("day", "2024-05-04"): True,
        ("day", "2024-05-06"): False,
        ("week", "2024-05-04"): False,
        ("week", "2024-05-06"): False,
        ("month", None): False,
        ("all_time", None): False,
    }
    stage.harness.clock.advance(7 * DAY)
    await earn(stage, one, at=NOON + 7 * DAY)
    assert await standing(stage, reader, period="week", on="2024-05-13") == {str(one.id)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_in_whatever_order_it_is_heard(stage, order):
    one, reader = await stage.members(2)
    told = [
        role_changed(stage, one, "operator", at=NOON - 9 * DAY),
        role_changed(stage, one, at=NOON - 8 * DAY),
        chosen(stage, one, on_boards=True, at=NOON - DAY),
    ]
    await earn(stage, one)
    for place in order:
        await stage.harness.deliver(told[place])
    assert await standing(stage, reader, period="week") == {str(one.id)}
    assert await standing(stage, reader, period="all_time") == set()


async def test_who_opted_out_stands_nowhere_until_they_opt_in_again(stage):
    one, other = await stage.members(2)
    await earn(stage, one, other)
    await stage.harness.deliver(chosen(stage, one, on_boards=False, at=NOON))
    await earn(stage, one, at=NOON)
    assert await standing(stage, other, period="all_time") == {str(other.id)}
    await stage.harness.deliver(chosen(stage, one, on_boards=True, at=NOON))
    assert await standing(stage, other, period="all_time") == {str(one.id), str(other.id)}


async def test_a_frozen_board_stays_as_it_is(stage):
    one, other = await stage.members(2)
    await earn(stage, one)
    stage.harness.clock.advance(3 * DAY)
    await stage.harness.deliver(chosen(stage, one, on_boards=False, at=stage.harness.clock()))
    assert await standing(stage, other, period="day", on="2024-05-06") == {str(one.id)}
    assert await standing(stage, other, period="week") == set()


async def test_who_is_first_known_by_a_snapshot_has_run_the_community_since_joining(stage):
    one, reader = await stage.members(2)
    await earn(stage, one)
    newcomer = replace(reader, id=new_id(), person_id=new_id())
    restated = MemberSnapshot(**stage._member(newcomer, JOINED, roles=("owner",)))
    await stage.harness.deliver(received(restated, occurred_at=NOON, version=stage._next(newcomer.id)))
    await earn(stage, newcomer, at=NOON - 7 * DAY)
    assert await standing(stage, reader, period="all_time") == {str(one.id)}
    assert await standing(stage, reader, period="week", on="2024-05-01") == set()

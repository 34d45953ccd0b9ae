"""Boards of a cohort and of a department: who stands on them, and what happens when members change."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import MemberCohortChanged, MemberRoleChanged
from services.gamification.definition import definition
from services.gamification.leaderboards import queries
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import JOINED, NOON, Stage

COHORT, OTHER = new_id(), new_id()


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def member_of(stage, *, score, cohort=COHORT, at=NOON, **facts):
    one = await stage.member(cohort_id=cohort, **facts)
    await earn(stage, one, score, at=at)
    return one


async def earn(stage, one, replies, *, at=NOON):
    await stage.harness.deliver(
        *[a_reply(stage.community_id, one.id, at=at - timedelta(minutes=n)) for n in range(replies)]
    )


async def told(stage, kind, one, **facts):
    data = kind(**stage._member(one, JOINED, **facts))
    await stage.harness.deliver(received(data, occurred_at=stage.harness.clock(), version=stage._next(one.id)))


def standing(board):
    return [(item["rank"], item["member"]["member_id"], item["score"]) for item in board["items"]]


async def test_the_board_of_a_cohort_has_its_members_with_ranks_of_their_own(stage):
    first = await member_of(stage, score=3)
    stranger = await member_of(stage, score=2, cohort=OTHER)
    second = await member_of(stage, score=1)
    nowhere = await member_of(stage, score=4, cohort=None)
    for period in ("day", "week", "month", "all_time"):
        board = await stage.board(second.client, period=period, cohort_id=str(COHORT), count=True)
        assert standing(board) == [(1, str(first.id), 6), (2, str(second.id), 2)]
        assert (board["me"]["rank"], board["total"]["value"]) == (2, 2)
    whole = await stage.board(stranger.client)
    assert [item[1] for item in standing(whole)] == [str(one.id) for one in (nowhere, first, stranger, second)]
    assert (await stage.board(stranger.client, cohort_id=str(COHORT)))["me"] is None
    assert standing(await stage.board(first.client, cohort_id=str(new_id()))) == []


async def test_pages_and_surroundings_stay_within_the_cohort(stage):
    members = [
        await member_of(stage, score=score, cohort=cohort) for score in (5, 4, 3, 2, 1) for cohort in (COHORT, OTHER)
    ]
    own = [str(one.id) for one in members[::2]]
    query = {"cohort_id": str(COHORT), "limit": 2}
    found, cursor = [], None
    for _ in range(3):
        page = await stage.board(members[0].client, **query, **({"cursor": cursor} if cursor else {}))
        found += [item[:2] for item in standing(page)]
        cursor = page["next"]
    assert found == [(n + 1, one) for n, one in enumerate(own)]
    assert cursor is None
    around = await stage.board(members[0].client, cohort_id=str(COHORT), limit=3, around=own[2])
    assert [item[:2] for item in standing(around)] == [(2, own[1]), (3, own[2]), (4, own[3])]
    outside = {"community_id": str(stage.community_id), "cohort_id": str(COHORT), "around": str(members[1].id)}
    assert (await members[0].client.get("/v1/leaderboards", params=outside)).status_code == 404


async def test_below_the_thousandth_place_of_a_cohort_there_is_a_percentile(stage, monkeypatch):
    monkeypatch.setattr(queries, "percentile", lambda *, ahead, members: 100.0 * (ahead + 1) / members)
    members = [await member_of(stage, score=score) for score in (4, 3, 2, 1)]
    await member_of(stage, score=5, cohort=OTHER)
    reads = queries._Reads("cohort_id")
    monkeypatch.setitem(queries._READS, "cohort_id", reads)
    monkeypatch.setattr(queries, "EXACT_RANKS", 2)
    me = (await stage.board(members[2].client, cohort_id=str(COHORT)))["me"]
    assert (me["rank"], me["percentile"]) == (None, 75.0)


async def test_who_changes_cohort_takes_their_score_along_and_frozen_boards_stay(stage):
    one = await member_of(stage, score=2)
    stage.harness.clock.advance(timedelta(days=3))
    await told(stage, MemberCohortChanged, one, cohort_id=OTHER)
    for cohort, day, expected in (
        (COHORT, "2024-05-06", 1),
        (OTHER, "2024-05-06", 0),
    ):
        board = await stage.board(one.client, period="day", on=day, cohort_id=str(cohort))
        assert (len(board["items"]), board["state"]) == (expected, "frozen")
    assert len((await stage.board(one.client, cohort_id=str(COHORT)))["items"]) == 0
    assert standing(await stage.board(one.client, cohort_id=str(OTHER))) == [(1, str(one.id), 4)]


async def test_what_was_missed_of_a_cohort_is_mended_by_the_next_entry(stage):
    one = await member_of(stage, score=1, cohort=None)
    await told(stage, MemberCohortChanged, one, cohort_id=COHORT)
    await earn(stage, one, 1, at=NOON - timedelta(days=1))
    assert standing(await stage.board(one.client, period="month", cohort_id=str(COHORT))) == [(1, str(one.id), 4)]


async def test_a_late_entry_counts_on_the_board_of_the_cohort_until_the_window_freezes(stage):
    one = await member_of(stage, score=1)
    stage.harness.clock.advance(timedelta(days=1))
    await earn(stage, one, 1, at=NOON)
    day = {"period": "day", "on": "2024-05-06", "cohort_id": str(COHORT)}
    assert standing(await stage.board(one.client, **day)) == [(1, str(one.id), 4)]
    stage.harness.clock.advance(timedelta(days=2))
    await earn(stage, one, 1, at=NOON - timedelta(hours=1))
    assert standing(await stage.board(one.client, **day)) == [(1, str(one.id), 4)]


async def test_staff_stand_on_no_board_of_a_cohort(stage):
    one = await member_of(stage, score=2)
    other = await member_of(stage, score=1)
    await told(stage, MemberRoleChanged, one, cohort_id=COHORT, roles=("operator",))
    assert standing(await stage.board(other.client, cohort_id=str(COHORT))) == [(1, str(other.id), 2)]


async def test_the_board_of_a_department_follows_who_works_there_now(stage):
    one, other = await member_of(stage, score=2), await member_of(stage, score=1)
    assert len((await stage.board(one.client, department="D1"))["items"]) == 2
    await stage.works(one, department_code="D2")
    assert standing(await stage.board(one.client, department="D1")) == [(1, str(other.id), 2)]
    assert standing(await stage.board(one.client, department="D2")) == [(1, str(one.id), 4)]
    await stage.works(other, department_code=None)
    assert (await stage.board(one.client, department="D1"))["items"] == []


async def test_a_board_is_of_one_part(stage):
    one = await stage.member()
    query = {"community_id": str(stage.community_id), "cohort_id": str(COHORT), "department": "D1"}
    refused = await one.client.get("/v1/leaderboards", params=query)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_together")


async def test_a_day_without_a_season_has_no_board_of_one(stage):
    one = await stage.member()
    query = {"community_id": str(stage.community_id), "period": "season"}
    assert (await one.client.get("/v1/leaderboards", params=query)).status_code == 404

"""The board of a group: who belongs to it now stands on it, in an order of their own, and nobody else."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.groups import dissolve, form, join, leave
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def members_of(stage, *scores, **facts):
    found = []
    for score in scores:
        one = await stage.member(**facts)
        at = [NOON - timedelta(minutes=n) for n in range(score)]
        await stage.harness.deliver(*[a_reply(stage.community_id, one.id, at=moment) for moment in at])
        found.append(one)
    return found


def standing(board):
    return [(item["rank"], item["member"]["member_id"], item["score"]) for item in board["items"]]


async def test_the_board_of_a_group_has_who_belongs_to_it_with_ranks_of_their_own(stage):
    first, stranger, second, third = await members_of(stage, 5, 4, 3, 1)
    idle = await stage.member()
    [runs_it] = await members_of(stage, 6, roles=("operator",))
    group = await form(stage, "晨读", third, second, first, idle, runs_it)
    for period in ("day", "week", "month", "all_time"):
        board = await stage.board(second.client, group_id=str(group), period=period, count=True)
        assert standing(board) == [(1, str(first.id), 10), (2, str(second.id), 6), (3, str(third.id), 2)]
        assert (board["me"], board["total"]["value"]) == ({"rank": 2, "percentile": None, "score": 6}, 3)
    assert (await stage.board(stranger.client, group_id=str(group)))["me"] is None
    assert (await stage.board(idle.client, group_id=str(group)))["me"] is None
    await leave(stage, group, first)
    await join(stage, group, stranger)
    board = await stage.board(stranger.client, group_id=str(group))
    assert standing(board) == [(1, str(stranger.id), 8), (2, str(second.id), 6), (3, str(third.id), 2)]


async def test_pages_and_surroundings_stay_within_the_group(stage):
    members = await members_of(stage, 6, 5, 4, 3, 2, 1)
    group, own = await form(stage, "晨读", *members[::2]), [str(one.id) for one in members[::2]]
    found, cursor = [], None
    for _ in range(2):
        query = {"group_id": str(group), "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await stage.board(members[1].client, **query)
        found += [item[:2] for item in standing(page)]
        cursor = page["next"]
    assert found == [(n + 1, one) for n, one in enumerate(own)]
    assert cursor is None
    around = await stage.board(members[0].client, group_id=str(group), limit=2, around=own[2])
    assert [item[:2] for item in standing(around)] == [(3, own[2])]
    around = await stage.board(members[0].client, group_id=str(group), limit=3, around=own[1])
    assert [item[:2] for item in standing(around)] == [(1, own[0]), (2, own[1]), (3, own[2])]
    outside = {"community_id": str(stage.community_id), "group_id": str(group), "around": str(members[1].id)}
    assert (await members[0].client.get("/v1/leaderboards", params=outside)).status_code == 404


async def test_only_a_group_of_the_community_that_stands_has_a_board(stage):
    [one] = await members_of(stage, 1)
    group = await form(stage, "晨读", one)
    asked = {"community_id": str(stage.community_id)}
    both = await one.client.get("/v1/leaderboards", params=asked | {"group_id": str(group), "department": "D1"})
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (422, "#/query/group_id")
    assert (await one.client.get("/v1/leaderboards", params=asked | {"group_id": str(new_id())})).status_code == 404
    await dissolve(stage, group, "晨读")
    assert (await one.client.get("/v1/leaderboards", params=asked | {"group_id": str(group)})).status_code == 404


async def test_a_suspended_member_sees_their_own_place_in_a_group_alone(stage):
    first, second = await members_of(stage, 2, 1)
    [away] = await members_of(stage, 3, status="suspended")
    group = await form(stage, "晨读", first, second, away)
    board = await stage.board(away.client, group_id=str(group), count=True)
    assert [item[1] for item in standing(board)] in ([str(away.id)], [])
    assert board["next"] is None

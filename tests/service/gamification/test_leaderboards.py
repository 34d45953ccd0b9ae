"""Leaderboards through the API."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.leaderboards import queries
from services.gamification.leaderboards import service as boards
from services.gamification.leaderboards.models import BoardWindow
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


def places(board):
    return [(item["rank"], item["member"]["member_id"], item["score"]) for item in board["items"]]


async def test_the_board_follows_a_checkin_at_once(stage):
    member = await stage.member()
    await stage.check_in(member)
    for period in ("day", "week", "month", "all_time"):
        board = await stage.board(member.client, period=period)
        assert places(board) == [(1, str(member.id), 5)]
        assert board["me"] == {"rank": 1, "percentile": None, "score": 5}
        assert board["state"] == "live"
        assert board["items"][0]["level"]["name"] == "Sprout"
        assert board["items"][0]["member"]["department"] == "D1"


async def test_a_member_on_a_board_has_the_name_of_their_department_as_membership_told_it_last(stage):
    member = await stage.member()
    await stage.check_in(member)
    named = []
    for name in (None, "研发部", "研究院"):
        if name:
            await stage.tell_department("D1", name)
        shown = (await stage.board(member.client, period="day"))["items"][0]["member"]
        named.append((shown["department"], shown["department_name"]))
    assert named == [("D1", None), ("D1", "研发部"), ("D1", "研究院")]


async def test_windows_hold_what_happened_in_them(stage):
    member = await stage.member()
    await stage.check_in_on(member, -1, 0, 1)
    board = await stage.board(member.client, period="week")
    assert board["period"] == {"kind": "week", "from": "2024-05-06", "to": "2024-05-12"}
    assert places(board) == [(1, str(member.id), 10)]
    before = await stage.board(member.client, period="week", on="2024-05-05")
    assert places(before) == [(1, str(member.id), 5)]
    assert (await stage.board(member.client, period="day", on="2024-05-04"))["items"] == []


async def test_welcome_points_give_no_rank(stage):
    member = await stage.member()
    board = await stage.board(member.client, period="all_time")
    assert (board["items"], board["me"]) == ([], None)


async def test_who_reached_a_score_first_stands_before_who_reached_it_later(stage):
    late, early = await stage.members(2)
    for member in (early, late):
        await stage.check_in(member)
        stage.harness.clock.advance(timedelta(minutes=1))
    assert [row[1] for row in places(await stage.board(late.client))] == [str(early.id), str(late.id)]


async def test_of_two_at_the_same_moment_the_lower_id_stands_first(stage):
    members = await stage.members(3)
    for member in reversed(members):
        await stage.check_in(member)
    assert [row[1] for row in places(await stage.board(members[0].client))] == sorted(str(each.id) for each in members)


async def test_a_bonus_taken_back_gives_back_the_moment_of_reaching(stage):
    one, two = await stage.members(2)
    days = [f"2024-03-{day:02d}T04:00:00Z" for day in range(5, 12)]
    await stage.import_csv(*[f"{one.employee_no},{day},," for day in days])
    await stage.import_csv(f"{one.employee_no},2024-03-04T04:00:00Z,,")
    await stage.import_csv(
        *[f"{two.employee_no},{day},," for day in ("2024-03-04T04:00:00Z", *days[:-1], "2024-03-11T03:00:00Z")]
    )
    board = await stage.board(one.client, period="all_time")
    assert [item["score"] for item in board["items"]] == [60, 60]
    assert [item["member"]["member_id"] for item in board["items"]] == [str(two.id), str(one.id)]


async def test_pages_go_on_with_the_rank(stage):
    members = await stage.members(7)
    for n, member in enumerate(members):
        await stage.check_in_on(member, *range(n, 7))
    query = {"period": "all_time", "limit": 3, "count": True}
    seen = []
    while True:
        board = await stage.board(members[0].client, **query)
        seen += places(board)
        assert board["total"] == {"value": 7, "exact": True}
        if board["next"] is None:
            break
        query["cursor"] = board["next"]
    assert [rank for rank, _, _ in seen] == list(range(1, 8))
    assert [member for _, member, _ in seen] == [str(member.id) for member in members]


async def test_a_cursor_of_another_window_is_refused(stage):
    members = await stage.members(3)
    for member in members:
        await stage.check_in(member)
    following = (await stage.board(members[0].client, limit=1))["next"]
    response = await members[0].client.get(
        "/v1/leaderboards",
        params={"community_id": str(stage.community_id), "period": "day", "limit": 1, "cursor": following},
    )
    assert response.status_code == 400


@pytest.mark.slow
async def test_the_board_can_be_read_around_a_member(stage):
    members = await stage.members(9)
    for n, member in enumerate(members):
        await stage.check_in_on(member, *range(n, 9))
    board = await stage.board(members[0].client, period="all_time", around=str(members[4].id), limit=5)
    assert [rank for rank, _, _ in places(board)] == [3, 4, 5, 6, 7]
    assert places(board)[2][1] == str(members[4].id)
    further = await stage.board(
        members[0].client, period="all_time", around=str(members[4].id), limit=5, cursor=board["next"]
    )
    assert [rank for rank, _, _ in places(further)] == [8, 9]


async def test_who_left_is_neither_listed_nor_counted(stage):
    first, second = await stage.members(2)
    for member in (first, second):
        await stage.check_in(member)
        stage.harness.clock.advance(timedelta(minutes=1))
    await stage.leave(first)
    board = await stage.board(second.client, period="all_time")
    assert places(board) == [(1, str(second.id), 5)]
    assert board["me"]["rank"] == 1


async def test_what_a_member_had_earned_before_leaving_comes_late_and_is_not_listed(stage):
    left, stays = await stage.members(2)
    stage.harness.clock.advance(timedelta(hours=1))
    await stage.leave(left)
    await stage.harness.deliver(a_reply(stage.community_id, left.id, at=NOON))
    await stage.check_in(stays)
    for period in ("day", "week", "month", "all_time"):
        board = await stage.board(stays.client, period=period, count=True)
        assert places(board) == [(1, str(stays.id), 5)]
        assert (board["me"]["rank"], board["total"]["value"]) == (1, 1)


async def test_who_left_while_messages_were_lost_is_off_the_boards_once_that_is_restated(stage):
    first, second = await stage.members(2)
    for member in (first, second):
        await stage.check_in(member)
    await stage.left_unheard(first)
    board = await stage.board(second.client, period="all_time")
    assert [member_id for _, member_id, _ in places(board)] == [str(second.id)]


async def test_a_window_takes_late_entries_for_a_day_and_then_none(stage):
    one, two = await stage.members(2)
    await stage.check_in(one)
    stage.harness.clock.now = datetime(2024, 5, 7, 15, 59, tzinfo=UTC)
    await stage.import_csv(f"{two.employee_no},2024-05-06T01:00:00Z,,")
    board = await stage.board(one.client, period="day", on="2024-05-06")
    assert (board["state"], len(board["items"])) == ("live", 2)
    stage.harness.clock.now = datetime(2024, 5, 7, 16, 0, tzinfo=UTC)
    three = await stage.member()
    await stage.import_csv(f"{three.employee_no},2024-05-06T00:30:00Z,,")
    board = await stage.board(one.client, period="day", on="2024-05-06")
    assert (board["state"], len(board["items"]), board["as_of"]) == ("frozen", 2, "2024-05-07T16:00:00Z")
    week = await stage.board(one.client, period="week", on="2024-05-06")
    assert (week["state"], len(week["items"])) == ("live", 3)


async def test_a_frozen_window_keeps_who_left_later(stage):
    one, two = await stage.members(2)
    await stage.check_in(one)
    stage.harness.clock.now = NOON + timedelta(days=3)
    await stage.harness.run_timers()
    await stage.leave(one)
    board = await stage.board(two.client, period="day", on="2024-05-06")
    assert (board["state"], len(board["items"])) == ("frozen", 1)
    assert (await stage.board(two.client, period="all_time"))["items"] == []


async def test_an_imported_history_fills_windows_long_past(stage):
    member = await stage.member()
    await stage.import_csv(f"{member.employee_no},2024-01-15T04:00:00Z,,")
    board = await stage.board(member.client, period="month", on="2024-01-20")
    assert (board["state"], places(board)) == ("live", [(1, str(member.id), 5)])
    stage.harness.clock.now = NOON + timedelta(hours=24)
    assert (await stage.board(member.client, period="month", on="2024-01-20"))["state"] == "frozen"


async def test_the_board_is_for_members(stage):
    await stage.member()
    stranger = stage.harness.as_person()
    service = stage.service("standing.read")
    assert (await stage.board(service))["me"] is None
    response = await stranger.get("/v1/leaderboards", params={"community_id": str(stage.community_id)})
    assert response.status_code in {403, 404, 503}


async def test_behind_the_exact_ranks_ones_own_place_is_a_percentile(stage, monkeypatch):
    monkeypatch.setattr(queries, "EXACT_RANKS", 3)
    members = await stage.members(5)
    for n, member in enumerate(members):
        await stage.check_in_on(member, *range(n, 5))
    third = await stage.board(members[2].client, period="all_time")
    last = await stage.board(members[4].client, period="all_time", around=str(members[4].id), limit=3)
    assert third["me"] == {"rank": 3, "percentile": None, "score": 15}
    assert last["me"] == {"rank": None, "percentile": 100.0, "score": 5}
    assert [(item["rank"], item["score"]) for item in last["items"]] == [(None, 10), (None, 5)]


async def test_the_windows_of_a_kind_add_up_to_the_wallet_whatever_came_late(stage):
    member = await stage.member()
    lines = [f"{member.employee_no},2024-03-{day:02d}T20:00:00Z,," for day in range(1, 25) if day not in (7, 15)]
    await stage.import_csv(*lines[::2])
    await stage.import_csv(*lines[1::2])
    await stage.change(time_zone="America/New_York")
    await stage.import_csv(f"{member.employee_no},2024-03-08T15:00:00Z,,")
    await stage.import_csv(f"{member.employee_no},2024-03-16T15:00:00Z,,")
    xp = (await member.client.get(f"/v1/wallets/{member.id}")).json()["xp"]
    sums = {}
    for period, days in {"day": range(1, 27), "week": range(1, 30, 7), "month": [1], "all_time": [1]}.items():
        boards = [await stage.board(member.client, period=period, on=f"2024-03-{day:02d}") for day in days]
        sums[period] = sum(item["score"] for board in boards for item in board["items"])
    assert sums == dict.fromkeys(("day", "week", "month", "all_time"), xp)
    assert xp == 24 * 5 + 3 * 20


@pytest.mark.parametrize("on", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "20240506", "0"])
async def test_a_day_that_no_calendar_of_ours_has_is_refused(stage, on):
    member = await stage.member()
    params = {"community_id": stage.community_id, "on": on}
    answer = await member.client.get("/v1/leaderboards", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/query/on")


@pytest.mark.parametrize("on", ["1900-01-01", "2200-12-31"])
@pytest.mark.parametrize("period", ["day", "week", "month", "all_time"])
async def test_the_ends_of_the_calendar_have_boards_without_anybody(stage, on, period):
    member = await stage.member()
    assert (await stage.board(member.client, period=period, on=on))["items"] == []


async def test_windows_are_written_down_as_frozen_some_at_a_time(stage, monkeypatch):
    monkeypatch.setattr(boards, "WINDOWS_AT_ONCE", 4)
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2)
    timers = stage.harness.runtime.service.timers
    async with stage.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, stage.harness.clock())
    stage.harness.clock.advance(timedelta(days=60))
    frozen = []
    for _ in range(2):
        await stage.harness.run_timers()
        async with stage.harness.runtime.database.reading() as session:
            counted = select(func.count()).select_from(BoardWindow).where(col(BoardWindow.frozen_at).is_not(None))
            frozen.append((await session.execute(counted)).scalar_one())
        stage.harness.clock.advance(timedelta(minutes=6))
    # Three days, their week and their month.
    assert frozen == [4, 5]

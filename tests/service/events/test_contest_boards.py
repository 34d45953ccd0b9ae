"""Boards: what they follow, what a freeze keeps from everybody, and teams on them."""

from uuid import UUID

import pytest

from services.events.contests.models import ContestCompetitor
from tests.service.events.competing import (
    ATTEMPTS,
    CONTESTS,
    TEAMS,
    begins,
    board,
    contest_of,
    hands_in,
    in_the_bank,
    runs,
    saves,
    solved,
)


@pytest.fixture(autouse=True)
def bank():
    with in_the_bank():
        yield


async def test_where_answers_may_change_the_board_follows_what_is_handed_in(hall):
    contest = await contest_of(hall, *"甲乙丙")
    hall.later(hours=1)
    sheets = {name: await begins(hall, name, contest) for name in "甲乙丙"}
    for name in "甲乙":
        await saves(hall, name, sheets[name], solved(sheets[name], 0))
        hall.later(minutes=1)
    # An answer that can be changed and shows in a score would tell whether it is right.
    assert await board(hall, "丁", contest) == []
    await hands_in(hall, "乙", sheets["乙"])
    assert await board(hall, "甲", contest) == [(1, "乙", 200)]
    hall.later(minutes=31)
    await runs(hall)
    assert await board(hall, "甲", contest) == [(1, "甲", 200), (2, "乙", 200), (3, "丙", 0)]


async def test_final_answers_show_at_once_and_are_not_changed(hall):
    contest = await contest_of(hall, "甲", "乙", answers_final=True)
    hall.later(hours=1)
    sheets = {name: await begins(hall, name, contest) for name in "甲乙"}
    assert await board(hall, "甲", contest) == [(1, "甲", 0), (1, "乙", 0)]
    await saves(hall, "乙", sheets["乙"], solved(sheets["乙"], 0))
    await saves(hall, "甲", sheets["甲"], solved(sheets["甲"], 0, wrong=True))
    assert await board(hall, "甲", contest) == [(1, "乙", 200), (2, "甲", 0)]
    refused = await saves(hall, "甲", sheets["甲"], solved(sheets["甲"], 0), sequence=2, status=409)
    assert refused["code"] == "answer_final"
    # The same again is no change.
    await saves(hall, "甲", sheets["甲"], solved(sheets["甲"], 0, wrong=True), sequence=3)


async def test_a_frozen_board_stands_still_for_everybody_until_results_are_released(hall):
    frozen = hall.after(hours=1, minutes=20)
    released = hall.after(hours=4)
    contest = await contest_of(hall, *"甲乙丙", answers_final=True, board_frozen_from=frozen, results_at=released)
    hall.later(hours=1)
    sheets = {name: await begins(hall, name, contest) for name in "甲乙"}
    await saves(hall, "甲", sheets["甲"], solved(sheets["甲"], 0))
    hall.later(minutes=20)
    path = f"{CONTESTS}/{contest['id']}"
    before = await hall["丙"].client.get(f"{path}/board", params={"count": "true"})
    assert (await hall.see("丙", path))["board"] == "frozen"
    await saves(hall, "乙", sheets["乙"], solved(sheets["乙"], 0, 1, 2, 3, 4))
    await hands_in(hall, "乙", sheets["乙"])
    sheets["丙"] = await begins(hall, "丙", contest)
    await saves(hall, "丙", sheets["丙"], solved(sheets["丙"], 0, 1, 2))
    hall.later(hours=1)
    await runs(hall)
    for name in ("甲", "群主"):
        now = await hall[name].client.get(f"{path}/board", params={"count": "true"})
        assert (now.json(), now.headers["ETag"]) == (before.json(), before.headers["ETag"])
    assert (await hall.see("乙", path))["mine"]["line"]["score"] == 0
    assert (await hall.see("丙", path))["mine"]["line"] is None
    same = await hall["甲"].client.get(
        f"{path}/board", params={"count": "true"}, headers={"If-None-Match": before.headers["ETag"]}
    )
    assert (same.status_code, same.headers["Poll-After"]) == (304, "60")
    assert await hall.stage.harness.published("events.contest.") == []
    for name in "甲乙":
        seen = await hall.see(name, f"{ATTEMPTS}/{sheets[name]['id']}")
        assert seen["score"] is None
        assert {one["result"] is None for one in seen["questions"]} == {True}
    listed = (await hall.see("群主", f"{path}/attempts"))["items"]
    assert {frozenset(one) for one in listed} == {
        frozenset({"id", "member", "status", "started_at", "ends_at", "handed_in_at"})
    }
    hall.later(hours=2)
    assert await board(hall, "甲", contest) == [(1, "乙", 1000), (2, "丙", 600), (3, "甲", 200)]


async def test_ties_go_to_who_reached_their_score_first_whatever_they_answered_wrong_since(hall):
    contest = await contest_of(hall, *"甲乙丙")
    hall.later(hours=1)
    sheets = {name: await begins(hall, name, contest) for name in "甲乙丙"}
    for name, right, wrong in (
        ("甲", (0,), ()),
        ("乙", (0, 1), ()),
        ("丙", (0, 1), ()),
        ("甲", (1,), ()),
        ("乙", (), (2,)),
    ):
        hall.later(minutes=1)
        answers = solved(sheets[name], *right) + solved(sheets[name], *wrong, wrong=True)
        await saves(hall, name, sheets[name], answers)
    hall.later(hours=1)
    assert await board(hall, "甲", contest) == [(1, "乙", 400), (2, "丙", 400), (3, "甲", 400)]


async def test_a_clock_that_hands_in_late_puts_nothing_on_a_frozen_board_that_came_after(hall):
    frozen = hall.after(hours=1, minutes=15)
    contest = await contest_of(hall, "甲", "乙", teams=True, minutes=10, board_frozen_from=frozen)
    red = await hall.send("甲", TEAMS, {"contest_id": contest["id"], "name": "红队"}, status=201)
    await hall.send("乙", f"{TEAMS}/{red['id']}/join")
    hall.later(hours=1)
    first = await begins(hall, "甲", contest)
    await saves(hall, "甲", first, solved(first, 0, 1))
    hall.later(minutes=12)
    second = await begins(hall, "乙", contest)
    await saves(hall, "乙", second, solved(second, 0, 1, 2, 3, 4))
    hall.later(minutes=4)
    await hands_in(hall, "乙", second)
    # No worker was there since the first one's time was over, which was before the freeze.
    await runs(hall)
    assert [line[2] for line in await board(hall, "群主", contest)] == [200]
    assert (await hall.see("甲", f"{ATTEMPTS}/{first['id']}"))["handed_in_at"] == first["ends_at"]
    hall.later(hours=1)
    await runs(hall)
    assert [line[2] for line in await board(hall, "群主", contest)] == [700]


async def test_ranks_go_on_over_pages_and_ties_share_one(hall):
    contest = await contest_of(hall, "甲")
    rows = [(500, 1), (500, 2), (500, 2), (500, 2), (300, 1), (0, 0), (0, 0)]
    members = [await hall.stage.member() for _ in rows]
    async with hall.stage.harness.runtime.database.transaction() as session:
        for (score, minute), member in zip(rows, members, strict=True):
            at = hall.now.replace(minute=minute)
            session.add(
                ContestCompetitor(
                    contest_id=UUID(contest["id"]),
                    who_id=member.id,
                    on_board=True,
                    score=score,
                    reached_at=at,
                    board_score=score,
                    board_reached_at=at,
                )
            )
    for size in (1, 2, 3, 100):
        ranks, cursor = [], None
        while True:
            query = {"limit": size} | ({"cursor": cursor} if cursor else {})
            page = await hall.see("甲", f"{CONTESTS}/{contest['id']}/board", **query)
            ranks += [one["rank"] for one in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert ranks == [1, 2, 2, 2, 5, 6, 6]


async def test_teams_are_formed_until_the_contest_opens_and_share_a_place(hall):
    contest = await contest_of(hall, *"甲乙丙丁", teams=True)
    red = await hall.send("甲", TEAMS, {"contest_id": contest["id"], "name": "红队"}, status=201)
    await hall.send("乙", f"{TEAMS}/{red['id']}/join")
    blue = await hall.send("丙", TEAMS, {"contest_id": contest["id"], "name": "蓝队"}, status=201)
    assert (await hall.send("丙", f"{TEAMS}/{red['id']}/join", status=409))["code"] == "in_a_team"
    # Nobody else reads a name that moderation has not seen.
    assert (await hall.see("丁", f"{TEAMS}/{blue['id']}"))["name"] != "蓝队"
    hall.later(hours=1)
    await hall.send("丁", f"{TEAMS}/{blue['id']}/join", status=409)
    assert (await begins(hall, "丁", contest, status=409))["code"] == "no_team"
    sheets = {name: await begins(hall, name, contest) for name in "甲乙丙"}
    await saves(hall, "甲", sheets["甲"], solved(sheets["甲"], 0, 1, 2))
    await saves(hall, "乙", sheets["乙"], solved(sheets["乙"], 0))
    await saves(hall, "丙", sheets["丙"], solved(sheets["丙"], 0, 1, 2, 3))
    await hands_in(hall, "甲", sheets["甲"])
    # A mean of both: who has not handed in counts nothing yet.
    assert [line[2] for line in await board(hall, "甲", contest)] == [300]
    hall.later(hours=1)
    await runs(hall)
    [told] = await hall.stage.harness.published("events.contest.")
    assert [(one["rank"], one["score"], one["team_id"], one["member_ids"]) for one in told.data["standings"]] == [
        (1, 800, blue["id"], [str(hall["丙"].id)]),
        (2, 400, red["id"], sorted(str(hall[name].id) for name in "甲乙")),
    ]


async def test_who_runs_the_contest_makes_teams_and_a_full_one_takes_nobody(hall):
    contest = await contest_of(hall, *"甲乙丙丁", teams=True, team_size=2)
    made = {"name": "红队", "member_ids": [str(hall[name].id) for name in "甲乙"]}
    red = await hall.send("群主", f"{CONTESTS}/{contest['id']}/teams", made, status=201)
    assert red["size"] == 2
    assert (await hall.send("丙", f"{TEAMS}/{red['id']}/join", status=409))["code"] == "team_full"
    await hall["乙"].client.post(f"{TEAMS}/{red['id']}/leave")
    assert (await hall.send("丙", f"{TEAMS}/{red['id']}/join"))["size"] == 2
    too_many = made | {"name": "大队", "member_ids": [str(hall[name].id) for name in "甲乙丙"]}
    await hall.send("群主", f"{CONTESTS}/{contest['id']}/teams", too_many, status=422)
    gone = await hall["群主"].client.delete(f"{TEAMS}/{red['id']}")
    assert gone.status_code == 204
    assert (await hall.see("甲", TEAMS, contest_id=contest["id"]))["items"] == []

"""A season from its announcement to the prizes from its frozen board."""

import asyncio
from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.leaderboards.windows import seasons_of
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON, Stage

PRIZES = [{"from_rank": 1, "to_rank": 1, "points": 100}, {"from_rank": 2, "to_rank": 3, "points": 30}]
WELCOME = 10


class SeasonStage(Stage):
    """A community with seasons."""

    async def announce(self, by, **body):
        days = {"starts_on": "2024-05-07", "ends_on": "2024-05-09", "title": "初夏", "prizes": PRIZES}
        return await by.client.post("/v1/seasons", json={"community_id": str(self.community_id)} | days | body)

    async def earn(self, one, replies, *, days):
        at = NOON + timedelta(days=days)
        await self.harness.deliver(
            *[a_reply(self.community_id, one.id, at=at + timedelta(minutes=n)) for n in range(replies)]
        )

    async def points(self, one):
        return (await one.client.get(f"/v1/wallets/{one.id}")).json()["points"]

    async def at(self, days):
        self.harness.clock.now = NOON + timedelta(days=days)
        await self.harness.run_timers()


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = SeasonStage(harness)
        await stage.open()
        async with harness.runtime.database.transaction() as session:
            await definition.timers.set_periodic(session, NOON)
        yield stage


@pytest.fixture
async def operator(stage):
    return await stage.member(roles=("operator",))


def ranks(board):
    return [(item["rank"], item["member"]["member_id"], item["score"]) for item in board["items"]]


async def test_a_season_from_its_announcement_to_its_prizes(stage, operator):
    members = await stage.members(4)
    announced = await stage.announce(operator)
    season = announced.json()
    assert (announced.status_code, season["status"], season["winners"]) == (201, "planned", None)
    assert season["closes_at"] == "2024-05-10T16:00:00Z"
    await stage.earn(members[3], 9, days=0)
    await stage.at(1)
    for one, replies in zip(members, (4, 3, 2, 1), strict=True):
        await stage.earn(one, replies, days=1)
    board = await stage.board(members[0].client, period="season")
    assert board["period"] == {"kind": "season", "from": "2024-05-07", "to": "2024-05-09"}
    assert ranks(board) == [(n + 1, str(one.id), 2 * (4 - n)) for n, one in enumerate(members)]
    before = [await stage.points(one) for one in members]
    await stage.at(4.4)
    await stage.earn(members[1], 2, days=3)
    assert [await stage.points(one) for one in members] == [before[0], before[1] + 4, *before[2:]]
    await stage.at(4.6)
    assert (await members[0].client.get(f"/v1/seasons/{season['id']}")).json()["status"] == "closed"
    first = [str(members[n].id) for n in (1, 0, 2, 3)]
    assert [await stage.points(one) for one in members] == [
        before[0] + 30,
        before[1] + 4 + 100,
        before[2] + 30,
        before[3],
    ]
    (told,) = await stage.harness.published("season.closed")
    assert (told.partition_key, told.version) == (str(stage.community_id), 1)
    assert [(place["rank"], place["member_id"]) for place in told.data["standings"]] == list(enumerate(first, start=1))


async def test_prizes_are_paid_once_whatever_comes_then(stage, operator):
    one = await stage.member()
    season = (await stage.announce(operator)).json()
    await stage.at(1)
    await stage.earn(one, 1, days=1)
    for days in (4.6, 4.7, 5, 9):
        await stage.at(days)
        await stage.earn(one, 1, days=3)
    assert len(await stage.harness.published("season.closed")) == 1
    entries = (await one.client.get("/v1/ledger-entries", params={"member_id": str(one.id), "limit": 100})).json()
    prizes = [entry for entry in entries["items"] if entry["source"]["type"] == "season.closed"]
    assert [(entry["amount"], entry["title"]) for entry in prizes] == [(100, "Prize of a season")]
    assert prizes[0]["source"]["href"] == f"/v1/seasons/{season['id']}"
    assert prizes[0]["source"]["title"] == season["title"]
    board = await stage.board(one.client, period="season", on="2024-05-08")
    assert (ranks(board), board["state"]) == ([(1, str(one.id), 2)], "frozen")


async def test_staff_and_who_left_win_nothing_and_nobody_moves_up_for_who_left(stage, operator):
    gone, other = await stage.members(2)
    await stage.announce(operator)
    await stage.at(1)
    await stage.earn(operator, 9, days=1)
    await stage.earn(gone, 5, days=1)
    await stage.earn(other, 1, days=1)
    before = await stage.points(other)
    # Its board has frozen, and nobody has closed it yet.
    stage.harness.clock.now = NOON + timedelta(days=4.5, seconds=30)
    await stage.leave(gone)
    await stage.at(4.6)
    assert await stage.points(other) == before + 30
    told = await stage.harness.published("points.awarded")
    won = [one.data["member_id"] for one in told if one.data["cause"]["type"] == "season.closed"]
    assert won == [str(other.id)]


async def test_a_season_without_anybody_closes_too(stage, operator):
    season = (await stage.announce(operator, prizes=[])).json()
    await stage.at(5)
    shown = (await operator.client.get(f"/v1/seasons/{season['id']}")).json()
    assert (shown["status"], shown["winners"]) == ("closed", 0)
    await stage.at(6)
    (told,) = await stage.harness.published("season.closed")
    assert told.data["standings"] == []


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"starts_on": "2024-05-06"}, "/starts_on", "not_ahead"),
        ({"ends_on": "2024-05-06"}, "/ends_on", "before_start"),
        ({"ends_on": "2025-05-08"}, "/ends_on", "too_long"),
        ({"prizes": [PRIZES[1], PRIZES[0]]}, "/prizes/1", "ranks"),
        ({"prizes": [{"from_rank": 1, "to_rank": 1001, "points": 1}]}, "/prizes/0/to_rank", None),
        ({"prizes": [{"from_rank": 1, "to_rank": 1, "points": 0}]}, "/prizes/0/points", None),
        ({"title": ""}, "/title", None),
    ],
)
async def test_a_season_that_makes_no_sense_is_refused(stage, operator, body, pointer, code):
    refused = await stage.announce(operator, **body)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["pointer"].removeprefix("#") == pointer
    assert code in (None, error["code"])


async def test_no_two_seasons_have_a_day_in_common(stage, operator):
    assert (await stage.announce(operator)).status_code == 201
    refused = await stage.announce(operator, starts_on="2024-05-09", ends_on="2024-05-20")
    assert (refused.status_code, refused.json()["code"]) == (409, "seasons_overlap")
    assert (await stage.announce(operator, starts_on="2024-05-10", ends_on="2024-05-20")).status_code == 201


async def test_of_those_announced_at_once_one_is(stage, operator):
    days = [(7 + n, 12 + n) for n in range(4)]
    answers = await asyncio.gather(
        *(stage.announce(operator, starts_on=f"2024-05-{a:02}", ends_on=f"2024-05-{b:02}") for a, b in days)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_one_that_is_called_off_makes_room_and_has_no_board(stage, operator):
    season = (await stage.announce(operator)).json()
    for _ in range(2):
        answer = await operator.client.post(f"/v1/seasons/{season['id']}/cancel")
        assert (answer.status_code, answer.json()["status"], answer.json()["board"]) == (200, "cancelled", None)
    query = {"community_id": str(stage.community_id), "period": "season", "on": "2024-05-08"}
    assert (await operator.client.get("/v1/leaderboards", params=query)).status_code == 404
    assert (await stage.announce(operator)).status_code == 201


async def test_once_it_runs_its_prizes_stay_and_it_is_not_called_off(stage, operator):
    season = (await stage.announce(operator)).json()
    path, match = f"/v1/seasons/{season['id']}", {"If-Match": '"1"'}
    changed = await operator.client.patch(path, json={"prizes": PRIZES[:1]}, headers=match)
    assert (changed.status_code, changed.json()["prizes"]) == (200, PRIZES[:1])
    await stage.at(1)
    running = (await operator.client.get(path)).json()
    assert running["viewer"] == {"can": ["update"], "cannot": {"cancel": "season_started"}}
    match = {"If-Match": '"2"'}
    refused = await operator.client.patch(path, json={"prizes": PRIZES}, headers=match)
    assert (refused.status_code, refused.json()["code"]) == (409, "season_started")
    assert (await operator.client.post(f"{path}/cancel")).json()["code"] == "season_started"
    assert (await operator.client.patch(path, json={"title": "夏"}, headers=match)).json()["title"] == "夏"
    await stage.at(9)
    refused = await operator.client.patch(path, json={"title": "秋"}, headers={"If-Match": '"4"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "season_closed")


async def test_members_read_seasons_and_do_not_write_them(stage, operator):
    member = await stage.member()
    await stage.announce(operator)
    assert (await stage.announce(member)).status_code == 403
    (listed,) = (await member.client.get("/v1/seasons", params={"community_id": str(stage.community_id)})).json()[
        "items"
    ]
    assert listed["viewer"] == {"can": [], "cannot": {"update": "forbidden", "cancel": "forbidden"}}


async def test_of_many_seasons_those_alone_are_read_that_have_the_days_of_what_is_entered(stage, operator):
    first = NOON.date() + timedelta(days=1)
    for n in range(4):
        day = (first + timedelta(days=n)).isoformat()
        assert (await stage.announce(operator, starts_on=day, ends_on=day)).status_code == 201
    days = [first + timedelta(days=1), first + timedelta(days=2)]
    async with stage.harness.runtime.database.reading() as session:
        found = await seasons_of(session, [stage.community_id], days)
        assert await seasons_of(session, [stage.community_id], []) == {}
    assert sorted(one.from_day for one in found[stage.community_id]) == days

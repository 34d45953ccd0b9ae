"""A community gives itself a ladder: its members stand on it by what they have, and nobody is told twice."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from chassis.testing import SettableClock, received
from contracts.membership import SanctionChanged
from services.gamification.definition import definition
from services.gamification.levels import putting
from services.gamification.levels.models import LevelChangeRow
from services.gamification.levels.rules import GRACE
from tests.service.gamification.deeds import a_reply, removed
from tests.service.gamification.stage import NOON, OnStage, Stage

TWO = [
    {"code": "seed", "name_zh": "种子", "name_en": "Seed", "xp": 0},
    {"code": "tree", "name_zh": "大树", "name_en": "Tree", "xp": 50},
]


class Owned(Stage):
    """A community with an owner, in which a reply gives 60 xp."""

    owner: OnStage

    async def put(self, items, by=None):
        params = {"community_id": str(self.community_id)}
        return await (by or self.owner).client.put("/v1/ladders", params=params, json={"items": items})

    async def progress(self, member):
        answer = await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def levels_told(self):
        told = [*await self.harness.published("level.promoted"), *await self.harness.published("level.demoted")]
        return [(one.data["from"]["code"], one.data["to"]["code"]) for one in told]

    async def replied(self, member, at=NOON):
        reply = a_reply(self.community_id, member.id, at=at)
        await self.harness.deliver(reply)
        return reply


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Owned(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        rule = {"trigger": "reply.posted", "points": 0, "xp": 60}
        params = {"community_id": str(stage.community_id)}
        assert (await stage.owner.client.put("/v1/earning-rules/reply", params=params, json=rule)).status_code == 200
        yield stage


def rung(code, xp, **asks):
    return {"code": code, "name_zh": code, "name_en": code, "xp": xp} | asks


async def test_a_community_names_its_levels_in_both_languages_and_members_climb_them(stage):
    member = await stage.member()
    await stage.replied(member)
    put = await stage.put(TWO)
    assert (put.status_code, put.json()["version"], put.json()["settling"]) == (200, 1, False)
    member.client.headers["Accept-Language"] = "zh-CN"
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    assert wallet["level"] == {"code": "tree", "name": "大树", "position": 1, "next_at": None}
    assert await stage.levels_told() == [("seed", "tree")]
    board = await stage.board(member.client, period="week")
    assert [item["level"]["code"] for item in board["items"]] == ["tree"]


async def test_the_same_ladder_again_changes_nothing(stage):
    await stage.put(TWO)
    assert (await stage.put(TWO)).json()["version"] == 1


async def test_a_level_is_kept_by_its_code_and_lost_only_after_the_grace_when_it_asks_more(stage):
    member = await stage.member()
    await stage.put(TWO)
    await stage.replied(member)
    dearer = [TWO[0], rung("bush", 20), TWO[1] | {"xp": 500}]
    await stage.put(dearer)
    said = await stage.progress(member)
    assert (said["level"]["code"], said["level"]["position"]) == ("tree", 2)
    assert said["lost_at"] is not None
    stage.harness.clock.advance(GRACE)
    await stage.harness.run_timers()
    assert (await stage.progress(member))["level"]["code"] == "bush"
    assert (await stage.levels_told())[-1] == ("tree", "bush")


async def test_whose_level_is_gone_comes_to_the_next_below_and_climbs_to_what_they_are_due(stage):
    member = await stage.member()
    await stage.put([TWO[0], rung("bush", 20), rung("tree", 50)])
    await stage.replied(member)
    before = len(await stage.levels_told())
    await stage.put([TWO[0], rung("bush", 20), rung("wood", 55)])
    assert (await stage.levels_told())[before:] == [("tree", "wood")]
    await stage.put([TWO[0], rung("bush", 20), rung("forest", 900)])
    assert (await stage.levels_told())[-1] == ("wood", "bush")
    assert (await stage.progress(member))["level"]["position"] == 1
    async with stage.harness.runtime.database.reading() as session:
        of_member = select(LevelChangeRow).where(col(LevelChangeRow.member_id) == member.id)
        steps = (await session.execute(of_member.order_by(col(LevelChangeRow.id)))).scalars()
        assert [(one.from_position, one.to_position) for one in steps] == [(0, 1), (1, 2), (2, 1), (1, 2), (2, 1)]


async def test_a_large_community_is_placed_piece_by_piece_and_meanwhile_refuses_another_ladder(stage, monkeypatch):
    monkeypatch.setattr(putting, "MEMBERS_AT_ONCE", 1)
    members = await stage.members(3)
    for member in members:
        await stage.replied(member)
    put = await stage.put(TWO)
    assert put.json()["settling"] is True
    # By the old ladder's position until their turn comes, and by its code on the new one.
    assert (await stage.progress(members[0]))["level"]["code"] == "seed"
    refused = await stage.put([TWO[0], rung("bush", 20)])
    assert (refused.status_code, refused.json()["code"]) == (409, "ladder_settling")
    # Who earns something meanwhile is placed at once.
    await stage.replied(members[0], at=NOON + timedelta(minutes=1))
    assert (await stage.progress(members[0]))["level"]["code"] == "tree"
    await stage.harness.run_jobs()
    assert [(await stage.progress(one))["level"]["code"] for one in members] == ["tree"] * 3
    params = {"community_id": str(stage.community_id)}
    assert (await stage.owner.client.get("/v1/ladders", params=params)).json()["settling"] is False
    assert len(await stage.levels_told()) == 3


async def test_a_rung_that_asks_tenure_is_reached_when_the_time_has_come(stage):
    member = await stage.member(joined_at=NOON - timedelta(days=10))
    await stage.put([TWO[0], TWO[1] | {"tenure_days": 30}])
    await stage.replied(member)
    said = await stage.progress(member)
    (missing,) = said["missing"]
    assert {name: missing[name] for name in ("kind", "required", "current", "missing")} == {
        "kind": "tenure", "required": 30, "current": 10, "missing": 20,
    }  # fmt: skip
    assert missing["at"].startswith((NOON + timedelta(days=20)).strftime("%Y-%m-%d"))
    stage.harness.clock.advance(timedelta(days=20))
    await stage.harness.run_timers()
    assert (await stage.progress(member))["level"]["code"] == "tree"


async def sanction(stage, member, status, until=None, version=1):
    data = SanctionChanged(community_id=stage.community_id, member_id=member.id, status=status, until=until)
    await stage.harness.deliver(received(data, occurred_at=stage.harness.clock(), version=version))


@pytest.mark.parametrize("ends", ["by_itself", "lifted"])
async def test_a_live_penalty_blocks_a_promotion_and_does_not_lose_it(stage, ends):
    member = await stage.member()
    await stage.put([TWO[0], TWO[1] | {"no_live_penalty": True}])
    until = NOON + timedelta(days=7) if ends == "by_itself" else None
    await sanction(stage, member, "muted", until)
    await stage.replied(member)
    said = await stage.progress(member)
    assert (said["level"]["code"], [one["kind"] for one in said["missing"]]) == ("seed", ["penalty"])
    stage.harness.clock.advance(timedelta(days=7))
    if ends == "lifted":
        await sanction(stage, member, "none", version=2)
    await stage.harness.run_timers()
    assert (await stage.progress(member))["level"]["code"] == "tree"


async def test_a_level_given_is_not_taken_back_by_the_next_recount(stage):
    member = await stage.member()
    await stage.put([TWO[0], rung("elder", 50, decided=True)])
    await stage.replied(member)
    body = {"member_id": str(member.id), "level": "elder", "reason": "带教三期"}
    assert (await stage.owner.client.post("/v1/promotions", json=body)).status_code == 201
    rule = {"trigger": "reply.posted", "points": 0, "xp": 46, "valid_from": "2024-01-01T00:00:00Z"}
    params = {"community_id": str(stage.community_id)}
    assert (await stage.owner.client.put("/v1/earning-rules/reply", params=params, json=rule)).status_code == 200
    said = await stage.progress(member)
    assert (said["xp"], said["level"]["code"], said["lost_at"]) == (46, "elder", None)
    stage.harness.clock.advance(2 * GRACE)
    await stage.harness.run_timers()
    assert (await stage.progress(member))["level"]["code"] == "elder"


async def test_a_fall_that_is_made_good_in_the_same_batch_is_told_to_nobody(stage):
    member = await stage.member()
    await stage.put(TWO)
    reply = await stage.replied(member)
    await stage.harness.deliver(removed(reply, at=NOON))
    before = await stage.levels_told()
    stage.harness.clock.advance(GRACE + timedelta(days=1))
    # The clock had taken the level, but nobody had noticed when they earned it again.
    await stage.replied(member, at=NOON + GRACE + timedelta(days=1))
    assert (await stage.progress(member))["level"]["code"] == "tree"
    await stage.harness.run_timers()
    assert await stage.levels_told() == before


async def test_who_keeps_a_level_has_what_it_grants_now_at_once_and_is_told_once(stage):
    member, _ = await stage.member(), await stage.member()
    await stage.put([TWO[0], rung("guide", 20, perks=["mentor"]), rung("teacher", 100)])
    await stage.replied(member)
    await stage.put([TWO[0], rung("guide", 20, perks=["lecturer", "mentor"]), rung("teacher", 100)])
    [told] = await stage.harness.published("perks.changed")
    assert (told.data["member_id"], told.data["level"]["code"]) == (str(member.id), "guide")
    assert told.data["granted_roles"] == ["lecturer", "mentor"]
    await stage.put([TWO[0], rung("guide", 20), rung("teacher", 100, perks=["mentor"])])
    _, ended = await stage.harness.published("perks.changed")
    assert ended.data["granted_roles"] == []
    versions = [one.version for one in await stage.harness.published() if one.subject == str(member.id)]
    assert versions == list(range(1, len(versions) + 1))
    await stage.put([rung("root", 0), rung("guide", 30), rung("teacher", 100, perks=["mentor"])])
    assert len(await stage.harness.published("perks.changed")) == 2, "what grants the same is not told"


async def test_in_a_large_community_what_a_level_grants_changes_piece_by_piece_and_is_told_to_each_once(
    stage, monkeypatch
):
    members = await stage.members(4)
    await stage.put([TWO[0], rung("guide", 20, perks=["mentor"]), rung("teacher", 1000)])
    for member in members[:3]:
        await stage.replied(member)
    for name in ("MEMBERS_AT_ONCE", "FIRST_CHUNK", "MOST_MEMBERS"):
        monkeypatch.setattr(putting, name, 1)
    put = await stage.put([TWO[0], rung("guide", 20, perks=["lecturer"]), rung("teacher", 1000)])
    assert put.json()["settling"] is True
    assert await stage.harness.published("perks.changed") == []
    # Who earns something before their turn is told at once, and not again when the job comes to them.
    await stage.replied(members[0], at=NOON + timedelta(minutes=1))
    [early] = await stage.harness.published("perks.changed")
    assert early.data["member_id"] == str(members[0].id)
    await stage.harness.run_jobs()
    told = await stage.harness.published("perks.changed")
    assert sorted(one.data["member_id"] for one in told) == sorted(str(one.id) for one in members[:3])
    assert {(one.data["level"]["code"], *one.data["granted_roles"]) for one in told} == {("guide", "lecturer")}
    for member in members:
        versions = [one.version for one in await stage.harness.published() if one.subject == str(member.id)]
        assert versions == list(range(1, len(versions) + 1))


async def test_perks_of_a_level_and_of_those_below_it_are_told(stage):
    member = await stage.member()
    await stage.put([TWO[0], rung("guide", 20, perks=["mentor"]), rung("teacher", 40, perks=["lecturer"])])
    await stage.replied(member)
    told = await stage.harness.published("level.promoted")
    assert [one.data["granted_roles"] for one in told] == [["mentor"], ["lecturer", "mentor"]]


@pytest.mark.parametrize(
    ("items", "pointer", "code"),
    [
        ([rung("seed", 5), rung("tree", 50)], "/items/0", "not_everybodys"),
        ([rung("seed", 0, perks=["mentor"]), rung("tree", 50)], "/items/0", "not_everybodys"),
        ([rung("seed", 0), rung("tree", 50), rung("bush", 50)], "/items/2/xp", "not_ascending"),
        ([rung("seed", 0), rung("seed", 50)], "/items/1/code", "duplicate"),
    ],
)
async def test_a_ladder_that_cannot_be_climbed_is_refused_and_changes_nothing(stage, items, pointer, code):
    answer = await stage.put(items)
    assert answer.status_code == 422
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    params = {"community_id": str(stage.community_id)}
    assert (await stage.owner.client.get("/v1/ladders", params=params)).json()["version"] == 0


async def test_only_owners_change_the_ladder(stage):
    operator = await stage.member(roles=("operator",))
    assert (await stage.put(TWO, by=operator)).status_code == 403


async def test_what_a_level_asks_is_said_in_words_and_so_is_what_is_missing(stage):
    member = await stage.member()
    badge = {"code": "helper", "name_zh": "热心", "name_en": "Helper", "community_id": str(stage.community_id)}
    helper = (await stage.owner.client.post("/v1/badges", json=badge)).json()["id"]
    count = {"counter": "deeds", "trigger": "reply.posted", "at_least": 2}
    asks = {"badges": ["helper"], "counts": [count], "tenure_days": 400, "perks": ["mentor"]}
    put = await stage.put([TWO[0], TWO[1] | asks | {"decided": True}])
    tree = put.json()["items"][1]
    assert tree["asked_badges"] == [{"id": helper, "code": "helper", "name": "Helper"}]
    assert [one["title"] for one in tree["counts"]] == ["Replied"]
    member.client.headers["Accept-Language"] = "zh-CN"
    said = await stage.progress(member)
    assert said["next"]["asked_badges"][0] == {"id": helper, "code": "helper", "name": "热心"}
    assert [(one["kind"], one["title"]) for one in said["missing"]] == [
        ("xp", "经验值"),
        ("tenure", "加入天数"),
        ("badge", "热心"),
        ("count", "回复讨论"),
        ("decision", "评定"),
    ]

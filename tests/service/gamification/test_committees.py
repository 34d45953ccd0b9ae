"""A committee is asked, votes, and somebody decides with a reason: nobody about themselves."""

import asyncio
from datetime import timedelta

import pytest

from chassis.testing import SettableClock, received
from contracts.membership import SanctionChanged
from services.gamification.definition import definition
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON, OnStage, Stage

ALL = "/v1/promotions/nominations"


class Committee(Stage):
    """A community with two owners, a committee of three, and a member with the xp of a mentor."""

    owner: OnStage
    other: OnStage
    judges: list[OnStage]
    nominee: OnStage

    async def name(self, *members):
        body = {"member_ids": [str(one.id) for one in members]}
        params = {"community_id": str(self.community_id)}
        return await self.owner.client.put("/v1/promotions/committee", params=params, json=body)

    async def earn(self, member):
        await self.harness.deliver(a_reply(self.community_id, member.id, at=NOON))

    async def nominate(self, by=None, member=None, level="mentor"):
        body = {"member_id": str((member or self.nominee).id), "level": level, "reason": "带教三期"}
        return await (by or self.judges[0]).client.post(ALL, json=body)

    async def vote(self, nomination, by, in_favour=True):
        body = {"in_favour": in_favour, "reason": "表现稳定"}
        return await by.client.post(f"{ALL}/{nomination['id']}/vote", json=body)

    async def decide(self, nomination, outcome="granted", by=None):
        body = {"outcome": outcome, "reason": "委员会通过"}
        return await (by or self.owner).client.post(f"{ALL}/{nomination['id']}/decide", json=body)

    async def level(self, member):
        return (await member.client.get(f"/v1/wallets/{member.id}")).json()["level"]["code"]


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Committee(harness)
        await stage.open()
        stage.owner, stage.other = await stage.members(2, roles=("owner",))
        stage.judges = await stage.members(3)
        stage.nominee = await stage.member()
        rule = {"trigger": "reply.posted", "points": 0, "xp": 4000}
        params = {"community_id": str(stage.community_id)}
        assert (await stage.owner.client.put("/v1/earning-rules/reply", params=params, json=rule)).status_code == 200
        await stage.earn(stage.nominee)
        assert (await stage.name(*stage.judges)).status_code == 200
        yield stage


async def test_a_member_is_nominated_voted_on_and_promoted(stage):
    made = await stage.nominate()
    assert made.status_code == 201, made.text
    nomination = made.json()
    assert nomination["votes"] == {"in_favour": 0, "against": 0, "electorate": 3, "needed": 2}
    (task,) = (await stage.judges[1].client.get("/internal/tasks")).json()
    assert (task["code"], task["href"]) == ("promotion_vote", f"{ALL}/{nomination['id']}")
    assert task["title"] == "Vote on a promotion to Mentor"
    assert (nomination["from_name"], nomination["level_name"]) == ("Expert", "Mentor")
    early = await stage.decide(nomination)
    assert (early.status_code, early.json()["code"], early.json()["required"]) == (409, "votes_missing", 2)
    await stage.vote(nomination, stage.judges[0], in_favour=False)
    await stage.vote(nomination, stage.judges[0])
    voted = await stage.vote(nomination, stage.judges[1])
    assert (voted.json()["votes"]["in_favour"], voted.json()["mine"]) == (2, True)
    assert (await stage.judges[1].client.get("/internal/tasks")).json() == []
    decided = await stage.decide(nomination)
    assert (decided.status_code, decided.json()["status"]) == (200, "granted"), decided.text
    assert await stage.level(stage.nominee) == "mentor"
    (told,) = await stage.harness.published("promotion.decided")
    assert (told.data["outcome"], told.data["votes"]) == ("granted", {"for": 2, "against": 0})
    assert "reason" not in told.data
    assert (await stage.harness.published("level.promoted"))[-1].data["granted_roles"] == ["mentor"]
    versions = [one.version for one in await stage.harness.published() if one.subject == str(stage.nominee.id)]
    assert versions == list(range(1, len(versions) + 1))
    assert (await stage.decide(nomination)).json()["code"] == "illegal_transition"


async def test_nobody_nominates_votes_on_or_decides_about_themselves_nor_reads_it(stage):
    await stage.name(*stage.judges, stage.nominee, stage.other)
    assert (await stage.nominate(by=stage.nominee)).json()["code"] == "conflict_of_interest"
    nomination = (await stage.nominate()).json()
    # Who is proposed is not of the electorate.
    assert nomination["votes"]["electorate"] == 4
    assert (await stage.vote(nomination, stage.nominee)).json()["code"] == "conflict_of_interest"
    assert (await stage.nominee.client.get(f"{ALL}/{nomination['id']}")).status_code == 404
    params = {"community_id": str(stage.community_id)}
    assert (await stage.nominee.client.get(ALL, params=params)).json()["items"] == []
    await stage.earn(stage.other)
    own = (await stage.nominate(member=stage.other)).json()
    assert (await stage.decide(own, "declined", by=stage.other)).json()["code"] == "conflict_of_interest"
    assert (await stage.decide(own, "declined")).json()["status"] == "declined"
    assert await stage.level(stage.other) == "expert"


async def test_only_the_committee_votes_and_votes_of_who_left_it_do_not_count(stage):
    nomination = (await stage.nominate()).json()
    stranger = await stage.member()
    assert (await stage.vote(nomination, stranger)).status_code == 403
    assert (await stage.vote(nomination, stage.owner)).json()["code"] == "not_on_committee"
    for judge in stage.judges[:2]:
        await stage.vote(nomination, judge)
    await stage.name(*stage.judges[1:], stranger)
    refused = await stage.decide(nomination)
    assert (refused.json()["code"], refused.json()["in_favour"]) == ("votes_missing", 1)


async def test_a_nominee_on_the_committee_is_not_of_those_whose_votes_are_needed(stage):
    await stage.name(*stage.judges[:2], stage.nominee)
    nomination = (await stage.nominate()).json()
    await stage.vote(nomination, stage.judges[0])
    assert (await stage.decide(nomination)).json()["status"] == "granted"


async def test_more_votes_against_it_than_for_it_do_not_carry_it(stage):
    nomination = (await stage.nominate()).json()
    for judge, in_favour in zip(stage.judges, (True, False, False), strict=True):
        await stage.vote(nomination, judge, in_favour)
    assert (await stage.decide(nomination)).json()["code"] == "votes_missing"
    assert await stage.level(stage.nominee) == "expert"


async def test_a_live_penalty_puts_the_decision_off_and_does_not_lose_the_nomination(stage):
    nomination = (await stage.nominate()).json()
    for judge in stage.judges:
        await stage.vote(nomination, judge)

    async def sanction(status, version):
        data = SanctionChanged(community_id=stage.community_id, member_id=stage.nominee.id, status=status)
        await stage.harness.deliver(received(data, occurred_at=NOON, version=version))

    await sanction("muted", 1)
    refused = await stage.decide(nomination)
    assert (refused.json()["code"], refused.json()["missing"]) == ("conditions_not_met", ["penalty"])
    await sanction("none", 2)
    assert (await stage.decide(nomination)).json()["status"] == "granted"


async def test_where_a_committee_is_named_no_owner_decides_alone_and_where_none_is_nobody_is_nominated(stage):
    body = {"member_id": str(stage.nominee.id), "level": "mentor", "reason": "带教三期"}
    assert (await stage.owner.client.post("/v1/promotions", json=body)).json()["code"] == "committee_decides"
    await stage.name()
    assert (await stage.nominate(by=stage.owner)).json()["code"] == "no_committee"
    assert (await stage.owner.client.post("/v1/promotions", json=body)).status_code == 201


async def test_a_member_is_nominated_once_at_a_time_and_for_the_next_level_only(stage):
    assert (await stage.nominate(level="pilot")).json()["code"] == "not_next_level"
    assert (await stage.nominate(level="expert")).json()["code"] == "level_not_decided"
    beginner = await stage.member()
    assert (await stage.nominate(member=beginner)).json()["code"] == "not_next_level"
    assert (await stage.nominate()).status_code == 201
    assert (await stage.nominate(by=stage.judges[1])).json()["code"] == "already_exists"


async def test_votes_that_come_at_once_are_all_counted(stage):
    nomination = (await stage.nominate()).json()
    await asyncio.gather(*(stage.vote(nomination, judge) for judge in stage.judges))
    seen = (await stage.owner.client.get(f"{ALL}/{nomination['id']}")).json()
    assert (seen["votes"]["in_favour"], len(seen["ballots"])) == (3, 3)
    answers = await asyncio.gather(stage.decide(nomination), stage.decide(nomination, by=stage.other))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await stage.harness.published("promotion.decided")) == 1


async def test_only_members_are_on_a_committee_and_only_owners_name_it(stage):
    answer = await stage.owner.client.put(
        "/v1/promotions/committee",
        params={"community_id": str(stage.community_id)},
        json={"member_ids": [str(stage.known_as("nobody"))]},
    )
    assert answer.json()["errors"][0]["pointer"] == "/member_ids"
    params = {"community_id": str(stage.community_id)}
    seen = await stage.judges[0].client.get("/v1/promotions/committee", params=params)
    assert len(seen.json()["members"]) == 3
    mine = await stage.judges[0].client.put("/v1/promotions/committee", params=params, json={"member_ids": []})
    assert mine.status_code == 403


async def test_what_waits_for_a_decision_stands_on_the_desk(stage):
    await stage.nominate()
    desk = (await stage.owner.client.get("/internal/desk", params={"community_id": str(stage.community_id)})).json()
    waiting = {queue["code"]: queue["count"] for queue in desk}
    assert waiting["promotions_to_decide"] == 1


async def test_who_left_is_neither_nominated_nor_given_a_level_and_is_when_they_are_back(stage):
    nomination = (await stage.nominate()).json()
    for judge in stage.judges[:2]:
        await stage.vote(nomination, judge)
    stage.harness.clock.advance(timedelta(days=1))
    await stage.leave(stage.nominee)
    refused = await stage.decide(nomination)
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, "illegal_transition", "left")
    await stage.come_back(stage.nominee)
    assert (await stage.decide(nomination)).json()["status"] == "granted"


async def test_who_left_is_not_proposed(stage):
    stage.harness.clock.advance(timedelta(days=1))
    await stage.leave(stage.nominee)
    assert (await stage.nominate()).json()["code"] == "illegal_transition"
    await stage.name()
    body = {"member_id": str(stage.nominee.id), "level": "mentor", "reason": "带教三期"}
    refused = await stage.owner.client.post("/v1/promotions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")


async def test_a_committee_that_is_named_by_several_at_once_is_that_of_one_of_them(stage):
    members = await stage.members(8)
    named = [members[n : n + 2] for n in range(0, 8, 2)]
    for _ in range(3):
        await stage.name()
        answers = await asyncio.gather(*(stage.name(*some) for some in named))
        assert {one.status_code for one in answers} == {200}
        params = {"community_id": str(stage.community_id)}
        found = (await stage.owner.client.get("/v1/promotions/committee", params=params)).json()["members"]
        assert {one["member_id"] for one in found} in [{str(one.id) for one in some} for some in named]


async def test_who_reads_a_nomination_is_shown_what_they_may_do_with_it_as_the_commands_decide(stage):
    nomination = (await stage.nominate()).json()
    operator = await stage.member(roles=("operator",))
    no_vote, no_decision = {"vote": "not_on_committee"}, {"decide": "forbidden"}
    for reader, can, cannot in (
        (stage.judges[0], ["vote"], no_decision),
        (stage.owner, ["decide"], no_vote),
        (operator, [], no_vote | no_decision),
    ):
        await shown_as(stage, reader, nomination, can, cannot)
        for action, command in (
            ("vote", stage.vote(nomination, reader)),
            ("decide", stage.decide(nomination, by=reader)),
        ):
            answer = await command
            if action in cannot:
                assert answer.json()["code"] == cannot[action]
            else:
                assert answer.json().get("code") in (None, "votes_missing")
    assert (await stage.decide(nomination, "declined")).json()["viewer"]["can"] == []
    await shown_as(stage, stage.judges[0], nomination, [], no_decision | {"vote": "illegal_transition"})
    await shown_as(stage, stage.owner, nomination, [], no_vote | {"decide": "illegal_transition"})


async def shown_as(stage, reader, nomination, can, cannot):
    params = {"community_id": str(stage.community_id)}
    [item] = (await reader.client.get(ALL, params=params)).json()["items"]
    alone = (await reader.client.get(f"{ALL}/{nomination['id']}")).json()
    assert item["viewer"] == alone["viewer"] == {"can": can, "cannot": cannot}

"""Giving kudos: to whom, how many, what they earn, and what moderation and removal make of them."""

import asyncio
from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from contracts.membership import CharterValue
from services.gamification.definition import definition
from services.gamification.kudos.erasing import erase
from tests.service.gamification.kudos.stage import WORDS, KudosStage
from tests.service.gamification.stage import NOON

WELCOME = 10
"""What everybody has for joining."""
VALUES = (CharterValue(code="share", name="乐于分享"), CharterValue(code="help", name="互相帮助"))


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = KudosStage(harness)
        await stage.open()
        yield stage


@pytest.fixture
async def two(stage):
    return await stage.members(2)


async def test_kudos_pay_the_receiver_and_are_told_without_their_words(stage, two):
    giver, receiver = two
    kudos = await stage.given(giver, receiver)
    assert (kudos["status"], kudos["day"], kudos["value"], kudos["text"]) == ("given", "2024-05-06", None, WORDS)
    assert kudos["viewer"] == {"can": ["remove"], "cannot": {}}
    assert (await stage.points(giver), await stage.points(receiver)) == (WELCOME, WELCOME + 5)
    (told,) = await stage.harness.published("kudos.given")
    assert told.partition_key == str(receiver.id)
    assert (told.version, told.occurred_at, told.subject) == (1, NOON, kudos["id"])
    assert told.data["giver_id"] == str(giver.id)
    assert WORDS not in str(told.data)


async def test_kudos_name_a_value_of_the_charter_where_it_has_any(stage, two):
    await stage.change(values=VALUES)
    kudos = await stage.given(*two, value_code="help")
    assert kudos["value"] == {"code": "help", "name": "互相帮助"}
    await stage.given(*two, value_code="share")
    for code, body in (("missing", {}), ("unknown_value", {"value_code": "speed"})):
        refused = await stage.give(*two, **body)
        assert refused.status_code == 422
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/value_code", code)]
    assert [one["value"]["code"] for one in await stage.listed(two[0], value_code="help")] == ["help"]


async def test_a_value_keeps_the_name_that_it_had(stage, two):
    await stage.change(values=VALUES)
    await stage.given(*two, value_code="help")
    await stage.change(values=())
    assert [one["value"]["name"] for one in await stage.listed(two[0])] == ["互相帮助"]


async def test_a_community_without_values_takes_none(stage, two):
    assert (await stage.give(*two, value_code="help")).status_code == 422


async def test_nobody_gives_kudos_to_themselves_or_to_who_is_not_there(stage, two):
    giver, gone = two
    await stage.leave(gone)
    for receiver, code in ((giver, "yourself"), (gone, "unknown_member")):
        refused = await stage.give(giver, receiver)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    elsewhere = await stage.give(giver, giver, receiver_id="00000000-0000-4000-8000-000000000001")
    assert elsewhere.json()["errors"][0]["code"] == "unknown_member"
    assert await stage.harness.published("kudos.given") == []


@pytest.mark.parametrize("text", ["谢谢你的帮助呀呀呀", "         谢谢        ", "x" * 501])
async def test_kudos_say_something_of_ten_to_five_hundred_characters(stage, two, text):
    assert (await stage.give(*two, text=text)).status_code == 422


async def test_a_day_has_five_and_the_next_five_more(stage):
    giver, *others = await stage.members(7)
    for one in others[:5]:
        await stage.given(giver, one)
    refused = await stage.give(giver, others[5])
    assert (refused.status_code, refused.json()["code"]) == (409, "kudos_spent")
    assert (refused.json()["limit"], refused.json()["day"]) == (5, "2024-05-06")
    stage.harness.clock.advance(timedelta(days=1))
    await stage.given(giver, others[5])


async def test_a_list_says_how_many_are_left_of_the_day_and_what_its_reader_can_do(stage):
    giver, receiver, other = await stage.members(3)
    kudos = await stage.given(giver, receiver)
    await stage.given(giver, other)
    assert [await stage.left(one) for one in (giver, receiver)] == [3, 5]
    await giver.client.post(f"/v1/kudos/{kudos['id']}/remove")
    assert await stage.left(giver) == 3
    listed = {one.id: (await stage.listed(one))[0]["viewer"] for one in (giver, other, receiver)}
    can, cannot = {"can": ["remove"], "cannot": {}}, {"can": [], "cannot": {"remove": "forbidden"}}
    assert listed == {giver.id: can, other.id: can, receiver.id: cannot}
    stage.harness.clock.advance(timedelta(days=1))
    assert await stage.left(giver) == 5
    await stage.change(status="archived")
    assert await stage.left(giver) is None
    assert (await stage.listed(giver))[0]["viewer"]["cannot"] == {"remove": "community_archived"}


async def test_removing_and_travelling_win_no_sixth(stage):
    giver, *others = await stage.members(7)
    given = [await stage.given(giver, one) for one in others[:5]]
    await giver.client.post(f"/v1/kudos/{given[0]['id']}/remove")
    assert (await stage.give(giver, others[5])).status_code == 409
    await stage.move(giver, "Pacific/Kiritimati")
    stage.harness.clock.advance(timedelta(hours=7))
    assert (await stage.give(giver, others[5])).status_code == 409


async def test_the_day_is_the_givers_own(stage):
    giver, receiver = (await stage.members(1, time_zone="America/Los_Angeles"))[0], await stage.member()
    assert (await stage.given(giver, receiver))["day"] == "2024-05-05"


async def test_many_at_once_are_five(stage):
    giver, *others = await stage.members(9)
    answers = await asyncio.gather(*(stage.give(giver, one) for one in others))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3


async def test_two_who_praise_each_other_all_week_are_paid_once_each(stage, two):
    """Also where both are one and the same: a second account wins five points a week."""
    one, other = two
    for _ in range(5):
        await asyncio.gather(stage.give(one, other), stage.give(other, one))
    assert (await stage.points(one), await stage.points(other)) == (WELCOME + 5, WELCOME + 5)
    stage.harness.clock.advance(timedelta(days=7))
    await stage.given(one, other)
    assert await stage.points(other) == WELCOME + 10


async def test_a_day_pays_a_receiver_fifteen_points_at_most(stage):
    receiver, *givers = await stage.members(6)
    for one in givers:
        await stage.given(one, receiver)
    assert await stage.points(receiver) == WELCOME + 15


async def test_others_read_the_words_once_moderation_has_allowed_them(stage, two):
    giver, receiver = two
    kudos = await stage.given(giver, receiver)
    assert [(one["text"], one["text_hidden"]) for one in await stage.listed(receiver)] == [(None, "waiting")]
    assert [(one["text"], one["text_hidden"]) for one in await stage.listed(giver)] == [(WORDS, "waiting")]
    await stage.decide(kudos["id"], "allow")
    assert [(one["text"], one["text_hidden"]) for one in await stage.listed(receiver)] == [(WORDS, None)]
    assert len(await stage.harness.published("kudos.")) == 1


async def test_what_moderation_holds_earns_nothing_until_it_is_released(stage, two):
    giver, receiver = two
    kudos = await stage.given(giver, receiver)
    await stage.decide(kudos["id"], "hold")
    assert await stage.points(receiver) == WELCOME
    assert await stage.listed(receiver) == []
    assert [one["status"] for one in await stage.listed(giver)] == ["held"]
    assert (await receiver.client.get(f"/v1/kudos/{kudos['id']}")).status_code == 404
    await stage.decide(kudos["id"], "release", version=2)
    assert await stage.points(receiver) == WELCOME + 5
    await stage.decide(kudos["id"], "remove", version=3)
    assert await stage.points(receiver) == WELCOME
    told = await stage.harness.published("kudos.")
    kinds = [one.type.split(".")[3] for one in told]
    assert (kinds, [one.version for one in told]) == (["given", "removed", "restored", "removed"], [1, 2, 3, 4])


async def test_what_is_removed_stays_so_whatever_moderation_says_then(stage, two):
    giver, receiver = two
    kudos = await stage.given(giver, receiver)
    for _ in range(2):
        removed = await receiver.client.post(f"/v1/kudos/{kudos['id']}/remove")
        assert (removed.status_code, removed.json()["status"]) == (200, "removed")
    await stage.decide(kudos["id"], "hold")
    await stage.decide(kudos["id"], "release", version=2)
    assert await stage.points(receiver) == WELCOME
    assert await stage.listed(giver) == []
    assert len(await stage.harness.published("kudos.removed")) == 1


async def test_who_has_no_part_in_kudos_does_not_remove_them_and_a_moderator_does(stage, two):
    kudos = await stage.given(*two)
    stranger, moderator = await stage.member(), await stage.member(roles=("moderator",))
    path = f"/v1/kudos/{kudos['id']}"
    assert (await stranger.client.get(path)).json()["viewer"] == {"can": [], "cannot": {"remove": "forbidden"}}
    assert (await stranger.client.post(f"{path}/remove")).status_code == 403
    assert (await moderator.client.post(f"{path}/remove")).status_code == 200
    assert await stage.points(two[1]) == WELCOME


async def test_an_operating_team_thanks_without_being_paid(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        team = KudosStage(harness)
        await team.open(kind="operations_team")
        giver, receiver = await team.members(2)
        await team.given(giver, receiver)
        assert (await receiver.client.get(f"/v1/wallets/{receiver.id}")).json()["points"] == 0


async def test_who_is_erased_takes_what_they_said_along_and_nobody_elses_words(stage, two):
    giver, receiver = two
    theirs, other = await stage.given(giver, receiver), await stage.given(receiver, giver)
    async with stage.harness.runtime.database.transaction() as session:
        await erase(session, giver.person_id, NOON)
    assert (await giver.client.get(f"/v1/kudos/{theirs['id']}")).json()["text"] == ""
    assert (await receiver.client.get(f"/v1/kudos/{other['id']}")).json()["text"] == WORDS
    assert await stage.points(receiver) == WELCOME + 5

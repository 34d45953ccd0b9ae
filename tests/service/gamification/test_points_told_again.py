"""Points and kudos are told again as they were told: who lost all messages ends as who heard them."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from chassis.messaging.republish import all_deeds
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.models import PostedTransfer
from tests.service.gamification.deeds import a_reply, removed
from tests.service.gamification.kudos.stage import KudosStage
from tests.service.gamification.stage import NOON

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = KudosStage(harness)
        await stage.open()
        yield stage


async def again(stage, prefix, since=None):
    runtime = stage.harness.runtime
    async with runtime.database.reading() as session:
        told = [one async for one in all_deeds(runtime.service.deeds, since)(session)]
    return [one for one in told if one.event.TYPE.startswith(f"qunxue.gamification.{prefix}")]


def same(message):
    return (message.id, message.version, message.occurred_at, message.event.TYPE, json.loads(message.event.to_json()))


def as_told(message):
    return (message.id, message.version, message.occurred_at, message.type, message.data)


def in_order(messages):
    return sorted(messages, key=lambda message: str(message[0]))


async def happenings(stage):
    one, other = await stage.members(2)
    await stage.check_in(one)
    reply = a_reply(stage.community_id, one.id, at=NOON)
    await stage.harness.deliver(reply, a_reply(stage.community_id, other.id, at=NOON + MINUTE))
    await stage.harness.deliver(removed(reply, at=NOON))
    await stage.given(one, other)
    return one, other


async def test_points_come_again_with_id_version_time_and_what_one_had_then(stage):
    await happenings(stage)
    told = await stage.harness.published("points.")
    assert {one.type.split(".")[3] for one in told} == {"awarded", "reversed"}
    assert in_order(map(same, await again(stage, "points."))) == in_order(map(as_told, told))
    since = NOON + MINUTE
    late = [as_told(one) for one in told if one.occurred_at >= since]
    assert late
    assert in_order(map(same, await again(stage, "points.", since))) == in_order(late)
    assert all(one.backfill for one in await again(stage, "points."))


async def test_what_one_had_then_is_the_same_where_the_clock_of_a_process_lagged(stage):
    await happenings(stage)
    told = {(one.subject, one.version): one.data for one in await stage.harness.published("points.")}
    async with stage.harness.runtime.database.transaction() as session:
        # Ids as if each posting were by a clock behind that of the one before.
        for row in await session.scalars(select(PostedTransfer)):
            row.posting_id = UUID(int=(1 << 128) - 1 - row.posting_id.int)
    found = await again(stage, "points.")
    assert {(one.event.subject(), one.version): json.loads(one.event.to_json()) for one in found} == told


async def test_what_was_told_before_versions_were_kept_is_known_by_its_transfers(stage):
    await happenings(stage)
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(update(PostedTransfer).values(told_no=None))
    told = {one.data["transfer_ids"][0]: one.data for one in await stage.harness.published("points.")}
    found = await again(stage, "points.")
    assert {str(one.event.transfer_ids[0]): json.loads(one.event.to_json()) for one in found} == told
    by_member = {}
    for one in found:
        by_member.setdefault(one.event.member_id, []).append(one.version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in by_member.values())


async def test_kudos_come_again_with_what_became_of_them_last(stage):
    giver, receiver = await stage.members(2)
    kept, held, gone = [await stage.given(giver, receiver) for _ in range(3)]
    await stage.decide(held["id"], "hold")
    await receiver.client.post(f"/v1/kudos/{gone['id']}/remove")
    last = {one.subject: one for one in await stage.harness.published("kudos.")}
    found = await again(stage, "kudos.")
    assert [one.version for one in found if one.event.TYPE.endswith("given.v1")] == [1, 1, 1]
    ends = {one.event.subject(): one for one in found}
    assert {key: (one.id, one.version, one.event.TYPE) for key, one in ends.items()} == {
        key: (one.id, one.version, one.type) for key, one in last.items()
    }
    assert len(found) == 5
    assert json.loads(ends[kept["id"]].event.to_json()) == last[kept["id"]].data


async def test_from_a_moment_on_kudos_come_again_that_were_given_or_removed_since(stage):
    giver, receiver = await stage.members(2)
    _, gone = [await stage.given(giver, receiver) for _ in range(2)]
    stage.harness.clock.advance(timedelta(days=1))
    since = stage.harness.clock()
    fresh = await stage.given(giver, receiver)
    await receiver.client.post(f"/v1/kudos/{gone['id']}/remove")
    found = await again(stage, "kudos.", since)
    assert {one.event.subject() for one in found} == {gone["id"], fresh["id"]}

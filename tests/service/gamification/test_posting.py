"""What the database itself holds of the ledger, whoever posts."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.service import Posting, lock_wallets, post
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def posted(stage, posting):
    async with stage.harness.runtime.database.transaction() as session:
        wallets = await lock_wallets(session, [(posting.member_id, posting.community_id)])
        await post(session, [posting], wallets, NOON)


async def test_what_is_posted_a_second_time_under_one_key_is_refused_by_the_database(stage):
    member = await stage.member()
    award = Posting(
        member_id=member.id,
        community_id=stage.community_id,
        occurred_at=NOON,
        kind="award",
        key="award:one:and:the:same",
        source_id=new_id(),
        source_type="reply.posted",
        points=2,
        xp=2,
    )
    await posted(stage, award)
    before = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    with pytest.raises(IntegrityError):
        await posted(stage, replace(award, source_id=new_id(), transfer_ids=[]))
    assert (await member.client.get(f"/v1/wallets/{member.id}")).json() == before
    await posted(stage, replace(award, key="award:another", transfer_ids=[]))
    after = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    assert (after["points"], after["xp"]) == (before["points"] + 2, before["xp"] + 2)

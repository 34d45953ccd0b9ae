"""What a service knows of groups and who belongs to them: the newest state of each pair, in whatever order the messages come."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.projections.groups import (
    belongs_to,
    groups_of_member,
    groups_read_by,
    is_in_group,
    known_group,
    known_groups,
    members_of_group,
)
from chassis.testing import received
from contracts.belonging import (
    GroupDissolved,
    GroupFormed,
    GroupJoined,
    GroupLeft,
    GroupMembershipSnapshot,
    GroupSnapshot,
    GroupUpdated,
)
from tests.service.chassis.workshop_things import groups as tables

THEN = datetime(2024, 1, 1, tzinfo=UTC)
HERE = new_id()


def group(kind, group_id, version, **facts):
    state = {"community_id": HERE, "group_id": group_id, "name": "互助一组"} | facts
    return received(kind(**state), occurred_at=THEN, version=version)


def pair(kind, group_id, member_id, version, *, belongs):
    state = {"community_id": HERE, "group_id": group_id, "member_id": member_id, "since": THEN, "belongs": belongs}
    return received(kind(**state), occurred_at=THEN, version=version)


async def asked(shop, question):
    async with shop.runtime.database.reading() as session:
        return await question(session)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_duplicates_end_in_the_newest_state_of_each_pair(shop, seed):
    first, second, gone, ann, ben = (UUID(int=seed * 100 + place + 1) for place in range(5))
    messages = [
        group(GroupFormed, first, 1),
        group(GroupUpdated, first, 2, name="互助二组", leader_id=ann),
        group(GroupFormed, second, 1),
        group(GroupFormed, gone, 1),
        group(GroupDissolved, gone, 2, dissolved=True),
        pair(GroupJoined, first, ann, 1, belongs=True),
        pair(GroupLeft, first, ann, 2, belongs=False),
        pair(GroupJoined, first, ann, 3, belongs=True),
        pair(GroupJoined, second, ann, 1, belongs=True),
        pair(GroupLeft, second, ann, 2, belongs=False),
        pair(GroupJoined, gone, ann, 1, belongs=True),
        pair(GroupJoined, first, ben, 1, belongs=True),
    ]
    draw = random.Random(seed)
    told = draw.sample(messages, len(messages)) + draw.choices(messages, k=5)
    for one in told:
        await shop.deliver(one)
    found = await asked(shop, lambda session: known_group(session, first))
    assert (found.name, found.leader_id, found.dissolved) == ("互助二组", ann, False)
    assert await asked(shop, lambda session: groups_of_member(session, ann)) == [first]
    everything = await asked(shop, lambda session: groups_of_member(session, ann, dissolved_too=True))
    assert everything == [first, gone]
    assert await asked(shop, lambda session: members_of_group(session, first)) == [ann, ben]
    assert await asked(shop, lambda session: members_of_group(session, gone)) == []

    async def within(session):
        return [
            await is_in_group(session, group_id=one, member_id=who, dissolved_too=too)
            for one, who, too in [
                (first, ann, False), (second, ann, True), (gone, ann, False), (gone, ann, True), (first, None, True)
            ]
        ]  # fmt: skip

    assert await asked(shop, within) == [True, False, False, True, False]


async def test_other_statements_ask_by_value_and_by_column(shop):
    here, gone, ann, ben = (new_id() for _ in range(4))
    await shop.deliver(
        group(GroupFormed, here, 1),
        group(GroupDissolved, gone, 2, dissolved=True),
        pair(GroupJoined, here, ann, 1, belongs=True),
        pair(GroupJoined, gone, ann, 1, belongs=True),
        pair(GroupLeft, here, ben, 2, belongs=False),
    )

    async def read(session):
        rows = tables.groups.c
        of_member = select(rows.id).where(rows.id.in_(groups_read_by(tables, ann))).order_by(rows.id)
        still = select(rows.id).where(belongs_to(tables, rows.id, ann))
        return [list((await session.execute(one)).scalars()) for one in (of_member, still)]

    assert await asked(shop, read) == [sorted([here, gone]), [here]]
    assert (await asked(shop, lambda session: known_groups(session, [here, new_id()]))).keys() == {here}


async def test_who_belongs_to_a_group_that_nobody_has_heard_of_belongs_to_it(shop):
    unheard, ann = new_id(), new_id()
    await shop.deliver(pair(GroupMembershipSnapshot, unheard, ann, 3, belongs=True))
    assert await asked(shop, lambda session: groups_of_member(session, ann)) == [unheard]
    assert await asked(shop, lambda session: is_in_group(session, group_id=unheard, member_id=ann))
    await shop.deliver(group(GroupSnapshot, unheard, 9, dissolved=True))
    assert await asked(shop, lambda session: groups_of_member(session, ann)) == []

"""Restating groups and who belongs to them, for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.belonging import GroupMembershipSnapshot, GroupSnapshot
from services.membership.groups.belonging import group_state, pair_state
from services.membership.groups.models import Group, GroupMember


async def group_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every group, those that were dissolved included, with the present version, in order of id."""
    now = system_clock()
    async for (group,) in walk(session, select(Group), col(Group.id)):
        yield Outgoing(GroupSnapshot(**group_state(group)), group.messages_published, now)


async def group_member_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every member who belongs or belonged to a group, with the present version, in order of both ids."""
    now = system_clock()
    statement = select(GroupMember, col(Group.cohort_id)).join(Group, col(Group.id) == col(GroupMember.group_id))
    async for row, cohort_id in walk(session, statement, col(GroupMember.group_id), col(GroupMember.member_id)):
        yield Outgoing(GroupMembershipSnapshot(**pair_state(row, cohort_id)), row.messages_published, now)

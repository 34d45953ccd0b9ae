"""Restating rules and acknowledgements for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.conduct import AcknowledgementSnapshot, RuleSetSnapshot
from services.membership.communities.models import Community
from services.membership.roster.models import Member
from services.membership.rule_sets.models import RuleSet
from services.membership.rule_sets.service import acknowledgement_message, rule_set_message


async def rule_set_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every version that is in force, in order of id."""
    now = system_clock()
    in_force = select(RuleSet).join(Community, col(Community.rule_set_id) == col(RuleSet.id))
    async for (rule_set,) in walk(session, in_force, col(RuleSet.id)):
        yield Outgoing(rule_set_message(RuleSetSnapshot, rule_set), rule_set.messages_published, now)


async def acknowledgement_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """What every member of whom anything was told has acknowledged, in order of id."""
    now = system_clock()
    last = and_(
        col(RuleSet.community_id) == col(Member.community_id), col(RuleSet.number) == col(Member.rules_acknowledged)
    )
    told = select(Member, col(RuleSet.id)).outerjoin(RuleSet, last).where(col(Member.acknowledgements_told) > 0)
    async for member, rule_set_id in walk(session, told, col(Member.id)):
        message = acknowledgement_message(AcknowledgementSnapshot, member, rule_set_id)
        yield Outgoing(message, member.acknowledgements_told, now)

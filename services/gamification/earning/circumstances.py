"""What changes around the deeds: members become known or change their status, communities their day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Received
from chassis.projections.history import days_moved_by, keep_calendars, keep_statuses
from contracts.membership import MemberJoined, MemberLeft, MemberSnapshot, MemberStatusChanged
from services.gamification.earning import store
from services.gamification.earning.moving import move_days
from services.gamification.earning.rulebook import lock_rules
from services.gamification.earning.service import fold_again, record
from services.gamification.earning.triggers import JOINED, causes_of
from services.gamification.ledger.wallets import lock_wallets, save


async def members_changed(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Open wallets, keep statuses with their dates, welcome new members, and judge deeds again that arrived before their members."""
    telling = [
        message
        for message in messages
        if isinstance(message.data, MemberJoined | MemberStatusChanged | MemberLeft | MemberSnapshot)
    ]
    if not telling:
        return
    wallets = await lock_wallets(session, ((message.data.member_id, message.data.community_id) for message in telling))
    judged_from: dict[UUID, datetime] = {}
    for message in telling:
        data, wallet, at = message.data, wallets[message.data.member_id], message.occurred_at
        if isinstance(data, MemberJoined | MemberSnapshot) and wallet.joined_at is None:
            wallet.joined_at = data.joined_at if isinstance(data, MemberSnapshot) else min(at, data.joined_at)
            judged_from[data.member_id] = datetime.min.replace(tzinfo=UTC)
        elif isinstance(data, MemberJoined):
            wallet.status_changed = True
        restated = isinstance(data, MemberSnapshot) and data.status == "active"
        if not restated and (data.status != "active" or wallet.status_changed):
            wallet.status_changed = True
            judged_from[data.member_id] = min(at, judged_from.get(data.member_id, at))
    await keep_statuses(session, telling)
    await save(session, wallets.values())
    await _judge_again(session, judged_from, {member_id: wallets[member_id].community_id for member_id in judged_from})
    joined = [message for message in telling if isinstance(message.data, MemberJoined)]
    await record(session, JOINED.occurrences_of(joined), causes=causes_of(joined))


async def _judge_again(
    session: AsyncSession, judged_from: Mapping[UUID, datetime], communities: Mapping[UUID, UUID]
) -> None:
    """Fold members again who did something at or after the moment from which they are seen otherwise."""
    if not judged_from:
        return
    table = store.occurrences
    rows = await session.execute(
        select(table.c.member_id, func.max(table.c.occurred_at))
        .where(table.c.member_id.in_(list(judged_from)))
        .group_by(table.c.member_id)
    )
    members = {member_id: communities[member_id] for member_id, last in rows if last >= judged_from[member_id]}
    if members:
        await fold_again(session, members)


async def calendars_changed(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep each community's zone and start of day with their date; where a day moves, what counts by days is counted again."""
    moved = await days_moved_by(session, messages)
    for community_id in sorted(moved):
        await lock_rules(session, community_id)
    await keep_calendars(session, messages)
    for community_id, from_at in sorted(moved.items()):
        await move_days(session, community_id, from_at)

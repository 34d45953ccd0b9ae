"""What changes around the deeds: members become known or change their standing, communities their day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.messaging.handlers import Received
from contracts.membership import MemberJoined, MemberLeft, MemberSnapshot, MemberStatusChanged
from services.gamification.earning import store
from services.gamification.earning.rulebook import lock_rules
from services.gamification.earning.service import fold_again, record
from services.gamification.earning.triggers import JOINED, causes_of
from services.gamification.ledger.wallets import lock_wallets, save
from services.gamification.projections import CommunityCalendar, MemberStatus, calendars_of

_statuses: Any = MemberStatus.__table__  # type: ignore[attr-defined]
_calendars: Any = CommunityCalendar.__table__  # type: ignore[attr-defined]


async def members_changed(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Open wallets, keep statuses with their dates, welcome who joined, and judge anew what came before its news."""
    telling = [
        message
        for message in messages
        if isinstance(message.data, MemberJoined | MemberStatusChanged | MemberLeft | MemberSnapshot)
    ]
    if not telling:
        return
    wallets = await lock_wallets(session, ((message.data.member_id, message.data.community_id) for message in telling))
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    judged_from: dict[UUID, datetime] = {}
    for message in telling:
        data = message.data
        wallet = wallets[data.member_id]
        at = message.occurred_at
        if isinstance(data, MemberJoined | MemberSnapshot):
            first = data.joined_at if isinstance(data, MemberSnapshot) else min(at, data.joined_at)
            if wallet.joined_at is None:
                wallet.joined_at = first
                at = first
                judged_from[data.member_id] = datetime.min.replace(tzinfo=first.tzinfo)
            elif isinstance(data, MemberJoined):
                wallet.standing_changed = True
        if isinstance(data, MemberSnapshot):
            rows.setdefault((data.member_id, 0), _status(data.member_id, 0, data.joined_at, "active", None))
            if data.status == "active":
                continue
        rows[data.member_id, message.version] = _status(
            data.member_id, message.version, at, data.status, data.status_until
        )
        if data.status != "active" or wallet.standing_changed:
            wallet.standing_changed = True
            judged_from[data.member_id] = min(at, judged_from.get(data.member_id, at))
    await insert_new(session, _statuses, [rows[key] for key in sorted(rows)], key=["member_id", "version"])
    await save(session, wallets.values())
    await _judge_again(session, judged_from, {member_id: wallets[member_id].community_id for member_id in judged_from})
    joined = [message for message in telling if isinstance(message.data, MemberJoined)]
    await record(session, JOINED.occurrences_of(joined), causes=causes_of(joined))


def _status(member_id: UUID, version: int, at: datetime, status: str, until: datetime | None) -> dict[str, Any]:
    return {"member_id": member_id, "version": version, "at": at, "status": status, "until": until}


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


async def calendars_changed(session: AsyncSession, messages: Sequence[Received[Any]]) -> set[UUID]:
    """Keep each community's zone and start of day with their date; where a day moves, what it earns is folded again.

    Answers the communities whose days moved: what else counts by days is to follow.
    """
    communities = {message.data.community_id for message in messages}
    before = await calendars_of(session, communities)
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    moved: set[UUID] = set()
    for message in messages:
        data = message.data
        rows[data.community_id, message.version] = {
            "community_id": data.community_id,
            "version": message.version,
            "at": message.occurred_at,
            "time_zone": data.time_zone,
            "day_starts_at": data.day_starts_at,
        }
        calendars = before[data.community_id]
        then = calendars.at(message.occurred_at)
        if not calendars.versions or (then.time_zone, then.day_starts_at) != (data.time_zone, data.day_starts_at):
            moved.add(data.community_id)
    for community_id in sorted(moved):
        await lock_rules(session, community_id)
    await insert_new(session, _calendars, [rows[key] for key in sorted(rows)], key=["community_id", "version"])
    for community_id in sorted(moved):
        await _move_days(session, community_id)
    return moved


async def _move_days(session: AsyncSession, community_id: UUID) -> None:
    table = store.occurrences
    calendars = (await calendars_of(session, [community_id]))[community_id]
    rows = await session.execute(select(table).where(table.c.community_id == community_id))
    members: set[UUID] = set()
    for row in rows.all():
        day = calendars.day_of(row.occurred_at)
        if day != row.day:
            members.add(row.member_id)
            await session.execute(
                update(table)
                .where(table.c.source_id == row.source_id, table.c.member_id == row.member_id)
                .where(table.c.beneficiary == row.beneficiary)
                .values(day=day)
            )
    for chunk in store.chunks(sorted(members), 500):
        await fold_again(session, dict.fromkeys(chunk, community_id))

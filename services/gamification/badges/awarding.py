"""Badges follow what is counted: awarded in the transaction of what reaches them, once for each member, and kept until revoked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.database.context import SYSTEM_ACTOR
from chassis.database.statements import Prepared
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing
from contracts.gamification import BadgeAwarded, BadgeOfMessage, BadgeRevoked
from services.gamification.badges.counters import counter, counts_of
from services.gamification.badges.models import Badge, BadgeAward
from services.gamification.badges.occasions import BadgesMoved, badges_moved
from services.gamification.badges.rules import Criterion, concerns, fulfilled
from services.gamification.deeds.service import tell
from services.gamification.earning.occasions import DeedsRecorded
from services.gamification.ledger.occasions import XpMoved
from services.gamification.ledger.wallets import WalletState, save

_badges: Any = Badge.__table__  # type: ignore[attr-defined]
_awards: Any = BadgeAward.__table__  # type: ignore[attr-defined]
_AUTOMATIC: Prepared[Any] = Prepared(
    lambda on: (
        select(_badges)
        .where(on.among(_badges.c.community_id, "ids"), _badges.c.enabled.is_(True))
        .order_by(_badges.c.community_id, _badges.c.code)
    )
)
_ONE: Prepared[Any] = Prepared(select(_badges).where(_badges.c.id == bindparam("of")))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A badge as it is now, and what reaches it."""

    id: UUID
    community_id: UUID
    code: str
    version: int
    match: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A badge for a member."""

    member_id: UUID
    badge: Wanted


def criteria_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Criteria as they are kept."""
    return tuple(
        Criterion(counter(one["counter"], one.get("trigger"), one.get("beneficiary")), one["at_least"]) for one in kept
    )


def wanted_of(row: Any) -> Wanted:
    """A badge's row as what can be reached."""
    return Wanted(row.id, row.community_id, row.code, row.version, row.match, criteria_of(row.criteria))


async def follow_xp(session: AsyncSession, moved: XpMoved) -> None:
    """Award what xp and levels have reached, but to nobody who only has a history of it."""
    members = {change.member_id for change in moved.changes} - moved.history
    wallets = {member_id: moved.wallets[member_id] for member_id in members}
    await judge(session, wallets, names=("xp", "level"), now=moved.now)


async def follow_deeds(session: AsyncSession, recorded: DeedsRecorded) -> None:
    """Award what deeds have reached, but to nobody who only has a history of them."""
    fresh = {one.member_id: recorded.wallets[one.member_id] for one in recorded.occurrences if not one.backfill}
    triggers = {one.trigger for one in recorded.occurrences if not one.backfill}
    names = ("checkins", "longest_streak") if "checkin.recorded" in triggers else ()
    await judge(session, fresh, names=names, triggers=triggers, now=recorded.now)


async def judge(
    session: AsyncSession,
    wallets: Mapping[UUID, WalletState],
    *,
    names: Collection[str] = (),
    triggers: Collection[str] = (),
    now: datetime,
) -> None:
    """Award what the members of locked wallets have reached now that these counters have moved."""
    if not wallets:
        return
    rows = await _AUTOMATIC.all(session, ids=sorted({wallet.community_id for wallet in wallets.values()}))
    concerned = [badge for badge in map(wanted_of, rows) if concerns(badge.criteria, names, triggers)]
    if not concerned:
        return
    given = await reached(session, {one: wallet.community_id for one, wallet in wallets.items()}, concerned)
    await award(session, given, wallets, cause="reached", now=now)


async def reached(session: AsyncSession, members: Mapping[UUID, UUID], badges: Sequence[Wanted]) -> list[Given]:
    """Which of the badges the members have reached and never had; one that was revoked is not reached again by itself."""
    had = select(_awards.c.member_id, _awards.c.badge_id).where(
        among(session, _awards.c.member_id, members), among(session, _awards.c.badge_id, {badge.id for badge in badges})
    )
    known = {(row.member_id, row.badge_id) for row in await session.execute(had)}
    # What somebody has is not counted for them again: counting takes all that they ever did.
    wanted = [
        Given(member_id, badge)
        for member_id, community_id in members.items()
        for badge in badges
        if badge.community_id == community_id and (member_id, badge.id) not in known
    ]
    counters = {criterion.counter for one in wanted for criterion in one.badge.criteria}
    counts = await counts_of(session, {one.member_id for one in wanted}, counters)
    return [one for one in wanted if fulfilled(one.badge.match, one.badge.criteria, counts[one.member_id])]


async def award(
    session: AsyncSession,
    given: Sequence[Given],
    wallets: Mapping[UUID, WalletState],
    *,
    cause: str,
    now: datetime,
    actor: str = SYSTEM_ACTOR,
    reason: str | None = None,
) -> list[UUID]:
    """Give badges to members whose wallets are locked, and tell of it; answers the ids of the awards."""
    if not given:
        return []
    ids = [new_id() for _ in given]
    rows = [
        {
            "id": award_id,
            "badge_id": one.badge.id,
            "badge_version": one.badge.version,
            "community_id": one.badge.community_id,
            "member_id": one.member_id,
            "cause": cause,
            "reason": reason,
            "awarded_at": now,
            "awarded_by": actor,
        }
        for award_id, one in zip(ids, given, strict=True)
    ]
    await insert_many(session, _awards, rows)
    outgoing = [
        Outgoing(
            BadgeAwarded(
                community_id=one.badge.community_id,
                member_id=one.member_id,
                badge=BadgeOfMessage(code=one.badge.code, version=one.badge.version),
                cause=cause,
            ),
            wallets[one.member_id].bump(),
            now,
        )
        for one in given
    ]
    await _done(session, {one.member_id for one in given}, wallets, outgoing, now)
    return ids


async def tell_revoked(session: AsyncSession, held: BadgeAward, code: str, wallet: WalletState, now: datetime) -> None:
    """Tell that a badge was taken back."""
    message = BadgeRevoked(
        community_id=held.community_id,
        member_id=held.member_id,
        badge=BadgeOfMessage(code=code, version=held.badge_version),
        cause="by_hand",
    )
    wallets = {held.member_id: wallet}
    await _done(session, {held.member_id}, wallets, [Outgoing(message, wallet.bump(), now)], now)


async def _done(
    session: AsyncSession,
    members: Iterable[UUID],
    wallets: Mapping[UUID, WalletState],
    outgoing: Sequence[Outgoing],
    now: datetime,
) -> None:
    touched = sorted(members)
    await save(session, [wallets[member_id] for member_id in touched])
    await tell(session, outgoing)
    await badges_moved.happened(session, BadgesMoved({one: wallets[one] for one in touched}, now))


async def badge_of(session: AsyncSession, badge_id: UUID) -> Wanted | None:
    """A badge as it is now."""
    row = await _ONE.first(session, of=badge_id)
    return None if row is None else wanted_of(row)


async def held_codes(session: AsyncSession, members: Collection[UUID]) -> dict[UUID, set[str]]:
    """The codes of the badges that each member has."""
    statement = (
        select(_awards.c.member_id, _badges.c.code)
        .join(_badges, _badges.c.id == _awards.c.badge_id)
        .where(among(session, _awards.c.member_id, members), _awards.c.revoked_at.is_(None))
    )
    found: dict[UUID, set[str]] = {member_id: set() for member_id in members}
    for member_id, code in await session.execute(statement):
        found[member_id].add(code)
    return found

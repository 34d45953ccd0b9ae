"""What appeals are about: who imposed it, when it was told, and whether it stands."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from contracts.kinds import PIECES
from services.membership.appeals.models import Appeal, Removal
from services.membership.cases.models import Case, ConductReport
from services.membership.penalties.models import Penalty, PenaltyRevision
from services.membership.roster.models import Member, RoleGrant, ShortMute


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that can be appealed against. `took_part`: whoever imposed it, agreed to it, worked its case or reported it, as actors.

    `of_runner`: its member runs the community, or did when they were told of it, whatever they may do since.
    """

    kind: str
    id: UUID
    member_id: UUID
    community_id: UUID
    told_at: datetime
    undone: bool
    took_part: frozenset[str]
    revision: int | None = None
    of_runner: bool = False


_PENALTIES: Prepared[Any] = Prepared(lambda on: select(Penalty).where(on.among(col(Penalty.id), "ids")))
_REMOVALS: Prepared[Any] = Prepared(lambda on: select(Removal).where(on.among(col(Removal.id), "ids")))
_MUTES: Prepared[Any] = Prepared(lambda on: select(ShortMute).where(on.among(col(ShortMute.id), "ids")))
_DECIDERS: Prepared[Any] = Prepared(
    lambda on: select(col(PenaltyRevision.penalty_id), col(PenaltyRevision.made_by)).where(
        on.among(col(PenaltyRevision.penalty_id), "ids"), col(PenaltyRevision.cause).in_(["imposed", "seconded"])
    )
)
_WORKED: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Case.id), col(Member.person_id))
        .join(Member, col(Member.id) == col(Case.claimed_by_id))
        .where(on.among(col(Case.id), "ids"))
    )
)
# However many reported it, few of them may decide.
_REPORTED: Prepared[Any] = Prepared(
    lambda on: (
        select(col(ConductReport.case_id), col(Member.person_id))
        .join(Member, col(Member.id) == col(ConductReport.reporter_id))
        .join(RoleGrant, col(RoleGrant.member_id) == col(Member.id))
        .where(on.among(col(ConductReport.case_id), "ids"), col(RoleGrant.role).in_(["operator", "owner"]))
        .distinct()
    )
)

_RAN: Prepared[Any] = Prepared(
    lambda on: select(
        col(RoleGrant.member_id), col(RoleGrant.since), col(RoleGrant.until), col(RoleGrant.revoked_at)
    ).where(on.among(col(RoleGrant.member_id), "ids"), col(RoleGrant.role).in_(["operator", "owner"]))
)


async def things_of(session: AsyncSession, appeals: Sequence[Appeal], now: datetime) -> dict[UUID, Thing]:
    """What each of these appeals is about, by the id of the thing."""
    wanted: dict[str, list[UUID]] = {"penalty": [], "short_mute": [], "removal": []}
    whose = {one.object_id: one.member_id for one in appeals}
    for appeal in appeals:
        wanted["removal" if appeal.object_kind in PIECES else appeal.object_kind].append(appeal.object_id)
    found: dict[UUID, Thing] = {}
    if wanted["penalty"]:
        part: dict[UUID, set[str]] = {}
        for penalty_id, actor in await _DECIDERS.all(session, ids=wanted["penalty"]):
            part.setdefault(penalty_id, set()).add(actor)
        penalties = await _PENALTIES.load(session, ids=wanted["penalty"])
        parties = await _parties(session, [one.case_id for one in penalties])
        for one in penalties:
            found[one.id] = of_penalty(one, part.get(one.id, set()) | parties.get(one.case_id, set()))
    if wanted["short_mute"]:
        for mute in await _MUTES.load(session, ids=wanted["short_mute"]):
            found[mute.id] = of_mute(mute)
    if wanted["removal"]:
        for removal in await _REMOVALS.load(session, ids=wanted["removal"]):
            found[removal.id] = of_removal(removal, whose[removal.id])
    ran = await _ran(session, {one.member_id for one in appeals})
    return {key: replace(one, of_runner=_at_one_of(ran[one.member_id], one.told_at, now)) for key, one in found.items()}


_Terms = list[tuple[datetime, datetime | None]]


async def _ran(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, _Terms]:
    """From when to when these members were operators or owners. What is appealed against may have taken that from them."""
    found: dict[UUID, _Terms] = {one: [] for one in member_ids}
    for member_id, since, *ends in await _RAN.all(session, ids=list(member_ids)):
        found[member_id].append((since, min((one for one in ends if one is not None), default=None)))
    return found


def _at_one_of(terms: _Terms, *moments: datetime) -> bool:
    return any(since <= at and (end is None or at <= end) for since, end in terms for at in moments)


async def _parties(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """Who worked these cases, and who of those that run the community reported them, as actors."""
    found: dict[UUID, set[str]] = {}
    for statement in (_WORKED, _REPORTED):
        for case_id, person_id in await statement.all(session, ids=list(case_ids)):
            found.setdefault(case_id, set()).add(f"person:{person_id}")
    return found


def of_penalty(penalty: Penalty, part: Iterable[str] = ()) -> Thing:
    """A penalty as a thing."""
    actors = {penalty.imposed_by, penalty.seconded_by, *part} - {None}
    return Thing(
        "penalty",
        penalty.id,
        penalty.member_id,
        penalty.community_id,
        penalty.told_at,
        penalty.undone,
        frozenset(str(actor) for actor in actors),
        penalty.revision,
    )


def of_mute(mute: ShortMute) -> Thing:
    """A short mute as a thing; one that a penalty took over is that penalty's."""
    return Thing(
        "short_mute",
        mute.id,
        mute.member_id,
        mute.community_id,
        mute.given_at,
        mute.penalty_id is not None,
        frozenset({mute.given_by}),
    )


def of_removal(removal: Removal, member_id: UUID) -> Thing:
    """The removal of what somebody wrote as a thing; it is undone when that is seen again."""
    return Thing(
        removal.kind,
        removal.id,
        member_id,
        removal.community_id,
        removal.removed_at,
        removal.ended_at is not None,
        frozenset({str(removal.removed_by)}),
    )

"""What appeals are about: who imposed it, when it was told, and whether it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.appeals.models import Appeal
from services.membership.penalties.models import Penalty, PenaltyRevision
from services.membership.roster.models import ShortMute


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that can be appealed against. `took_part`: whoever imposed it or agreed to it, as actors."""

    kind: str
    id: UUID
    member_id: UUID
    community_id: UUID
    told_at: datetime
    undone: bool
    took_part: frozenset[str]
    revision: int | None = None


_PENALTIES: Prepared[Any] = Prepared(lambda on: select(Penalty).where(on.among(col(Penalty.id), "ids")))
_MUTES: Prepared[Any] = Prepared(lambda on: select(ShortMute).where(on.among(col(ShortMute.id), "ids")))
_DECIDERS: Prepared[Any] = Prepared(
    lambda on: select(col(PenaltyRevision.penalty_id), col(PenaltyRevision.made_by)).where(
        on.among(col(PenaltyRevision.penalty_id), "ids"), col(PenaltyRevision.cause).in_(["imposed", "seconded"])
    )
)


async def things_of(session: AsyncSession, appeals: Sequence[Appeal]) -> dict[UUID, Thing]:
    """What each of these appeals is about, by the id of the thing."""
    wanted = {kind: [one.object_id for one in appeals if one.object_kind == kind] for kind in ("penalty", "short_mute")}
    found: dict[UUID, Thing] = {}
    if wanted["penalty"]:
        part: dict[UUID, set[str]] = {}
        for penalty_id, actor in await _DECIDERS.all(session, ids=wanted["penalty"]):
            part.setdefault(penalty_id, set()).add(actor)
        for one in await _PENALTIES.load(session, ids=wanted["penalty"]):
            found[one.id] = of_penalty(one, part.get(one.id, set()))
    if wanted["short_mute"]:
        for mute in await _MUTES.load(session, ids=wanted["short_mute"]):
            found[mute.id] = of_mute(mute)
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

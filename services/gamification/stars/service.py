"""The use cases of the star of the month: naming, voting in secret, confirming."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from chassis.audit import audit
from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.days import month_of
from chassis.messaging.outbox import tell
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, INVALID
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from contracts.gamification import StarConfirmed
from services.gamification.permissions import KUDOS_READ
from services.gamification.stars import problems, queries
from services.gamification.stars.models import Star, StarCandidate, StarNomination, StarVoter
from services.gamification.stars.rules import (
    FEWEST_BALLOTS,
    Phase,
    phase_of,
    quarter_of,
    votes_from,
    votes_until,
)
from services.gamification.stars.settling import settle_after

_STARS: Any = Star.__table__  # type: ignore[attr-defined]
_NOMINATIONS: Any = StarNomination.__table__  # type: ignore[attr-defined]
_CANDIDATES: Any = StarCandidate.__table__  # type: ignore[attr-defined]
_VOTERS: Any = StarVoter.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SeenStar:
    """The star of a month, and what the caller is in its community."""

    star: Star
    standing: Standing
    today: date

    @property
    def phase(self) -> Phase:
        """How it stands today."""
        return phase_on(self.star, self.today)

    @property
    def counted(self) -> bool:
        """Whether the votes may be known."""
        return is_counted(self.star, self.today)


def phase_on(star: Star, today: date) -> Phase:
    """How a star stands on a day of its community."""
    decided, won = star.decided_at is not None, star.winner_id is not None
    return phase_of(
        today=today,
        votes_from=star.votes_from,
        votes_until=star.votes_until,
        settled=star.settled_at is not None,
        ballots=star.ballots,
        decided=decided,
        won=won,
    )


def is_counted(star: Star, today: date) -> bool:
    """Whether its votes may be known: of fewer ballots they would say who voted for whom."""
    return star.ballots >= FEWEST_BALLOTS and phase_on(star, today) not in {"naming", "voting"}


async def nominate(work: Work, community_id: UUID, member_id: UUID) -> SeenStar:
    """Name a member for the present month. Raises `NAMED_BEFORE`, and `INVALID` for who cannot be it."""
    standing = await _standing(work, community_id)
    own = _member(standing)
    today = today_in(work, standing)
    month = month_of(today)
    await _check(work, _of(community_id, month), own, member_id)
    new = _of(community_id, month).model_dump()
    begun = await insert_new(work.session, _STARS, [new], key=["community_id", "month"])
    star = await queries.locked_star(work.session, community_id, month)
    if begun:
        await settle_after(work.session, star)
    nomination = {"star_id": star.id, "nominator_id": own, "member_id": member_id}
    if not await insert_new(work.session, _NOMINATIONS, [nomination], key=["star_id", "nominator_id"]):
        raise problems.NAMED_BEFORE()
    candidate = {"star_id": star.id, "member_id": member_id, "votes": 0}
    await insert_new(work.session, _CANDIDATES, [candidate], key=["star_id", "member_id"])
    return SeenStar(star, standing, today)


async def vote(work: Work, star_id: UUID, member_id: UUID) -> SeenStar:
    """Vote in secret, once. It leaves that the caller voted, and one vote more; no audit entry, no message, no time."""
    seen = await seen_star(work, star_id, lock=True)
    star, own = seen.star, _member(seen.standing)
    if seen.phase != "voting":
        raise problems.not_now(seen.phase)
    await _check(work, star, own, member_id)
    if not await queries.is_candidate(work.session, star.id, member_id):
        raise INVALID(errors=[problems.NOT_NAMED])
    voter = {"star_id": star.id, "member_id": own}
    if not await insert_new(work.session, _VOTERS, [voter], key=["star_id", "member_id"]):
        raise problems.VOTED_BEFORE()
    candidate = (col(StarCandidate.star_id) == star.id, col(StarCandidate.member_id) == member_id)
    await work.session.execute(update(StarCandidate).where(*candidate).values(votes=col(StarCandidate.votes) + 1))
    star.ballots += 1
    await work.session.flush()
    return seen


async def confirm(work: Work, star_id: UUID, member_id: UUID | None) -> SeenStar:
    """Confirm who came first, or that the month has no star; of those with as many votes, the owner chooses. Again, it changes nothing.

    Raises `CONFLICT_OF_INTEREST` where the owner was named and can be it themselves.
    """
    seen = await seen_star(work, star_id, lock=True)
    star = seen.star
    if star.decided_at is not None and star.winner_id == member_id:
        return seen
    if seen.phase != "counted":
        raise problems.not_now(seen.phase)
    if await queries.concerns(work.session, star, _member(seen.standing), work.now):
        raise CONFLICT_OF_INTEREST()
    if member_id is not None:
        await _check_first(work, star, member_id)
    star.sqlmodel_update({"winner_id": member_id, "decided_at": work.now})
    changes: dict[str, list[Any]] = {
        "winner_id": [None, None if member_id is None else str(member_id)],
        "decided_at": [None, work.now],
    }
    await audit(work.session, work.caller, star, "confirm", changes, work.now)
    if member_id is not None:
        await tell(work.session, StarConfirmed, star, work.now, again=True)
    await work.session.flush()
    return seen


async def seen_star(work: Work, star_id: UUID, *, lock: bool = False) -> SeenStar:
    """The star of a month, for every member."""
    star = await existing(work.session, Star, star_id, lock=lock)
    standing = await _standing(work, star.community_id)
    return SeenStar(star, standing, today_in(work, standing))


def today_in(work: Work, standing: Standing) -> date:
    """The present day of a community."""
    return standing.community.day_of(work.now)


def _of(community_id: UUID, month: date) -> Star:
    """The star of a month of which nobody is named yet."""
    return Star(
        community_id=community_id,
        month=month,
        quarter=quarter_of(month),
        votes_from=votes_from(month),
        votes_until=votes_until(month),
    )


async def _check(work: Work, star: Star, own: UUID, member_id: UUID) -> None:
    if member_id == own:
        raise INVALID(errors=[problems.YOURSELF])
    if not await queries.eligible(work.session, star, [member_id], work.now):
        raise INVALID(errors=[problems.NOT_ELIGIBLE])


async def _check_first(work: Work, star: Star, member_id: UUID) -> None:
    if not await queries.is_candidate(work.session, star.id, member_id):
        raise INVALID(errors=[problems.NOT_NAMED])
    if member_id not in await queries.leading(work.session, star, work.now):
        raise problems.NOT_FIRST()


def _member(standing: Standing) -> UUID:
    if standing.member_id is None:
        raise FORBIDDEN()
    return standing.member_id


async def _standing(work: Work, community_id: UUID) -> Standing:
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    return await authorize(
        work.session, work.caller, work.permission, community_id, own=True, seen_by=KUDOS_READ, now=work.now
    )

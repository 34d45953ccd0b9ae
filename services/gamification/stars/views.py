"""How the star of a month becomes an answer: votes only once they are counted."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.gamification.permissions import KUDOS_CONFIRM, KUDOS_NOMINATE, KUDOS_VOTE
from services.gamification.stars import queries
from services.gamification.stars.models import Star, StarCandidate
from services.gamification.stars.schemas import StarCandidatePublic, StarListed, StarPublic
from services.gamification.stars.service import SeenStar, is_counted, phase_on


async def listed(work: Work, rows: Sequence[Star], today: date) -> list[StarListed]:
    """Stars as lists show them."""
    members = await embedded(work.session, {row.winner_id for row in rows if row.winner_id is not None})
    return [StarListed(**_fields(row, today, members)) for row in rows]


async def shown(work: Work, seen: SeenStar) -> StarPublic:
    """One of them, with what the caller did and can do."""
    star, own = seen.star, seen.standing.member_id
    named = None if own is None else await queries.named_by(work.session, star.id, own)
    voted = own is not None and await queries.has_voted(work.session, star.id, own)
    leading = await queries.leading(work.session, star, work.now) if seen.phase == "counted" else []
    ids = {one for one in (*leading, named, star.winner_id) if one is not None}
    members = await embedded(work.session, ids)
    return StarPublic(
        **_fields(star, seen.today, members),
        named=None if named is None else members[named],
        voted=voted,
        leading=[members[one] for one in leading],
        viewer=await _viewer(work, seen, named=named is not None, voted=voted),
    )


async def candidates_shown(work: Work, rows: Sequence[StarCandidate], *, counted: bool) -> list[StarCandidatePublic]:
    """Who was named, with their votes once they are counted."""
    members = await embedded(work.session, {row.member_id for row in rows})
    return [StarCandidatePublic(member=members[row.member_id], votes=row.votes if counted else None) for row in rows]


def _fields(star: Star, today: date, members: dict[UUID, MemberEmbed]) -> dict[str, Any]:
    return {
        "id": star.id,
        "community_id": star.community_id,
        "month": star.month,
        "phase": phase_on(star, today),
        "votes_from": star.votes_from,
        "votes_until": star.votes_until,
        "ballots": star.ballots if is_counted(star, today) else None,
        "winner": None if star.winner_id is None else members[star.winner_id],
        "decided_at": star.decided_at,
    }


async def _viewer(work: Work, seen: SeenStar, *, named: bool, voted: bool) -> Viewer:
    """What the caller can do with it now: naming, voting and confirming come one after the other."""
    action, permission, done = {
        "naming": ("nominate", KUDOS_NOMINATE, "star_named_before" if named else None),
        "voting": ("vote", KUDOS_VOTE, "star_voted_before" if voted else None),
        "counted": ("confirm", KUDOS_CONFIRM, None),
    }.get(seen.phase, (None, None, None))
    if action is None or permission is None:
        return Viewer.of({})
    code = done
    if not permission.reach(seen.standing.columns):
        code = "forbidden"
    elif seen.standing.community.status == "archived":
        code = "community_archived"
    elif action == "confirm" and await _concerned(work, seen):
        code = "conflict_of_interest"
    return Viewer.of({action: code})


async def _concerned(work: Work, seen: SeenStar) -> bool:
    own = seen.standing.member_id
    return own is not None and await queries.concerns(work.session, seen.star, own, work.now)

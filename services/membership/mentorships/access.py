"""Who may see a mentorship and do something with it: the two, and of its outlines those who run the community."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.membership.mentorships.models import Mentorship
from services.membership.mentorships.rules import Action, Side, refusal
from services.membership.permissions import MENTORSHIPS_READ


@dataclass(frozen=True, slots=True)
class SeenMentorship:
    """A mentorship that the caller sees, and which of the two they are; None for who runs the community."""

    mentorship: Mentorship
    standing: Standing
    side: Side | None


async def seen(work: Work, key: UUID, *, lock: bool = False) -> SeenMentorship:
    """A mentorship that the caller sees. Raises `NOT_FOUND` for all others, as if there were none."""
    row = await existing(work.session, Mentorship, key, lock=lock)
    return await seen_as(work, row)


async def seen_as(work: Work, row: Mentorship) -> SeenMentorship:
    """The same of a row that is there."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    standing = await authorize(
        work.session, work.caller, work.permission, row.community_id, own=True, seen_by=MENTORSHIPS_READ, now=work.now
    )
    side = row.side_of(standing.member_id)
    if side is None and Reach.ALL not in MENTORSHIPS_READ.reach(standing.columns):
        raise NOT_FOUND()
    return SeenMentorship(row, standing, side)


async def acting(work: Work, key: UUID, action: Action) -> SeenMentorship:
    """A mentorship, locked, with which the caller, who is one of the two, can do this now. Raises what `refusal` names."""
    found = await seen(work, key, lock=True)
    side_can(work, found, action)
    return found


def side_can(work: Work, found: SeenMentorship, action: Action) -> Side:
    """Which of the two the caller is, if they can do this now. Raises `FORBIDDEN`, else what `refusal` names."""
    if found.side is None:
        raise FORBIDDEN()
    course = found.mentorship.course
    code = refusal(action, course, found.side, work.now)
    if code is not None:
        raise refused(code, **_said_of(code, found.mentorship, work))
    return found.side


def _said_of(code: str, row: Mentorship, work: Work) -> dict[str, object]:
    if code == "illegal_transition":
        return {"state": row.course.status_at(work.now)}
    if code == "too_soon_to_complete":
        return {"completes_from": row.course.completes_from}
    return {}

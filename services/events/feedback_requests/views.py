"""How feedback requests become answers: what was answered is read by the author of the work, and by whoever said it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.events.feedback_requests.models import FeedbackColleague, FeedbackRequest
from services.events.feedback_requests.queries import colleagues_of
from services.events.feedback_requests.rules import status_at
from services.events.feedback_requests.schemas import ColleaguePublic, FeedbackRequestListed, FeedbackRequestPublic
from services.events.feedback_requests.service import SeenRequest


async def listed(work: Work, rows: Sequence[FeedbackRequest], member_id: UUID) -> list[FeedbackRequestListed]:
    """Requests as lists show them to a member."""
    colleagues = await colleagues_of(work.session, [row.id for row in rows])
    members = await embedded(work.session, [row.author_id for row in rows])
    return [
        FeedbackRequestListed(**_fields(work, row, colleagues[row.id], members, by_reader=row.author_id == member_id))
        for row in rows
    ]


async def shown(work: Work, seen: SeenRequest) -> FeedbackRequestPublic:
    """A request for its author with all answers, for a colleague with their own."""
    request = seen.request
    read = [one for one in seen.colleagues if seen.by_caller or one is seen.own]
    members = await embedded(work.session, [request.author_id, *(one.member_id for one in read)])
    return FeedbackRequestPublic(
        **_fields(work, request, seen.colleagues, members, by_reader=seen.by_caller),
        colleagues=[
            ColleaguePublic(member=members[one.member_id], answered_at=one.answered_at, answers=one.answers)
            for one in read
        ],
        viewer=_viewer(work, seen),
    )


def _viewer(work: Work, seen: SeenRequest) -> Viewer:
    archived = seen.standing.community.status == "archived"
    answers = {
        action: seen.refusal(action, work) or ("community_archived" if archived else None)
        for action in ("answer", "close")
        if action != "answer" or seen.own is None or seen.own.answered_at is None
    }
    return Viewer.of(answers)


def _fields(
    work: Work,
    row: FeedbackRequest,
    colleagues: Sequence[FeedbackColleague],
    members: dict[UUID, MemberEmbed],
    *,
    by_reader: bool,
) -> dict[str, Any]:
    answered = sum(one.answered_at is not None for one in colleagues)
    return row.model_dump() | {
        "author": members[row.author_id],
        "status": status_at(row.status, row.closes_at, work.now),
        "asked": len(colleagues),
        "answered": answered if by_reader else None,
    }

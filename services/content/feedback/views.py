"""How feedback becomes answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.content.attachments.showing import of_bodies
from services.content.discussions.access import is_by
from services.content.feedback.models import Feedback, FeedbackReply
from services.content.feedback.rules import is_unread
from services.content.feedback.schemas import FeedbackListed, FeedbackMine, FeedbackPublic, FeedbackReplyPublic
from services.content.feedback.service import SeenFeedback, is_overdue

ACTIONS = ("reply", "close")
"""What who reads it can do, until it is settled."""


async def listed(work: Work, rows: Sequence[Feedback], standing: Standing) -> list[FeedbackListed]:
    """Feedback as lists show it."""
    members = await embedded(work.session, {row.author_id for row in rows})
    return [FeedbackListed(**_fields(row, members, standing, work)) for row in rows]


async def shown(work: Work, found: SeenFeedback) -> FeedbackPublic:
    """Feedback with its text."""
    row = found.feedback
    members = await embedded(work.session, {row.author_id})
    files = await of_bodies(work, {row.id: row.body})
    return FeedbackPublic(**_fields(row, members, found.standing, work), attachments=files.get(row.id, []))


async def replies_shown(work: Work, rows: Sequence[FeedbackReply]) -> list[FeedbackReplyPublic]:
    """Its replies."""
    members = await embedded(work.session, {row.author_id for row in rows})
    files = await of_bodies(work, {row.id: row.body for row in rows})
    more = [{"author": members[row.author_id], "attachments": files.get(row.id, [])} for row in rows]
    return [FeedbackReplyPublic(**(row.model_dump() | one)) for row, one in zip(rows, more, strict=True)]


def _fields(row: Feedback, members: Mapping[UUID, Any], standing: Standing, work: Work) -> dict[str, Any]:
    code = "illegal_transition" if row.closed_at is not None else None
    if standing.community.status == "archived":
        code = "community_archived"
    own = is_by(standing, row.author_id)
    return row.model_dump() | {
        "to": row.addressee,
        "author": members[row.author_id],
        "status": "open" if row.closed_at is None else "closed",
        "overdue": is_overdue(row, work.now),
        "mine": FeedbackMine(author=own, unread=own and is_unread(row.news_at, row.read_at)),
        "viewer": Viewer.of(dict.fromkeys(ACTIONS, code)),
    }

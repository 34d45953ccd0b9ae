"""What waits for one of the two, and what for those who run the community."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import DeskQueue, Reader, Task, Waiting, task_about
from services.membership.communities.models import Community
from services.membership.mentorships import rules
from services.membership.mentorships.models import Mentorship
from services.membership.mentorships.queries import wanting
from services.membership.mentorships.rules import refusal
from services.membership.mentorships.schemas import Attention
from services.membership.people.access import require_active
from services.membership.permissions import MENTORSHIPS_READ
from services.membership.roster.models import Member
from services.membership.roster.queries import effective_status, embedded_by_id

_MOST: Final = 50
_ANSWER = {"en": "Answer the mentorship that {title} proposes", "zh-CN": "答复 {title} 的师徒结对提议"}
_AGREE = {"en": "{title} asks to complete your mentorship early", "zh-CN": "{title} 希望提前结业，请回应"}
_FEEDBACK = {"en": "Say how your mentorship with {title} was", "zh-CN": "填写与 {title} 师徒结对的反馈"}
_SOMEBODY = {"en": "somebody", "zh-CN": "某位成员"}


@dataclass(frozen=True, slots=True)
class _Row:
    """What a task is about."""

    id: UUID
    title: str
    community_id: UUID
    community_name: str


async def to_answer(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """Proposals, wishes to complete, feedback. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    now = reader.now
    asked = and_(
        col(Mentorship.status) == "proposed",
        col(Mentorship.proposed_at) > now - rules.ANSWER_WITHIN,
    )
    wished = and_(col(Mentorship.status) == "active", col(Mentorship.completion_asked_by).is_not(None))
    over_since = func.coalesce(col(Mentorship.closed_at), col(Mentorship.ends_at))
    over = and_(
        or_(col(Mentorship.status).in_(sorted(rules.OVER)), col(Mentorship.status) == "active"),
        over_since > now - rules.FEEDBACK_WITHIN,
        over_since <= now,
    )
    found = await session.execute(
        select(Mentorship, col(Member.id), col(Community.name))
        .join(Member, or_(col(Member.id) == col(Mentorship.mentor_id), col(Member.id) == col(Mentorship.mentee_id)))
        .join(Community, col(Community.id) == col(Mentorship.community_id))
        .where(col(Member.person_id) == reader.caller.id, effective_status(now) == "active")
        .where(col(Community.status) != "archived", or_(asked, wished, over))
        .order_by(col(Mentorship.proposed_at), col(Mentorship.id))
        .limit(_MOST)
    )
    rows = [(row[0], row[1], row[2]) for row in found]
    others = {row.mentee_id if row.mentor_id == own else row.mentor_id for row, own, _ in rows}
    members = await embedded_by_id(session, others, now) if others else {}
    return [task for row, own, community in rows for task in _tasks(row, own, community, members, reader)]


def _tasks(row: Mentorship, own: UUID, community: str, members: Any, reader: Reader) -> Iterator[Task]:
    side, course, now = row.side_of(own), row.course, reader.now
    if side is None:
        return
    other = members[row.mentee_id if side == "mentor" else row.mentor_id]
    about = _Row(row.id, other.display_name or _SOMEBODY[reader.locale], row.community_id, community)

    def task(code: str, title: dict[str, str], due_at: datetime | None) -> Task:
        return task_about(about, reader, code, title, "mentorship", "/v1/mentorships", due_at)

    if refusal("decline", course, side, now) is None:
        yield task("answer_mentorship", _ANSWER, course.due_at)
    elif refusal("go_on", course, side, now) is None:
        if course.completion_asked_by != side:
            yield task("agree_to_complete_mentorship", _AGREE, course.due_at)
    elif side not in row.said and refusal("give_feedback", course, side, now) is None:
        yield task("give_mentorship_feedback", _FEEDBACK, course.feedback_until(now))


def _queue(attention: Attention, since: Any, code: str, en: str, zh: str) -> DeskQueue:
    async def waiting(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
        counted = select(func.count(), func.min(since)).where(
            col(Mentorship.community_id) == community_id, wanting(attention, now)
        )
        count, oldest_at = (await session.execute(counted)).one()
        href = f"/v1/mentorships?community_id={community_id}&attention={attention}"
        return Waiting(count=count, oldest_at=oldest_at, href=href)

    return DeskQueue(code, MENTORSHIPS_READ, waiting, en=en, zh=zh)


DESK: Final = (
    _queue(
        "seeking",
        col(Mentorship.proposed_at),
        "mentees_without_mentor",
        "Members who asked for a mentor and have none",
        "正在寻找导师的成员",
    ),
    _queue(
        "quiet",
        col(Mentorship.noted_at),
        "mentorships_without_notes",
        "Mentorships without a note for three weeks",
        "三周没有记录的师徒结对",
    ),
    _queue(
        "unattended",
        col(Mentorship.started_at),
        "mentorships_unattended",
        "Mentorships whose mentor lost the role, or of whom one is suspended",
        "导师失去角色或一方被暂停的师徒结对",
    ),
)

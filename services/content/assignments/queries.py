"""Reading assignments: whom questions are assigned to, and what waits for an expert."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES, embedded
from services.content.assignments.models import Assignment
from services.content.base import known
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Shown
from services.content.discussions.rules import ASKING
from services.content.groups import may_see
from services.content.replies.models import Reply

_ANSWER = {"en": "Answer a question: {title}", "zh-CN": "回答问题：{title}"}
_MOST = 100


_ASSIGNED: Prepared[Any] = Prepared(
    lambda on: select(col(Assignment.discussion_id), col(Assignment.member_id)).where(
        on.among(col(Assignment.discussion_id), "discussion_ids")
    )
)


async def assigned(session: AsyncSession, shown: Shown) -> Mapping[UUID, Mapping[str, Any]]:
    """To whom questions among discussions are assigned."""
    asking = [row.id for row in shown.discussions if row.kind in ASKING]
    if not asking:
        return {}
    rows = await _ASSIGNED.all(session, discussion_ids=asking)
    found = {row.discussion_id: row.member_id for row in rows}
    members = await embedded(session, found.values())
    return {key: {"assigned_to": members[member_id]} for key, member_id in found.items()}


_members, _communities = known.members.c, known.communities.c
_replied = exists().where(
    col(Reply.discussion_id) == col(Assignment.discussion_id),
    col(Reply.author_id) == col(Assignment.member_id),
    col(Reply.created_at) >= col(Assignment.assigned_at),
)
_WAITING: Prepared[Any] = Prepared(
    select(
        col(Discussion.id),
        col(Discussion.title),
        col(Discussion.answer_due_at),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .select_from(Assignment)
    .join(known.members, _members.id == col(Assignment.member_id))
    .join(Discussion, col(Discussion.id) == col(Assignment.discussion_id))
    .join(known.communities, _communities.id == col(Discussion.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status.not_in(sorted(LEFT_STATUSES)),
        _communities.status != "archived",
        col(Discussion.status) == "open",
        col(Discussion.removed_at).is_(None),
        col(Discussion.accepted_reply_id).is_(None),
        may_see(col(Discussion.group_id), _members),
        ~_replied,
    )
    .order_by(col(Discussion.answer_due_at), col(Discussion.id))
    .limit(_MOST)
)


async def to_answer(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The questions that are assigned to the caller, until they have replied or somebody's answer was accepted."""
    rows = await _WAITING.all(session, person_id=reader.caller.id)
    return [
        task_about(row, reader, "answer_question", _ANSWER, "discussion", "/v1/discussions", row.answer_due_at)
        for row in rows
    ]

"""What waits for somebody in an appeal: the member's answer, and the reviewer's decision."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from chassis.database.statements import Prepared, bindparam
from services.membership.appeals.models import Appeal
from services.membership.appeals.queries import stands
from services.membership.communities.models import Community
from services.membership.people.access import require_active
from services.membership.roster.models import Member

_MOST: Final = 100
_TITLES: Final = {
    "answer_appeal_question": {"en": "Answer the question about your appeal", "zh-CN": "回答关于你的申诉的提问"},
    "review_appeal": {"en": "Decide an appeal", "zh-CN": "裁决一项申诉"},
}
_TURN: Prepared[Any] = Prepared(
    select(
        col(Appeal.id),
        col(Appeal.due_at),
        col(Appeal.reviewer_id),
        col(Community.id).label("community_id"),
        col(Community.name).label("community_name"),
    )
    .join(Member, col(Member.id) == col(Appeal.member_id))
    .join(Community, col(Community.id) == col(Appeal.community_id))
    .where(
        col(Appeal.status) == "open",
        stands(),
        or_(
            col(Appeal.reviewer_id) == bindparam("person_id"),
            and_(
                col(Member.person_id) == bindparam("person_id"),
                col(Appeal.asked_at).is_not(None),
                col(Appeal.answered_at).is_(None),
            ),
        ),
    )
    .order_by(col(Appeal.due_at), col(Appeal.id))
    .limit(_MOST)
)


async def own_turn(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The appeals in which it is the caller's turn. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    tasks = []
    for row in await _TURN.all(session, person_id=reader.caller.id):
        code = "review_appeal" if row.reviewer_id == reader.caller.id else "answer_appeal_question"
        tasks.append(
            Task(
                code=code,
                title=_TITLES[code][reader.locale],
                due_at=row.due_at,
                community=TaskCommunity(id=row.community_id, name=row.community_name),
                href=f"/v1/appeals/{row.id}",
                object=ObjectRef(kind="appeal", id=row.id),
            )
        )
    return tasks

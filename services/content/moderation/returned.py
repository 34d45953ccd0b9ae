"""The texts that a moderator returned: they wait for their authors."""

from collections.abc import Sequence

from sqlalchemy import and_, func, select, union_all
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.content.articles.models import Article
from services.content.base import known
from services.content.discussions.models import Discussion
from services.content.groups import may_see
from services.content.holding.models import ModerationItem
from services.content.holding.service import HERE
from services.content.moderation.rules import HREFS
from services.content.unnamed.models import Mask

_MEND = {"en": "Mend a text that was returned: {reason}", "zh-CN": "修改被退回的内容：{reason}"}
_MOST = 100


_members, _communities = known.members.c, known.communities.c
_is_reader = and_(_members.person_id == bindparam("person_id"), _members.status.not_in(sorted(LEFT_STATUSES)))
_writers = union_all(
    select(_members.id.label("writer_id"), _members.id, _members.roles).where(_is_reader),
    select(col(Mask.id).label("writer_id"), _members.id, _members.roles)
    .select_from(Mask)
    .join(known.members, _members.id == col(Mask.member_id))
    .where(_is_reader),
).subquery()
"""The caller as their texts have them, and the member that they are."""
_group_id = func.coalesce(col(Discussion.group_id), col(Article.group_id))
_RETURNED = Prepared(
    select(
        col(ModerationItem.kind),
        col(ModerationItem.object_id),
        func.coalesce(col(ModerationItem.reason), "").label("reason"),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .join(_writers, _writers.c.writer_id == col(ModerationItem.author_id))
    .join(known.communities, _communities.id == col(ModerationItem.community_id))
    .outerjoin(Discussion, col(Discussion.id) == col(ModerationItem.root_id))
    .outerjoin(Article, col(Article.id) == col(ModerationItem.root_id))
    .where(
        # Who has left a group cannot mend what they wrote there: it is not there for them.
        may_see(_group_id, _writers.c),
        _communities.status != "archived",
        col(ModerationItem.service) == HERE,
        col(ModerationItem.status) == "returned",
        col(ModerationItem.live_id).is_not(None),
    )
    .order_by(col(ModerationItem.created_at), col(ModerationItem.id))
    .limit(_MOST)
)


async def to_mend(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The texts of the caller that were returned, the longest first, until they write something else or a moderator decides."""
    return [
        Task(
            code="mend_text",
            title=_MEND[reader.locale].format(reason=row.reason),
            community=TaskCommunity(id=row.community_id, name=row.community_name),
            href=HREFS[row.kind].format(row.object_id),
            object=ObjectRef(kind=row.kind, id=row.object_id),
        )
        for row in await _RETURNED.all(session, person_id=reader.caller.id)
    ]

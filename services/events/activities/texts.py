"""What others read of activities: moderation is told of each text, and what it holds or removes shows a stand-in instead.

Who writes activities runs them, so a text is read at once, until it is held. What was held stays so until it is decided about anew.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.texts import Hidden
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.base import texts

TEXT: Final = frozenset({"title", "description", "location", "contact"})
STAND_IN: Final = "（内容审核中）Under review"
WITHHELD: Final[Mapping[str, Any]] = {"title": STAND_IN, "description": "", "location": None, "contact": ""}
"""What others read instead of a text that is held."""


async def tell_text(work: Work, thing: Any, *, kind: str, author_id: UUID | None, text: Mapping[str, str]) -> None:
    """Let moderation decide about what somebody wrote, of a thing that is locked or new."""
    if author_id is None:
        return
    await texts.written(
        work.session,
        community_id=thing.community_id,
        kind=kind,
        object_id=thing.id,
        author_id=author_id,
        text={name: value for name, value in text.items() if value},
        now=work.now,
        read_until_held=True,
    )


async def tell_activity(work: Work, activity: Activity, author_id: UUID | None) -> None:
    """The same of an activity."""
    text = {"title": activity.title, "description": activity.description, "contact": activity.contact}
    where = activity.location or {}
    await tell_text(
        work,
        activity,
        kind="activity",
        author_id=author_id,
        text=text | {f"location_{name}": str(where.get(name, "")) for name in ("name", "address", "room")},
    )


async def withheld(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Hidden]:
    """Of which of these things others read a stand-in, and why."""
    return await texts.held(session, ids)


def unless_held(column: Any, instead: str | None) -> ColumnElement[Any]:
    """A column of an activity, for a statement whose readers are others: `instead` of what is held."""
    table = texts.table.c
    held = exists().where(
        table.object_id.in_([col(Activity.id), col(Activity.series_id)]), table.verdict.in_(["hold", "remove"])
    )
    return case((~held, column), else_=instead).label(column.key)

"""What is taken away is not said any more, until it is there again: as the message with the greatest version says, in whatever order they come."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, upsert_many
from chassis.messaging.envelope import Received
from services.membership.webhooks.models import WebhookMessage, WebhookSubject

_KINDS = ("article", "discussion", "idea", "kudos", "reply")
TAKING_AWAY = frozenset(
    f"qunxue.{service}.{kind}.{verb}.v1"
    for service in ("content", "gamification")
    for kind in _KINDS
    for verb in ("removed", "restored")
)
"""What takes something away, and what puts it back."""
_MESSAGES: Table = WebhookMessage.__table__  # type: ignore[attr-defined]
_SUBJECTS: Table = WebhookSubject.__table__  # type: ignore[attr-defined]


async def hide(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> set[str]:
    """Hide what was said of what these take away, and show what they put back; the subjects of that."""
    newest: dict[str, Received[Any]] = {}
    for one in messages:
        if one.type in TAKING_AWAY and (one.subject not in newest or newest[one.subject].version < one.version):
            newest[one.subject] = one
    if not newest:
        return set()
    known = select(_SUBJECTS.c.subject, _SUBJECTS.c.version).where(among(session, _SUBJECTS.c.subject, newest))
    before = {row.subject: row.version for row in (await session.execute(known)).all()}
    rows = [
        {
            "subject": subject,
            "version": one.version,
            "hidden": one.type.endswith(".removed.v1"),
            "at": now,
        }
        for subject, one in sorted(newest.items())
        if one.version > before.get(subject, 0)
    ]
    await upsert_many(session, _SUBJECTS, rows, key=["subject"], update=["version", "hidden", "at"])
    back = {str(row["subject"]) for row in rows if not row["hidden"]}
    for subjects, hidden in (({str(row["subject"]) for row in rows} - back, True), (back, False)):
        if subjects:
            await session.execute(update(_MESSAGES).where(said_of(session, subjects)).values(hidden=hidden))
    return back


async def hidden_of(session: AsyncSession, subjects: Collection[str]) -> set[str]:
    """Which of these are taken away now."""
    found = select(_SUBJECTS.c.subject).where(among(session, _SUBJECTS.c.subject, subjects), _SUBJECTS.c.hidden)
    return set((await session.execute(found)).scalars())


def said_of(session: AsyncSession, subjects: Collection[str]) -> ColumnElement[bool]:
    """The messages of these subjects, but for those that take away and put back."""
    return and_(among(session, _MESSAGES.c.subject, subjects), _MESSAGES.c.type.not_in(TAKING_AWAY))

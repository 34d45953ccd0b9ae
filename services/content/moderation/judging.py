"""Texts of other services: looked through when they are told of, and decided by message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import COMPANY
from chassis.messaging.handlers import Received
from contracts.content import TextDecided
from contracts.fields import ContentObject
from contracts.texts import TextObject, WrittenText
from services.content.company import named
from services.content.holding.service import hold, mended, tell_of
from services.content.moderation.models import JudgedText
from services.content.scanning.scanners import verdict_on


async def judge(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> None:
    """Say of each text whether others may read it. Of a text only the latest revision counts, in whatever order they come."""
    for message in messages:
        written: WrittenText = message.data
        about = written.object
        row = await session.get(JudgedText, about.id, with_for_update=True, populate_existing=True)
        if row is not None and row.revision > about.revision:
            continue
        if row is None or row.revision < about.revision:
            row = row or JudgedText(
                object_id=about.id,
                community_id=written.community_id or COMPANY,
                service=about.service,
                kind=about.kind,
                root_id=written.root_id,
                revision=about.revision,
                verdict="hold",
            )
            session.add(row)
            row.revision = about.revision
            await _look(session, row, written, now)
        # Told once more, it is answered once more: the answer may be lost.
        await answer(session, row, now)


async def answer(session: AsyncSession, row: JudgedText, now: datetime) -> None:
    """Tell the service whose text it is what was decided; its row is locked."""
    message = TextDecided(
        community_id=named(row.community_id),
        object=TextObject(service=row.service, kind=row.kind, id=row.object_id, revision=row.revision),
        root_id=row.root_id,
        verdict=row.verdict,
    )
    await tell_of(session, message, now)


async def _look(session: AsyncSession, row: JudgedText, written: WrittenText, now: datetime) -> None:
    """Where nobody can be refused any more, what lists refuse is held."""
    verdict = (await verdict_on(session, row.community_id, written.text)).held()
    if verdict.holds:
        about = ContentObject(kind=row.kind, id=row.object_id, root_id=row.root_id, author_ids=(written.author_id,))
        await hold(session, row.community_id, about, verdict, written.text, now, service=row.service)
        row.verdict, row.decided_at = "hold", None
        return
    free = await mended(session, row.object_id, written.text, now)
    row.verdict, row.decided_at = ("allow", now) if free else ("hold", None)

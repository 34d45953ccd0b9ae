"""Texts of other services: looked through when they are told of, and decided by message."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.ids import COMPANY
from chassis.messaging.handlers import Received
from contracts.content import TextDecided
from contracts.fields import ContentObject
from contracts.texts import TextObject, WrittenText
from services.content.company import named
from services.content.holding.service import hold, live_among, mended, tell_of_many
from services.content.moderation.models import JudgedText
from services.content.scanning.scanner import Scanner
from services.content.scanning.scanners import Verdict, scanners_of, verdict_by


async def judge(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> None:
    """Say of each text whether others may read it. Of a text only the latest revision counts, in whatever order they come.

    An import of people is thousands of names: the statements do not grow with them, but for what is held.
    """
    latest: dict[UUID, WrittenText] = {}
    for message in messages:
        written: WrittenText = message.data
        before = latest.setdefault(written.object.id, written)
        if before.object.revision < written.object.revision:
            latest[written.object.id] = written
    rows = await _locked(session, latest)
    waiting = await live_among(session, latest)
    scanners: dict[UUID, Sequence[Scanner]] = {}
    answered: list[JudgedText] = []
    for key, written in latest.items():
        about = written.object
        row = rows.get(key)
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
            if row.community_id not in scanners:
                scanners[row.community_id] = await scanners_of(session, row.community_id)
            verdict = await verdict_by(scanners[row.community_id], written.text)
            await _follow(session, row, written, verdict.held(), now, waits=key in waiting)
        # Told once more, it is answered once more: the answer may be lost.
        answered.append(row)
    await tell_of_many(session, [_answer(row) for row in answered], now)


async def answer(session: AsyncSession, row: JudgedText, now: datetime) -> None:
    """Tell the service whose text it is what was decided; its row is locked."""
    await tell_of_many(session, [_answer(row)], now)


def _answer(row: JudgedText) -> TextDecided:
    return TextDecided(
        community_id=named(row.community_id),
        object=TextObject(service=row.service, kind=row.kind, id=row.object_id, revision=row.revision),
        root_id=row.root_id,
        verdict=row.verdict,
    )


async def _locked(session: AsyncSession, object_ids: Collection[UUID]) -> dict[UUID, JudgedText]:
    rows = select(JudgedText).where(among(session, col(JudgedText.object_id), object_ids))
    some = rows.order_by(col(JudgedText.object_id)).with_for_update().execution_options(populate_existing=True)
    return {row.object_id: row for row in (await session.execute(some)).scalars()}


async def _follow(
    session: AsyncSession, row: JudgedText, written: WrittenText, verdict: Verdict, now: datetime, *, waits: bool
) -> None:
    """Where nobody can be refused any more, what lists refuse is held. `waits`: an earlier text of it is looked at by a moderator."""
    if verdict.holds:
        about = ContentObject(kind=row.kind, id=row.object_id, root_id=row.root_id, author_ids=(written.author_id,))
        await hold(session, row.community_id, about, verdict, written.text, now, service=row.service)
        row.verdict, row.decided_at = "hold", None
        return
    free = not waits or await mended(session, row.object_id, written.text, now)
    row.verdict, row.decided_at = ("allow", now) if free else ("hold", None)

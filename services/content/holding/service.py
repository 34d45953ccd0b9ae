"""Keeping texts for a moderator, and what becomes of the item."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.ids import COMPANY
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.base import IntegrationEvent
from contracts.content import ContentFlagged, FlaggedObject
from contracts.fields import ContentObject
from services.content.holding.models import ModerationItem, ModerationTold
from services.content.scanning.scanners import Verdict

_TOLD: Table = ModerationTold.__table__  # type: ignore[attr-defined]
HERE = "content"


async def hold(
    session: AsyncSession,
    community_id: UUID,
    about: ContentObject,
    verdict: Verdict,
    text: Mapping[str, Any],
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    service: str = HERE,
) -> ModerationItem:
    """Let a moderator look at a text first. What it is about is locked; `before` is what others read meanwhile."""
    item = await live_item(session, about.id)
    if item is None:
        item = new_item(community_id, about, text, now, service=service)
        session.add(item)
    else:
        item.revision += 1
        item.text, item.status = dict(text), "open"
    item.held = True
    item.text_before = dict(before) if before is not None else None
    item.matches, item.category = [dict(one) for one in verdict.matches], verdict.category
    if community_id == COMPANY:
        # A name is nothing that happened in a community.
        return item
    flagged = ContentFlagged(
        community_id=community_id,
        object=FlaggedObject(service=service, **about.model_dump()),
        action="hold",
        rule_category=verdict.category,
        by="scanner",
    )
    await tell_of(session, flagged, now)
    return item


def new_item(
    community_id: UUID, about: ContentObject, text: Mapping[str, Any], now: datetime, *, service: str = HERE
) -> ModerationItem:
    """An item that nobody has decided."""
    (author_id, *_) = about.author_ids
    return ModerationItem(
        community_id=community_id,
        service=service,
        kind=about.kind,
        object_id=about.id,
        root_id=about.root_id,
        author_id=author_id,
        author_ids=[str(one) for one in about.author_ids],
        live_id=about.id,
        text=dict(text),
        created_at=now,
    )


async def tell_of(session: AsyncSession, message: IntegrationEvent, now: datetime) -> None:
    """Publish a message of a subject that is no row of its own; what it is about is locked."""
    await tell_of_many(session, [message], now)


async def tell_of_many(session: AsyncSession, messages: Sequence[IntegrationEvent], now: datetime) -> None:
    """The same for messages of as many subjects."""
    by_subject = {UUID(message.subject()): message for message in messages}
    if not by_subject:
        return
    new = [{"subject_id": subject_id, "messages_published": 0} for subject_id in sorted(by_subject)]
    await insert_new(session, _TOLD, new, key=["subject_id"])
    told = select(ModerationTold).where(among(session, col(ModerationTold.subject_id), by_subject))
    locked = told.order_by(col(ModerationTold.subject_id)).with_for_update().execution_options(populate_existing=True)
    rows = {row.subject_id: row for row in (await session.execute(locked)).scalars()}
    await emit_many(session, [Outgoing(one, rows[subject_id].bump(), now) for subject_id, one in by_subject.items()])


async def live_among(session: AsyncSession, object_ids: Collection[UUID]) -> set[UUID]:
    """Of which of these objects nobody has decided an item."""
    live = select(col(ModerationItem.live_id)).where(among(session, col(ModerationItem.live_id), object_ids))
    return {key for key in (await session.execute(live)).scalars() if key is not None}


async def live_item(session: AsyncSession, object_id: UUID) -> ModerationItem | None:
    """The item of an object that nobody has decided, locked."""
    one = select(ModerationItem).where(col(ModerationItem.live_id) == object_id).with_for_update()
    return (await session.execute(one)).scalar_one_or_none()


def close(item: ModerationItem, status: str, now: datetime, by: UUID | None = None, reason: str | None = None) -> None:
    """Say how it ended."""
    item.status, item.live_id = status, None
    item.decided_at, item.decided_by_id, item.reason = now, by, reason


async def mended(session: AsyncSession, object_id: UUID, text: Mapping[str, Any], now: datetime) -> bool:
    """The author wrote something else in which nothing is found; whether it can be seen at once.

    What a moderator returned they look at once more.
    """
    item = await live_item(session, object_id)
    if item is None:
        return True
    if item.status == "returned":
        item.revision += 1
        item.text, item.matches, item.status = dict(text), [], "open"
        return False
    if item.reports:
        item.held, item.matches, item.text, item.text_before = False, [], dict(text), None
    else:
        close(item, "mended", now)
    return True


async def withdraw(session: AsyncSession, object_id: UUID, now: datetime, *, ends: bool) -> None:
    """The author takes back what waits, before a moderator has decided; what was returned before is looked at again if it comes again.

    `ends`: it does not come again.
    """
    item = await live_item(session, object_id)
    if item is None or not item.held:
        return
    if item.reports and item.text_before is not None:
        item.held, item.matches, item.text, item.text_before = False, [], item.text_before, None
    elif item.reason is not None and not ends:
        item.status = "returned"
    else:
        close(item, "mended", now)


async def news(session: AsyncSession, object_id: UUID, verdict: Verdict) -> bool:
    """Whether lists hold a text that is as it was for what no moderator has let through in it."""
    if verdict.action == "allow":
        return False
    last = (
        select(col(ModerationItem.status), col(ModerationItem.matches))
        .where(col(ModerationItem.object_id) == object_id)
        .order_by(col(ModerationItem.created_at).desc(), col(ModerationItem.id).desc())
        .limit(1)
    )
    found = (await session.execute(last)).one_or_none()
    released = {(one["rule"], one["word"]) for one in found.matches} if found and found.status == "released" else set()
    return any((one["rule"], one["word"]) not in released for one in verdict.matches)


async def go_with(session: AsyncSession, object_ids: Sequence[UUID], root_id: UUID) -> None:
    """Have the items of things name what these belong to now; the things are locked."""
    of_these = update(ModerationItem).where(among(session, col(ModerationItem.object_id), object_ids))
    await session.execute(of_these.values(root_id=root_id).execution_options(synchronize_session=False))

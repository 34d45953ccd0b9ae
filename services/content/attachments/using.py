"""What things of other services name: kept as long as they do. They tell it by message, in whatever order it comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts import events, gamification
from contracts.attachments import AttachmentLink as Told
from contracts.membership import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked
from services.content.attachments.models import Attachment, AttachmentLink, AttachmentUse
from services.content.attachments.rules import OWNED

MEMBERSHIP: Final = "membership"
EVENTS: Final = "events"
GAMIFICATION: Final = "gamification"

handlers = Handlers()


@handlers.on(
    AttachmentLinked,
    AttachmentUnlinked,
    AttachmentSnapshot,
    events.AttachmentLinked,
    events.AttachmentUnlinked,
    events.AttachmentSnapshot,
    gamification.AttachmentLinked,
    gamification.AttachmentUnlinked,
    gamification.AttachmentSnapshot,
)
async def take_links(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Keep a file that something names, and let go what nothing names any more."""
    for message in messages:
        file = await session.get(Attachment, message.data.attachment_id, with_for_update=True, populate_existing=True)
        if file is not None and _may(file, message.data):
            await _take(session, file, message)


async def is_used(session: AsyncSession, attachment_id: UUID, service: str) -> bool:
    """Whether a thing of this service names the file."""
    uses = select(col(AttachmentUse.attachment_id)).where(
        col(AttachmentUse.attachment_id) == attachment_id,
        col(AttachmentUse.service) == service,
        col(AttachmentUse.linked).is_(True),
    )
    return (await session.execute(uses.limit(1))).first() is not None


def _may(file: Attachment, told: Told) -> bool:
    """Whether who sent the file said what it is for: naming one gives nobody what others sent.

    What a guest sent for an activity is for that activity, whoever runs it names it there.
    """
    if file.purpose not in OWNED.get(told.object.service, ()):
        return False
    for_it = told.object.service == EVENTS and file.activity_id == told.object.id
    return for_it or file.person_id == told.person_id


async def forget_uses(session: AsyncSession, before: datetime, *, of: str = MEMBERSHIP) -> None:
    """Let go what a service, when it told of everything, said nothing of."""
    lost = select(AttachmentUse).where(col(AttachmentUse.service) == of, col(AttachmentUse.told_at) < before)
    for use in list(await session.scalars(lost.order_by(col(AttachmentUse.attachment_id)))):
        file = await session.get_one(Attachment, use.attachment_id, with_for_update=True, populate_existing=True)
        await session.delete(use)
        await session.flush()
        await _let_go(session, file, moment_of(session))


async def forget_uses_of_events(session: AsyncSession, before: datetime) -> None:
    """The same of what activities name."""
    await forget_uses(session, before, of=EVENTS)


async def forget_uses_of_gamification(session: AsyncSession, before: datetime) -> None:
    """The same of what rewards and days of check-in plans name."""
    await forget_uses(session, before, of=GAMIFICATION)


handlers.when_restated(AttachmentSnapshot, forget_uses)
handlers.when_restated(events.AttachmentSnapshot, forget_uses_of_events)
handlers.when_restated(gamification.AttachmentSnapshot, forget_uses_of_gamification)


async def _take(session: AsyncSession, file: Attachment, message: Received[Any]) -> None:
    told: Told = message.data
    now, version = moment_of(session), message.version
    use = await session.get(AttachmentUse, (file.id, told.object.id), populate_existing=True)
    if use is not None:
        use.told_at = max(use.told_at, message.recorded_at)
        if use.version >= version:
            return
    if use is None:
        about = told.object
        use = AttachmentUse(
            attachment_id=file.id,
            object_id=about.id,
            service=about.service,
            kind=about.kind,
            linked=told.linked,
            version=version,
            told_at=message.recorded_at,
        )
        session.add(use)
    use.linked, use.version = told.linked, version
    await session.flush()
    if told.linked:
        file.unlinked_at = None
        # Told late: its bytes are there still.
        if file.purge_at is not None and file.purge_at > now:
            file.removed_at = file.purge_at = None
    else:
        await _let_go(session, file, now)


async def _let_go(session: AsyncSession, file: Attachment, now: datetime) -> None:
    if file.unlinked_at is None and not await _is_named(session, file.id):
        file.unlinked_at = now


async def _is_named(session: AsyncSession, attachment_id: UUID) -> bool:
    links = exists().where(col(AttachmentLink.attachment_id) == attachment_id)
    uses = exists().where(col(AttachmentUse.attachment_id) == attachment_id, col(AttachmentUse.linked).is_(True))
    return bool((await session.execute(select(links | uses))).scalar_one())

"""Reading what waits for a moderator."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.content.holding.models import ModerationItem
from services.content.holding.schemas import HeldPublic, ModeratedText


async def held_of(session: AsyncSession, object_ids: Collection[UUID]) -> dict[UUID, HeldPublic]:
    """What is said of each of these in its latest item, if lists held it, or a moderator edited or removed it."""
    if not object_ids:
        return {}
    items = select(ModerationItem).where(among(session, col(ModerationItem.object_id), object_ids))
    found: dict[UUID, HeldPublic] = {}
    for item in (await session.execute(items.order_by(col(ModerationItem.created_at)))).scalars():
        if item.held or item.edited or item.status in {"removed", "returned"}:
            found[item.object_id] = _shown(item)
    return found


def _shown(item: ModerationItem) -> HeldPublic:
    waits = item.live_id is not None
    return HeldPublic(
        status=item.status,
        since=item.decided_at or item.created_at,
        reason=item.reason,
        text=ModeratedText(**item.text) if waits and item.text_before is not None else None,
        edited=ModeratedText(**{name: one[0] for name, one in item.edited.items()}) if item.edited else None,
    )

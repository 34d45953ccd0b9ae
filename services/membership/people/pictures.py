"""The files that people chose as their pictures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.avatars import attachment_of
from services.membership.base import links

KIND: Final = "person"


async def keep_pictures(session: AsyncSession, changed: Mapping[UUID, Sequence[str | None]], now: datetime) -> None:
    """These people, who are locked, have another picture, each given by what it was and is. No statement where neither is a file."""
    for person_id, pictures in changed.items():
        before, after = (attachment_of(one) for one in pictures)
        if before is not None or after is not None:
            files = [after] if after is not None else []
            await links.keep(session, kind=KIND, object_id=person_id, person_id=person_id, files=files, now=now)

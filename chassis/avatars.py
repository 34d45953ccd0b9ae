"""The pictures of people: an address elsewhere, or a file that they sent, whose address is signed as it is shown."""

import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of, moment_of
from chassis.signed import SHORT, address_of, good_until

OWNER: Final = "membership"
"""The service that people's pictures belong to."""
ANYBODY: Final = UUID(int=0)
"""Whoever sees a person sees their picture: its address is the same for all, so that it is signed and fetched once a quarter."""

_SENT: Final = re.compile(r"attachment:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

Avatars = Callable[[str | None], str | None]
"""Where the picture is that a person's record names."""


def attachment_of(avatar_url: str | None) -> UUID | None:
    """The file that a record names as a person's picture, if it is a file."""
    sent = _SENT.fullmatch(avatar_url) if avatar_url else None
    return UUID(sent[1]) if sent else None


def avatars_in(session: AsyncSession) -> Avatars:
    """How an answer that is made in this session shows pictures."""

    def shown(avatar_url: str | None) -> str | None:
        sent = attachment_of(avatar_url)
        if sent is None:
            return avatar_url
        key, until = context_of(session).runtime.address_secret, good_until(moment_of(session), SHORT)
        return address_of(key, sent, "small", ANYBODY, until, service=OWNER)

    return shown

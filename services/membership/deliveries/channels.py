"""What a channel is: where messages go, and what it may say of one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, in the recipient's language; plain text, which each channel writes in its own way."""

    locale: Locale
    title: str
    paragraphs: Sequence[str]
    secret: str | None = field(default=None, repr=False)
    """A one-time code, shown for itself."""
    link: tuple[str, str] | None = field(default=None, repr=False)
    """What it is called, and the address."""
    footer: str | None = None
    unsubscribe: str | None = field(default=None, repr=False)
    """The address at which one click ends messages of this kind (RFC 8058)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message on its way. The id stays the same however often it is tried, so that the receiver knows it again."""

    id: UUID
    to: str = field(repr=False)
    content: Content


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. `away` says that the channel takes nothing at all at present, this message being no worse than others."""

    code: str
    after: timedelta | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never. `address` says that nothing will ever arrive there."""

    code: str
    address: bool = False


Outcome = Taken | Again | Refused


class Channel(Protocol):
    """Takes messages, one at a time."""

    async def send(self, message: Message) -> Outcome:
        """Hand a message over, in bounded time. What it raises counts as `Again`."""

    async def rest(self) -> None:
        """There is nothing more to send for now: let go of connections."""


@dataclass(frozen=True)
class Outlet:
    """A channel by its name: how it is opened, and under which address it reaches a person."""

    name: str
    is_set: Callable[[Runtime], bool]
    """Whether the host has set what it needs."""
    open: Callable[[Runtime], Channel]
    address: Callable[[AsyncSession, UUID], Awaitable[str | None]]
    """In the session, the person's address there; None if they have none."""

"""The caller's memberships, which the roster keeps: it stands above people, and says here how to read them."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.security.caller import Caller
from services.membership.people.schemas import Membership

Reader = Callable[[AsyncSession, Caller, datetime], Awaitable[list[Membership]]]

_reader: list[Reader] = []


def read_memberships_with(reader: Reader) -> None:
    """Say how the memberships of the caller are read; done once, when the service is put together."""
    _reader[:] = [reader]


async def memberships_of(session: AsyncSession, caller: Caller, now: datetime) -> list[Membership]:
    """The caller's memberships, those that ended left out."""
    return await _reader[0](session, caller, now) if _reader else []

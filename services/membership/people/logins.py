"""Whoever writes an identifier that another's could be taken for does so one after the other.

A number that is somebody's phone breaks no constraint of the database: they are two columns, and one is written in several ways. So it is
looked for, and two who look at the same moment would both find nothing.
"""

from collections.abc import Iterable, Mapping
from zlib import crc32

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import is_postgres
from services.membership.people.rules import same_logins

_LOCKS = 64
"""So few that a file of many rows takes no more than this; in one order, so that two never wait for each other."""
_FIRST = 0x106175 << 32
"""Where they begin among the numbers of locks."""

_HOLD = select(
    func.pg_advisory_xact_lock(
        func.unnest(cast(bindparam("keys", type_=ARRAY(BigInteger)), ARRAY(BigInteger))).column_valued("key")
    )
)


async def hold_logins(session: AsyncSession, identifiers: Iterable[Mapping[str, str]]) -> None:
    """Until the transaction ends, keep others from writing what could be taken for one of these; look for such only then.

    Identifiers are normalised: `employee_no` as it is compared, `email` and `phone`. SQLite has one writer anyway.
    """
    if not is_postgres(session):
        return
    written = {spelling for one in identifiers for field, value in one.items() for spelling in _spellings(field, value)}
    if written:
        await session.execute(_HOLD, {"keys": sorted({_FIRST + crc32(text.encode()) % _LOCKS for text in written})})


def _spellings(field: str, value: str) -> Iterable[str]:
    return [value, *(other for some in same_logins(field, value).values() for other in some)]

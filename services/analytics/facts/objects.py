"""What facts are about, as messages tell it in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.statements import Prepared
from chassis.ids import is_mask
from chassis.messaging.handlers import Received
from services.analytics.facts.declaration import About, read
from services.analytics.facts.models import FactObject

fact_objects: Table = FactObject.__table__  # type: ignore[attr-defined]

_OBJECTS: Prepared[Any] = Prepared(lambda on: select(fact_objects).where(on.among(fact_objects.c.id, "ids")))


class Name(NamedTuple):
    """What names a thing."""

    kind: str
    id: UUID


@dataclass(slots=True)
class Thing:
    """A thing as it is kept; see `models.FactObject`."""

    kind: str
    id: UUID
    community_id: UUID
    version: int = 0
    state_version: int = 0
    voided: bool = False
    sub_kind: str | None = None
    title: str | None = None
    tags: list[str] = field(default_factory=list)
    author_ids: list[str] = field(default_factory=list)
    at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)

    def key_of(self, author_id: str) -> UUID:
        """What names the fact of one of its authors."""
        return uuid5(self.id, author_id)

    def hear(self, about: About, message: Received[Any]) -> None:
        """Take what a message says, where no later one has said it."""
        version = message.version
        if about.whole and version > self.version:
            self.version = version
            self.sub_kind = read(about.sub_kind, message)
            self.title = read(about.title, message)
            self.tags = list(read(about.tags, message) or ())
            self.at = message.occurred_at if about.at is None else read(about.at, message)
        if about.details is not None:
            for name, value in about.details(message.data).items():
                if version > self.told.get(name, 0):
                    self.details[name], self.told[name] = value, version
        if about.authors is not None:
            named = {str(one) for one in read(about.authors, message) if not is_mask(one)}
            self.author_ids = sorted(named.union(self.author_ids))
            if version > self.state_version:
                # Whoever says that it is there to be seen says that it is not removed.
                self.state_version, self.voided = version, False
        if about.voided is not None and version > self.state_version:
            self.state_version, self.voided = version, about.voided


async def hear_of_things(session: AsyncSession, told: Sequence[tuple[About, Received[Any]]]) -> Mapping[Name, Thing]:
    """Keep what messages say of things; those concerned, as they are then."""
    if not told:
        return {}
    named = [(Name(about.kind, read(about.id, message)), about, message) for about, message in told]
    things = await things_of(session, {name.id for name, _, _ in named})
    for name, about, message in named:
        thing = things.setdefault(name, Thing(*name, community_id=message.data.community_id))
        thing.hear(about, message)
    found = {name: things[name] for name, _, _ in named}
    await _write(session, [found[name] for name in sorted(found)])
    return found


async def things_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[Name, Thing]:
    """What is known of things by their ids."""
    rows = await _OBJECTS.all(session, ids=list(ids))
    return {Name(row.kind, row.id): Thing(**_of_row(row)) for row in rows}


def _of_row(row: Any) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in Thing.__slots__}
    # Copies: what a row holds is not to be changed in place.
    return columns | {
        "tags": list(row.tags),
        "author_ids": list(row.author_ids),
        "details": dict(row.details),
        "told": dict(row.told),
    }


async def _write(session: AsyncSession, things: Sequence[Thing]) -> None:
    rows = [{name: getattr(thing, name) for name in Thing.__slots__} for thing in things]
    changing = [name for name in Thing.__slots__ if name not in {"kind", "id"}]
    await upsert_many(session, fact_objects, rows, key=["kind", "id"], update=changing)

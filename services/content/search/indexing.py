"""Writing the index: in the transaction of whatever is written, so that what is answered 201 is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.hanzi import folded
from services.content.search import tokens
from services.content.search.cutting import cut
from services.content.search.models import SearchDocument, SearchGeneration
from services.content.search.sounds import sounds_of

_DOCUMENTS: Table = SearchDocument.__table__  # type: ignore[attr-defined]

_PLACES: Prepared[Any] = Prepared(
    select(
        col(SearchGeneration.number).label("generation"),
        col(SearchDocument.number).label("number"),
        col(SearchDocument.text).label("text"),
    )
    .select_from(SearchGeneration)
    .outerjoin(
        SearchDocument,
        and_(
            col(SearchDocument.generation) == col(SearchGeneration.number),
            col(SearchDocument.thing_id) == bindparam("thing_id"),
        ),
    )
    .where(col(SearchGeneration.state) != "old")
)
_WRITTEN = (
    "community_id",
    "root_id",
    "author_id",
    "group_id",
    "visibility",
    "tags",
    "title",
    "text",
    "shown",
    "said_at",
)
_INSERT: Prepared[Any] = Prepared(
    insert(_DOCUMENTS)
    .values({name: bindparam(name) for name in ("generation", "thing_id", "kind", *_WRITTEN)})
    .returning(_DOCUMENTS.c.number)
)
_UPDATE: Prepared[Any] = Prepared(
    update(_DOCUMENTS)
    .where(_DOCUMENTS.c.number == bindparam("number_"))
    .values({name: bindparam(f"{name}_") for name in _WRITTEN})
)
_SHOW: Prepared[Any] = Prepared(
    update(_DOCUMENTS).where(_DOCUMENTS.c.thing_id == bindparam("thing_id_")).values(shown=bindparam("shown_"))
)

_PUBLISH: Prepared[Any] = Prepared(
    update(_DOCUMENTS)
    .where(_DOCUMENTS.c.thing_id == bindparam("thing_id_"))
    .values(shown=bindparam("shown_"), said_at=bindparam("said_at_"))
)

_ROOT: Prepared[Any] = Prepared(
    lambda on: (
        update(_DOCUMENTS)
        .where(on.among(_DOCUMENTS.c.thing_id, "thing_ids"))
        .values(root_id=bindparam("root_id_", type_=_DOCUMENTS.c.root_id.type))
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found; its row is locked. `text` is plain, None where it is as it was.

    `root_id` is that without which it is not seen, else its own id; `group_id` that of what is its own root. `author_id` is None where readers are not to know,
    `visibility` where whoever sees the community sees it.
    """

    thing_id: UUID
    kind: str
    community_id: UUID
    author_id: UUID | None
    text: str | None
    shown: bool
    said_at: datetime
    root_id: UUID | None = None
    visibility: str | None = None
    group_id: UUID | None = None
    title: str = ""
    tags: Sequence[str] = ()


async def put(session: AsyncSession, entry: Entry) -> None:
    """Write something new or changed into every generation."""
    for place in await _PLACES.all(session, thing_id=entry.thing_id):
        text = entry.text if entry.text is not None else place.text
        # What a generation does not have yet is read when it is built.
        if text is not None:
            await _put(session, entry, text, place.generation, place.number)


async def put_into(session: AsyncSession, entry: Entry, generation: int) -> bool:
    """Write something into a generation that is built, unless it is there. Whether it was not."""
    for place in await _PLACES.all(session, thing_id=entry.thing_id):
        if place.generation == generation and place.number is None:
            await _put(session, entry, entry.text or "", generation, None)
            return True
    return False


async def show(session: AsyncSession, thing_id: UUID, *, shown: bool, said_at: datetime | None = None) -> None:
    """Let something be found, or not; what it is the root of goes with it. `said_at` where that is another now."""
    if said_at is not None:
        await _PUBLISH.run(session, thing_id_=thing_id, shown_=shown, said_at_=said_at)
    else:
        await _SHOW.run(session, thing_id_=thing_id, shown_=shown)


async def move(session: AsyncSession, thing_ids: Sequence[UUID], root_id: UUID) -> None:
    """Have things seen with another one than before."""
    await _ROOT.run(session, thing_ids=list(thing_ids), root_id_=root_id)


async def _put(session: AsyncSession, entry: Entry, text: str, generation: int, number: int | None) -> None:
    row = {
        "community_id": entry.community_id,
        "root_id": entry.root_id or entry.thing_id,
        "author_id": entry.author_id,
        "group_id": entry.group_id,
        "visibility": entry.visibility,
        "tags": f" {' '.join(entry.tags)} ",
        "title": entry.title,
        "text": text,
        "shown": entry.shown,
        "said_at": entry.said_at,
    }
    new = number is None
    if number is None:
        known = {"generation": generation, "thing_id": entry.thing_id, "kind": entry.kind}
        number = await _INSERT.one(session, **known, **row)
    else:
        await _UPDATE.run(session, number_=number, **{f"{name}_": value for name, value in row.items()})
    scope = tokens.scope_of(generation, entry.community_id)
    # What has no title is shown under that of another: nobody looks for it by its sound.
    named = [folded(entry.title), *map(folded, entry.tags)] if entry.title else []
    await tokens.write(
        session,
        number,
        scope=scope,
        title=cut(folded(entry.title)),
        body=cut(folded(text)),
        sounds=sounds_of(named),
        new=new,
    )

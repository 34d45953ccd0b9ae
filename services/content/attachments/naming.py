"""What pieces of content name, and whether their writers may: kept beside the text, in the transaction that writes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, delete, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.problems import INVALID, FieldError
from chassis.web.work import Work
from services.content.attachments.models import Attachment, AttachmentLink, AttachmentUse
from services.content.attachments.occasions import Asked, Named, who_reads
from services.content.attachments.problems import TOO_MANY_NAMED, UNKNOWN_ATTACHMENT, refused_file
from services.content.attachments.rules import MOST_NAMED, TELLING, named_in
from services.content.unnamed.masks import own_masks

_NAMED: Prepared[UUID] = Prepared(
    lambda on: (
        select(col(AttachmentLink.attachment_id)).where(on.among(col(AttachmentLink.object_id), "ids")).distinct()
    )
)
MOST_ASKED: Final = 500
"""Of all that names some files, what is asked whether the caller reads it: one file may be named by ever so many things."""
FEWEST_ASKED: Final = 20
"""Of each file, however many are asked for together."""


def _naming(on: Spelling) -> Any:
    links = AttachmentLink.__table__.c  # type: ignore[attr-defined]
    # The oldest first: what others name it in later hides it from nobody.
    place = func.row_number().over(partition_by=links.attachment_id, order_by=links.object_id).label("place")
    some = select(*links, place).where(on.among(links.attachment_id, "ids")).subquery()
    return select(some).where(some.c.place <= bindparam("most", type_=Integer()))


_NAMING: Prepared[Any] = Prepared(_naming)


async def keep_named(
    work: Work,
    named: Named,
    body: str | None,
    *,
    also: Sequence[str | None] = (),
    before: Iterable[str | None] = (),
) -> None:
    """A locked piece of content says this from now on, and `also` that where readers do not see it; `before` are all texts that it had.

    No statement where neither names a file. Raises `INVALID` where it names one that the writer neither sent nor may read. What it named
    before is not asked for: files are deleted, and in an archive anything is named.
    """
    shown = set(named_in(body)) if named.shown else set()
    kept, old = set(named_in(body, *also)), set(named_in(*before))
    if not kept and not old:
        return
    if len(kept) > MOST_NAMED and kept - old:
        raise INVALID(errors=[TOO_MANY_NAMED])
    session = work.session
    links = await _links(session, named.object_id)
    await _add(work, named, kept - links.keys() - old, shown)
    for one, link in links.items():
        link.shown = one in shown
    await session.flush()
    await _unlink(session, [named.object_id], links.keys() - kept, work.now)


async def add_named(work: Work, named: Named, body: str, *, before: str | None = None) -> None:
    """A locked piece of content with versions has this in one of them: what the others name is kept. Raises `INVALID`, as `keep_named`."""
    ids = set(named_in(body)) - set(named_in(before))
    if len(ids) > MOST_NAMED:
        raise INVALID(errors=[TOO_MANY_NAMED])
    if ids:
        await _add(work, named, ids - (await _links(work.session, named.object_id)).keys(), set())


async def show_named(session: AsyncSession, object_id: UUID, body: str, *, again: bool) -> None:
    """Readers see this of the texts that it has, where `again` in another's place: what it names is shown, what others name is kept."""
    shown = named_in(body)
    if not shown and not again:
        return
    mine = update(AttachmentLink).where(col(AttachmentLink.object_id) == object_id)
    await session.execute(mine.values(shown=among(session, col(AttachmentLink.attachment_id), shown)))


async def keep_usable(work: Work, named: Named, text: str, *, before: str | None) -> None:
    """A locked draft says this, and said that: of what it names is kept what its writer may name, as much as one body may.

    Nobody is refused: what they are writing would be lost.
    """
    ids = set(named_in(text)[:MOST_NAMED])
    if not ids and not named_in(before):
        return
    links = await _links(work.session, named.object_id)
    usable = _not_telling(named, await _usable(work, ids - links.keys()))
    await _insert(work, named, usable, set())
    await _unlink(work.session, [named.object_id], links.keys() - ids, work.now)


async def keep_of_old(session: AsyncSession, said: Mapping[UUID, tuple[str, str | None]], now: datetime) -> None:
    """Locked texts say this by an archive, and have that wait: what they named before and name no more is let go. Nothing new is named."""
    found = await session.scalars(
        select(AttachmentLink).where(among(session, col(AttachmentLink.object_id), list(said)))
    )
    gone: dict[UUID, list[UUID]] = {}
    for link in found:
        body, waiting = said[link.object_id]
        link.shown = link.attachment_id in named_in(body)
        if link.attachment_id not in named_in(body, waiting):
            gone.setdefault(link.object_id, []).append(link.attachment_id)
    await session.flush()
    for object_id, ids in gone.items():
        await _unlink(session, [object_id], ids, now)


async def let_go(session: AsyncSession, object_ids: Collection[UUID], now: datetime) -> None:
    """Things that are no more name nothing."""
    await _unlink(session, object_ids, await _NAMED.all(session, ids=list(object_ids)), now)


async def readable(work: Work, ids: Iterable[UUID], *, original: bool = True) -> set[UUID]:
    """Which of these files the caller reads because something that they read names it; previews alone, unless `original`.

    The fewer are asked for at once, the more of what names each is looked at.
    """
    wanted = list(ids)
    most = max(FEWEST_ASKED, MOST_ASKED // max(1, len(wanted)))
    links = await _NAMING.all(work.session, ids=wanted, most=most)
    named: dict[UUID, list[Named]] = {link.attachment_id: [] for link in links}
    for link in links:
        named[link.attachment_id].append(Named(link.object_kind, link.object_id, link.community_id, link.shown))
    asked = Asked([one for some in named.values() for one in some], work.caller, work.now, original)
    if not asked.named:
        return set()
    answers = await who_reads.happened(work.session, asked)
    seen = {one for answer in answers for one in answer}
    return {key for key, some in named.items() if seen.intersection(some)}


async def _links(session: AsyncSession, object_id: UUID) -> dict[UUID, AttachmentLink]:
    found = await session.scalars(select(AttachmentLink).where(col(AttachmentLink.object_id) == object_id))
    return {link.attachment_id: link for link in found}


async def _add(work: Work, named: Named, new: set[UUID], shown: set[UUID]) -> None:
    usable = _not_telling(named, await _usable(work, new))
    if len(usable) < len(new):
        raise INVALID(errors=await _why_not(work, new - {file.id for file in usable}))
    await _insert(work, named, usable, shown)


async def _why_not(work: Work, ids: set[UUID]) -> list[FieldError]:
    """Of their own files that were refused, which; of any other nothing."""
    sender = work.caller.id if work.caller is not None else None
    mine = select(col(Attachment.name)).where(
        among(work.session, col(Attachment.id), ids),
        col(Attachment.person_id) == sender,
        col(Attachment.status) == "refused",
    )
    names = await work.session.scalars(mine.order_by(col(Attachment.name)))
    return [refused_file(name) for name in names] or [UNKNOWN_ATTACHMENT]


def _not_telling(named: Named, files: list[Attachment]) -> list[Attachment]:
    """Everybody knows whose picture a person's picture is, and whose evidence theirs: in an unnamed question it would be a name."""
    return [file for file in files if named.mask is None or file.purpose not in TELLING]


async def _insert(work: Work, named: Named, files: Sequence[Attachment], shown: set[UUID]) -> None:
    if not files:
        return
    session = work.session
    worn = await own_masks(session, work.caller, [named.mask] if named.mask is not None else [])
    for file in files:
        file.unlinked_at = None
        if named.mask in worn and work.caller is not None and file.person_id == work.caller.id:
            file.person_id = named.mask
    await session.flush()
    rows = [_row(file.id, named, shown=file.id in shown) for file in files]
    await insert_many(session, AttachmentLink.__table__, rows)  # type: ignore[attr-defined]


async def _usable(work: Work, ids: set[UUID]) -> list[Attachment]:
    """Those of these files, locked, that are there and that the caller sent or may read."""
    if not ids:
        return []
    session = work.session
    rows = list(
        await session.scalars(
            select(Attachment)
            .where(among(session, col(Attachment.id), ids))
            .order_by(col(Attachment.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    here = [row for row in rows if row.removed_at is None and row.status != "refused"]
    mine = await own_masks(session, work.caller, (row.person_id for row in here))
    if work.caller is not None:
        mine.add(work.caller.id)
    others = {row.id for row in here if row.person_id not in mine}
    seen = await readable(work, others) if others else set()
    return [row for row in here if row.id not in others or row.id in seen]


async def _unlink(session: AsyncSession, object_ids: Collection[UUID], ids: Iterable[UUID], now: datetime) -> None:
    gone = list(ids)
    if not gone:
        return
    among_them = among(session, col(AttachmentLink.attachment_id), gone)
    # Locked first: whoever names one now and whoever stops naming it come one after the other.
    await session.execute(
        select(col(Attachment.id))
        .where(among(session, col(Attachment.id), gone))
        .order_by(col(Attachment.id))
        .with_for_update()
    )
    theirs = among(session, col(AttachmentLink.object_id), list(object_ids))
    await session.execute(delete(AttachmentLink).where(theirs, among_them))
    still = select(col(AttachmentLink.attachment_id)).where(among(session, col(AttachmentLink.attachment_id), gone))
    used = select(col(AttachmentUse.attachment_id)).where(
        among(session, col(AttachmentUse.attachment_id), gone), col(AttachmentUse.linked).is_(True)
    )
    await session.execute(
        update(Attachment)
        .where(
            among(session, col(Attachment.id), gone),
            col(Attachment.id).not_in(still),
            col(Attachment.id).not_in(used),
        )
        .values(unlinked_at=now)
    )


def _row(attachment_id: UUID, named: Named, *, shown: bool) -> dict[str, object]:
    return {
        "attachment_id": attachment_id,
        "object_id": named.object_id,
        "object_kind": named.kind,
        "community_id": named.community_id,
        "shown": shown,
    }

"""What pieces of content name, and whether their writers may: kept beside the text, in the transaction that writes it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.problems import INVALID
from chassis.web.work import Work
from services.content.attachments.models import Attachment, AttachmentLink
from services.content.attachments.occasions import Asked, Named, who_reads
from services.content.attachments.problems import NO_FILES_HERE, TOO_MANY_NAMED, UNKNOWN_ATTACHMENT
from services.content.attachments.rules import MOST_NAMED, named_in


def refuse_named(body: str) -> None:
    """For texts that keep no files: one that names some would lose them. Raises `INVALID`."""
    if named_in(body):
        raise INVALID(errors=[NO_FILES_HERE])


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
    await _unlink(work, named.object_id, links.keys() - kept)


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


async def let_go(work: Work, object_id: UUID) -> None:
    """Something that is no more names nothing."""
    await _unlink(work, object_id, await _links(work.session, object_id))


async def readable(work: Work, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files the caller reads because something that they read names it."""
    links = list(
        await work.session.scalars(
            select(AttachmentLink).where(among(work.session, col(AttachmentLink.attachment_id), list(ids)))
        )
    )
    named: dict[UUID, list[Named]] = {link.attachment_id: [] for link in links}
    for link in links:
        named[link.attachment_id].append(Named(link.object_kind, link.object_id, link.community_id, link.shown))
    asked = Asked([one for some in named.values() for one in some], work.caller, work.now)
    if not asked.named:
        return set()
    answers = await who_reads.happened(work.session, asked)
    seen = {one for answer in answers for one in answer}
    return {key for key, some in named.items() if seen.intersection(some)}


async def _links(session: AsyncSession, object_id: UUID) -> dict[UUID, AttachmentLink]:
    found = await session.scalars(select(AttachmentLink).where(col(AttachmentLink.object_id) == object_id))
    return {link.attachment_id: link for link in found}


async def _add(work: Work, named: Named, new: set[UUID], shown: set[UUID]) -> None:
    if not new:
        return
    await _let_name(work, new)
    rows = [_row(one, named, shown=one in shown) for one in sorted(new)]
    await insert_many(work.session, AttachmentLink.__table__, rows)  # type: ignore[attr-defined]


async def _let_name(work: Work, ids: set[UUID]) -> None:
    """Lock the files and count that they are named. Raises `INVALID`."""
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
    here = {row.id for row in rows if row.removed_at is None and row.status != "refused"}
    mine = {row.id for row in rows if work.caller is not None and row.person_id == work.caller.id}
    others = (ids & here) - mine
    if ids - here or (others and others - await readable(work, others)):
        raise INVALID(errors=[UNKNOWN_ATTACHMENT])
    for row in rows:
        row.unlinked_at = None
    await session.flush()


async def _unlink(work: Work, object_id: UUID, ids: Iterable[UUID]) -> None:
    gone = list(ids)
    if not gone:
        return
    session = work.session
    among_them = among(session, col(AttachmentLink.attachment_id), gone)
    # Locked first: whoever names one now and whoever stops naming it come one after the other.
    await session.execute(
        select(col(Attachment.id))
        .where(among(session, col(Attachment.id), gone))
        .order_by(col(Attachment.id))
        .with_for_update()
    )
    await session.execute(delete(AttachmentLink).where(col(AttachmentLink.object_id) == object_id, among_them))
    still = select(col(AttachmentLink.attachment_id)).where(among(session, col(AttachmentLink.attachment_id), gone))
    await session.execute(
        update(Attachment)
        .where(among(session, col(Attachment.id), gone), col(Attachment.id).not_in(still))
        .values(unlinked_at=work.now)
    )


def _row(attachment_id: UUID, named: Named, *, shown: bool) -> dict[str, object]:
    return {
        "attachment_id": attachment_id,
        "object_id": named.object_id,
        "object_kind": named.kind,
        "community_id": named.community_id,
        "shown": shown,
    }

"""Files that a service's own things name: their owner, content, is told by message, and keeps what is named.

A service declares them in `base.py`, and adds `links.snapshots` to a feature, so that they can be restated:

    links = Links(Base.metadata, service="membership", messages=(AttachmentLinked, AttachmentUnlinked, AttachmentSnapshot))

A feature says `await links.keep(…)` in the transaction that writes what names the files, and shows them by `links.address(…)`.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Uuid, select, tuple_, update
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.avatars import ANYBODY
from chassis.database.bulk import insert_many
from chassis.database.context import context_of
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.signed import SHORT, address_of, good_until
from contracts.attachments import AttachmentLink, LinkingObject

_ROWS = 500


class Links:
    """The files that the things of one service name, or named."""

    def __init__(
        self,
        metadata: MetaData,
        *,
        service: str,
        messages: tuple[type[AttachmentLink], type[AttachmentLink], type[AttachmentLink]],
    ) -> None:
        self._service = service
        self._linked, self._unlinked, self._snapshot = messages
        self.table = _table(metadata)

    async def keep(
        self,
        session: AsyncSession,
        *,
        kind: str,
        object_id: UUID,
        person_id: UUID,
        files: Collection[UUID],
        now: datetime,
        community_id: UUID | None = None,
        senders: Mapping[UUID, UUID] | None = None,
    ) -> None:
        """A thing, which is locked or new, names these files from now on and no others; `person_id` sent them, but for those of other `senders`.

        `community_id`: where it is, for services whose messages say that.
        """
        table = self.table
        rows = (await session.execute(select(table).where(table.c.object_id == object_id))).mappings()
        known = {row["attachment_id"]: dict(row) for row in rows}
        told: list[Outgoing] = []
        new: list[dict[str, Any]] = []
        for one in sorted({*files, *known}):
            before, linked = known.get(one), one in files
            if before is not None and before["linked"] is linked:
                continue
            sender = (senders or {}).get(one, person_id)
            values = {
                "kind": kind,
                # What another person lets go is still what its sender had sent.
                "person_id": sender if linked or before is None else before["person_id"],
                "community_id": community_id,
                "linked": linked,
                "messages_published": before["messages_published"] + 1 if before else 1,
                "changed_at": now,
            }
            row = {"attachment_id": one, "object_id": object_id, **values}
            if before is None:
                new.append(row)
            else:
                of_it = (table.c.attachment_id == one) & (table.c.object_id == object_id)
                await session.execute(update(table).where(of_it).values(**values))
            told.append(self._message(self._linked if linked else self._unlinked, row))
        if new:
            await insert_many(session, table, new)
        await emit_many(session, told)

    def address(
        self,
        session: AsyncSession,
        attachment_id: UUID,
        size: str,
        *,
        now: datetime,
        reader: UUID = ANYBODY,
        longest: timedelta = SHORT,
    ) -> str:
        """Where a file that a thing of this service names is downloaded, for a while: by everybody alike, or by one reader."""
        key = context_of(session).runtime.address_secret
        return address_of(key, attachment_id, size, reader, good_until(now, longest), service=self._service)

    async def let_go(self, session: AsyncSession, *, kind: str, person_id: UUID, now: datetime) -> None:
        """Things of a kind name nothing any more that this person sent: a few statements, however many they are."""
        table = self.table
        theirs = (table.c.person_id == person_id) & (table.c.kind == kind) & table.c.linked.is_(True)
        rows = (await session.execute(select(table).where(theirs).with_for_update())).mappings().all()
        gone = {"linked": False, "messages_published": table.c.messages_published + 1, "changed_at": now}
        await session.execute(update(table).where(theirs).values(**gone))
        await emit_many(
            session,
            [
                self._message(
                    self._unlinked,
                    {**row, "linked": False, "messages_published": row["messages_published"] + 1, "changed_at": now},
                )
                for row in rows
            ],
        )

    async def snapshots(self, session: AsyncSession) -> AsyncIterator[Outgoing]:
        """Whether each file is named still, with the present version."""
        table, after = self.table, (UUID(int=0), UUID(int=0))
        place = tuple_(table.c.attachment_id, table.c.object_id)
        while True:
            some = select(table).where(place > after).order_by(table.c.attachment_id, table.c.object_id).limit(_ROWS)
            rows = list((await session.execute(some)).mappings())
            for row in rows:
                yield self._message(self._snapshot, row)
            if len(rows) < _ROWS:
                return
            after = (rows[-1]["attachment_id"], rows[-1]["object_id"])

    def _message(self, kind: type[AttachmentLink], row: Any) -> Outgoing:
        message = kind(
            attachment_id=row["attachment_id"],
            object=LinkingObject(service=self._service, kind=row["kind"], id=row["object_id"]),
            person_id=row["person_id"],
            linked=row["linked"],
            **({} if row["community_id"] is None else {"community_id": row["community_id"]}),
        )
        return Outgoing(message, row["messages_published"], row["changed_at"])


def _table(metadata: MetaData) -> Table:
    return Table(
        "attachment_links",
        metadata,
        Column("attachment_id", Uuid, primary_key=True),
        Column("object_id", Uuid, primary_key=True),
        Column("kind", String(32), nullable=False),
        Column("person_id", Uuid, nullable=False),
        Column("community_id", Uuid),
        Column("linked", Boolean, nullable=False),
        Column("messages_published", Integer, nullable=False),
        Column("changed_at", UTCDateTime, nullable=False),
        Index(None, "object_id"),
    )

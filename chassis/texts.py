"""Texts that are read by others once moderation has decided that they may be: notes, names, whatever is not content's own.

A service declares them in `base.py`, and lists them in its `definition.py`:

    texts = Texts(Base.metadata, service="gamification", written=TextWritten, decided=TextDecided)

It says `await texts.written(…)` when somebody writes, in the same transaction, and asks `hidden` before others read. The text itself
stays where it is. Moderation answers by message. An answer about an earlier revision changes nothing, nor does an older one, so messages may
come in any order and any number of times. What nobody answers is told again. Where more follows an answer than that `hidden` says something
else, the feature declares it for its kind by `texts.follows(kind, lock=…)`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Uuid, func, or_, select, update
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.statements import Prepared
from chassis.database.types import JsonDocument
from chassis.ids import COMPANY
from chassis.messaging.handlers import Handlers, Received
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Timer, Timers
from contracts.base import IntegrationEvent
from contracts.texts import TextObject, WrittenText

Lock = Callable[[AsyncSession, UUID], Awaitable[Any]]
Follow = Callable[[AsyncSession, Any, str], Awaitable[None]]

Hidden = Literal["waiting", "removed"]
"""Why others do not read a text: nobody has decided, or a moderator has removed it."""

AGAIN_AFTER: Final = timedelta(hours=1)
NOT_AFTER: Final = timedelta(days=7)
AT_ONCE: Final = 200
_WRITTEN_ANEW: Final = ("revision", "messages_published", "text", "verdict", "written_at")


class Texts:
    """The texts of one service that moderation decides about."""

    def __init__(
        self,
        metadata: MetaData,
        *,
        service: str,
        written: type[WrittenText],
        decided: type[IntegrationEvent],
    ) -> None:
        self._service = service
        self._written = written
        self._following: dict[str, tuple[Lock, Follow]] = {}
        self.table = _table(metadata)
        states = select(self.table.c.object_id, self.table.c.verdict)
        undecided = func.coalesce(self.table.c.verdict, "hold").in_(["hold", "remove"])
        self._held: Prepared[Any] = Prepared(
            lambda on: states.where(
                self.table.c.verdict.in_(["hold", "remove"]), on.among(self.table.c.object_id, "object_ids")
            )
        )
        self._hidden: Prepared[Any] = Prepared(
            lambda on: states.where(undecided, on.among(self.table.c.object_id, "object_ids"))
        )
        before = select(self.table.c.object_id, self.table.c.revision, self.table.c.messages_published)
        self._written_before: Prepared[Any] = Prepared(
            lambda on: (
                before.where(on.among(self.table.c.object_id, "object_ids"))
                .order_by(self.table.c.object_id)
                .with_for_update()
            )
        )
        self.handlers = Handlers()
        self.handlers.on(decided)(self._take_verdicts())
        self.timers = Timers()
        self.timers.every(AGAIN_AFTER, kind="texts.tell_again")(self._tell_again)

    async def written(
        self,
        session: AsyncSession,
        *,
        community_id: UUID,
        kind: str,
        object_id: UUID,
        author_id: UUID,
        text: Mapping[str, str],
        now: datetime,
        root_id: UUID | None = None,
        read_until_held: bool = False,
    ) -> None:
        """Somebody wrote a text, or wrote it anew; what it is of is locked, or new. Nobody else reads it until an answer comes.

        `read_until_held`: others are shown what `held` does not name; what was held stays so, whatever is written, until an answer comes.
        """
        row = await self._locked(session, object_id)
        values = {
            "community_id": community_id,
            "kind": kind,
            "root_id": root_id or object_id,
            "author_id": author_id,
            "text": dict(text),
            "verdict": "hold" if read_until_held and row and row["verdict"] in {"hold", "remove"} else None,
            "written_at": now,
            "revision": row["revision"] + 1 if row else 1,
            "messages_published": row["messages_published"] + 1 if row else 1,
        }
        if row is None:
            await session.execute(self.table.insert().values(object_id=object_id, verdict_version=0, **values))
        else:
            await session.execute(update(self.table).where(self.table.c.object_id == object_id).values(**values))
        await emit_many(session, [self._message({"object_id": object_id, **values}, now)])

    async def written_nowhere(
        self, session: AsyncSession, *, kind: str, texts: Mapping[UUID, Mapping[str, str]], now: datetime
    ) -> None:
        """The same for texts that belong to no community, and are told of as those of what they are of; in two statements and their messages."""
        authors = {object_id: object_id for object_id in texts}
        await self._written_all(session, community_id=COMPANY, kind=kind, texts=texts, authors=authors, now=now)

    async def written_together(
        self,
        session: AsyncSession,
        *,
        community_id: UUID,
        kind: str,
        author_id: UUID,
        texts: Mapping[UUID, Mapping[str, str]],
        now: datetime,
    ) -> None:
        """Somebody wrote several texts of one community at once; in two statements and their messages."""
        authors = dict.fromkeys(texts, author_id)
        await self._written_all(session, community_id=community_id, kind=kind, texts=texts, authors=authors, now=now)

    async def _written_all(
        self,
        session: AsyncSession,
        *,
        community_id: UUID,
        kind: str,
        texts: Mapping[UUID, Mapping[str, str]],
        authors: Mapping[UUID, UUID],
        now: datetime,
    ) -> None:
        if not texts:
            return
        there = await self._written_before.all(session, object_ids=list(texts))
        before = {row[0]: (row[1], row[2]) for row in there}
        rows = []
        for object_id, text in texts.items():
            revision, published = before.get(object_id, (0, 0))
            row = {"object_id": object_id, "community_id": community_id, "kind": kind, "root_id": object_id}
            row |= {"author_id": authors[object_id], "revision": revision + 1, "messages_published": published + 1}
            row |= {"text": dict(text), "verdict": None, "verdict_version": 0, "written_at": now}
            rows.append(row)
        rows.sort(key=lambda row: str(row["object_id"]))
        await upsert_many(session, self.table, rows, key=["object_id"], update=_WRITTEN_ANEW)
        await emit_many(session, [self._message(row, now) for row in rows])

    async def told_of(self, session: AsyncSession, object_ids: Collection[UUID]) -> set[UUID]:
        """Which of these moderation was ever told of."""
        if not object_ids:
            return set()
        return {row[0] for row in await self._written_before.all(session, object_ids=list(object_ids))}

    async def hidden(self, session: AsyncSession, object_ids: Collection[UUID]) -> dict[UUID, Hidden]:
        """Which of these others do not read, and why. What was never told of, as what an archive brought, is read."""
        if not object_ids:
            return {}
        rows = await self._hidden.all(session, object_ids=list(object_ids))
        return {row[0]: "removed" if row[1] == "remove" else "waiting" for row in rows}

    async def held(self, session: AsyncSession, object_ids: Collection[UUID]) -> dict[UUID, Hidden]:
        """Which of these were held or removed, and why others do not read them; for texts that are read until then."""
        if not object_ids:
            return {}
        rows = await self._held.all(session, object_ids=list(object_ids))
        return {row[0]: "removed" if row[1] == "remove" else "waiting" for row in rows}

    async def standing(self, session: AsyncSession, object_id: UUID) -> tuple[int, str | None]:
        """The revision of a text, and what was decided about it; 0 where nobody was told of one."""
        row = await self._locked(session, object_id)
        return (row["revision"], row["verdict"]) if row else (0, None)

    def follows(self, kind: str, *, lock: Lock) -> Callable[[Follow], Follow]:
        """Declare what follows an answer about texts of this kind: `lock` reads what a text is of, and comes before the text's own lock."""

        def declared(follow: Follow) -> Follow:
            self._following[kind] = (lock, follow)
            return follow

        return declared

    async def _locked(self, session: AsyncSession, object_id: UUID) -> Mapping[str, Any] | None:
        one = select(self.table).where(self.table.c.object_id == object_id).with_for_update()
        row = (await session.execute(one)).mappings().one_or_none()
        return None if row is None else dict(row)

    def _message(self, row: Mapping[str, Any], at: datetime) -> Outgoing:
        message = self._written(
            community_id=None if row["community_id"] == COMPANY else row["community_id"],
            object=TextObject(service=self._service, kind=row["kind"], id=row["object_id"], revision=row["revision"]),
            root_id=row["root_id"],
            author_id=row["author_id"],
            text=row["text"],
        )
        return Outgoing(message, row["messages_published"], at)

    def _take_verdicts(self) -> Any:
        async def take_verdicts(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
            """Let others read a text, or not."""
            table = self.table
            for message in messages:
                about = message.data.object
                if about.service != self._service:
                    continue
                lock, follow = self._following.get(about.kind, (None, None))
                thing = await lock(session, about.id) if lock is not None else None
                of_it = (table.c.object_id == about.id) & (table.c.revision == about.revision)
                newer = of_it & (table.c.verdict_version < message.version)
                verdict = {"verdict": message.data.verdict, "verdict_version": message.version, "text": None}
                taken = await session.execute(update(table).where(newer).values(**verdict).returning(table.c.object_id))
                if taken.first() is not None and follow is not None:
                    await follow(session, thing, message.data.verdict)

        return take_verdicts

    async def _tell_again(self, session: AsyncSession, timer: Timer) -> None:
        """Tell once more of what nobody answered: the message, or the answer, may be lost."""
        table = self.table
        lost = select(table).where(
            # Of what was held before it was written anew nobody has answered either.
            or_(table.c.verdict.is_(None), table.c.verdict == "hold"),
            table.c.text.is_not(None),
            table.c.written_at.between(timer.now - NOT_AFTER, timer.now - AGAIN_AFTER),
        )
        some = lost.order_by(table.c.written_at, table.c.object_id).limit(AT_ONCE).with_for_update(skip_locked=True)
        rows = [dict(row) for row in (await session.execute(some)).mappings()]
        for row in rows:
            row["messages_published"] += 1
            of_it = update(table).where(table.c.object_id == row["object_id"])
            await session.execute(of_it.values(messages_published=row["messages_published"]))
        await emit_many(session, [self._message(row, timer.now) for row in rows])


def _table(metadata: MetaData) -> Table:
    """`text` is kept until an answer comes. `verdict_version`: of the message that brought it."""
    return Table(
        "written_texts",
        metadata,
        Column("object_id", Uuid, primary_key=True),
        Column("community_id", Uuid, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("root_id", Uuid, nullable=False),
        Column("author_id", Uuid, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("messages_published", Integer, nullable=False),
        Column("text", JsonDocument, nullable=True),
        Column("verdict", String(16), nullable=True),
        Column("verdict_version", Integer, nullable=False),
        Column("written_at", UTCDateTime, nullable=False),
        Index(None, "verdict", "written_at"),
    )

"""What a service knows of penalties, and what it answered: membership decides on them, every service draws its own conclusions.

A service declares them in `base.py`, and adds `penalties.again` to the deeds of a feature:

    penalties = Penalties(Base.metadata, answer=GamificationApplied)

Its handler keeps the greatest revision of each penalty, and answers each that it applied once, in the same transaction:

    @handlers.on(*PENALTY_STATES)
    async def follow_penalties(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        for step in await penalties.learn(session, messages):
            undone, left = …  # from step.before to step.now
            await penalties.answer(session, step, undone=undone, left=left)

Messages come in any order and any number of times: whoever goes by `before` and `now` alone ends where the last revision would have led by
itself. They are taken by their shape, not by their contract's class: the chassis knows no contract.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Uuid, select, update
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.database.context import moment_of
from chassis.database.types import JsonDocument
from chassis.database.walking import walk
from chassis.messaging.envelope import Received
from chassis.messaging.outbox import Outgoing, emit_many, id_of
from contracts.base import IntegrationEvent

MOST_LEFT: Final = 100
"""How many things an answer names that could not be taken back."""
AT_ONCE: Final = 50
"""How many penalties of one member are read, the latest first."""


@dataclass(frozen=True, slots=True)
class KnownPenalty:
    """A penalty as of its greatest revision that arrived; revision 0: of none.

    `served_from` and `served_until` hold what any of its revisions said of its sanction, whichever came first; `changed_at` is when
    the greatest revision was decided.
    """

    id: UUID
    community_id: UUID
    member_id: UUID
    revision: int = 0
    severity: str = "minor"
    violation_points: int = 0
    fine: int = 0
    sanction: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    objects: tuple[tuple[str, UUID], ...] = ()
    undone: bool = False
    changed_at: datetime | None = None
    served_from: datetime | None = None
    served_until: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether its sanction lasts, by the clock."""
        if self.undone or self.sanction is None or self.since is None or self.since > now:
            return False
        return self.until is None or self.until > now

    @property
    def spared(self) -> tuple[datetime, datetime] | None:
        """From when to when its sanction lasted that should not have: all of it, or, where it was shortened, the end of it."""
        if self.served_from is None or self.changed_at is None:
            return None
        ended = self.changed_at if self.served_until is None else min(self.served_until, self.changed_at)
        stands = self.sanction is not None and not self.undone
        began = self.served_from if not stands else ended if self.until is None else max(self.until, self.served_from)
        return (began, ended) if began < ended else None


@dataclass(frozen=True, slots=True)
class Step:
    """What arrived about one penalty: as it was known before, and as it is known now."""

    before: KnownPenalty
    now: KnownPenalty
    cause: Received[Any] | None
    """The message that brought it; None where it is applied later, by the clock."""

    @property
    def is_news(self) -> bool:
        """Whether a greater revision came. An older one that came late only says since when the sanction lasted."""
        return self.now.revision > self.before.revision


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Something that could not be taken back, and why."""

    kind: str
    id: UUID
    code: str


class Penalties:
    """The penalties that one service knows of."""

    def __init__(self, metadata: MetaData, *, answer: type[IntegrationEvent]) -> None:
        self._answer = answer
        self.table = _table(metadata)

    @cached_property
    def _columns(self) -> tuple[Any, ...]:
        return tuple(self.table.c[name] for name in _FIELDS)

    async def learn(self, session: AsyncSession, messages: Sequence[Received[Any]]) -> list[Step]:
        """Keep what messages about penalties say; answers what is known otherwise since, in the order of their ids.

        `penalty.imposed`, `.revised`, `.lifted`, `.ended` and their snapshot. The rows are locked, in the order of their ids.
        """
        told: dict[UUID, list[Received[Any]]] = {}
        for message in messages:
            told.setdefault(message.data.penalty_id, []).append(message)
        ids = sorted(told, key=lambda key: key.int)
        before = await self._locked(session, ids)
        missing = [_stub(told[key][0].data) for key in ids if key not in before]
        if missing:
            await insert_new(session, self.table, missing, key=["id"])
            before = await self._locked(session, ids)
        steps = [_step(before[key], told[key]) for key in ids]
        changed = [step for step in steps if step.now != step.before]
        for step in changed:
            await session.execute(update(self.table).where(self.table.c.id == step.now.id).values(**_values(step.now)))
        return changed

    async def answer(
        self,
        session: AsyncSession,
        step: Step,
        *,
        undone: Mapping[str, int] | None = None,
        left: Iterable[LeftAlone] = (),
    ) -> None:
        """Tell membership that a revision is applied: how much of each kind was done or taken back, and what was left alone.

        Of one revision once; a step that is no news needs no answer.
        """
        if not step.is_news:
            return
        penalty, table = step.now, self.table
        counted = table.update().where(table.c.id == penalty.id).values(answers=table.c.answers + 1)
        version = (await session.execute(counted.returning(table.c.answers))).scalar_one()
        said: dict[str, Any] = {
            "revision": penalty.revision,
            "undone": {kind: n for kind, n in sorted((undone or {}).items()) if n},
            "left": [{"kind": one.kind, "id": str(one.id), "code": one.code} for one in left][:MOST_LEFT],
        }
        now = moment_of(session)
        await session.execute(update(table).where(table.c.id == penalty.id).values(answer=said, answered_at=now))
        told = self._told(penalty.id, penalty.community_id, penalty.member_id, said, version, now)
        told.cause, told.backfill = step.cause, None
        await emit_many(session, [told])

    async def of_members(self, session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, list[KnownPenalty]]:
        """The penalties of each member, the latest first."""
        table, found = self.table, dict[UUID, list[KnownPenalty]]()
        rows = await session.execute(
            select(*self._columns)
            .where(among(session, table.c.member_id, member_ids), table.c.revision > 0)
            .order_by(table.c.member_id, table.c.since.desc(), table.c.id)
        )
        for row in rows:
            penalty = _known(row)
            of_member = found.setdefault(penalty.member_id, [])
            if len(of_member) < AT_ONCE:
                of_member.append(penalty)
        return found

    async def unanswered(self, session: AsyncSession, member_id: UUID) -> list[Step]:
        """The penalties of a member whose greatest revision waits for its answer, each as a step that leads there; their rows are locked.

        For what is applied later than it is told of, by a timer.
        """
        table = self.table
        rows = await session.execute(
            select(table.c.answer, *self._columns)
            .where(table.c.member_id == member_id, table.c.revision > 0)
            .order_by(table.c.id)
            .with_for_update()
        )
        found = []
        for answer, *row in rows:
            penalty = _known(row)
            if answer is None or answer["revision"] < penalty.revision:
                nothing = KnownPenalty(penalty.id, penalty.community_id, penalty.member_id)
                found.append(Step(nothing, penalty, None))
        return found

    async def by_id(self, session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, KnownPenalty]:
        """These penalties, by their ids."""
        rows = await session.execute(select(*self._columns).where(among(session, self.table.c.id, list(ids))))
        return {penalty.id: penalty for penalty in map(_known, rows)}

    async def again(self, session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
        """The last answer about each penalty as it was told, or those from a moment on."""
        table = self.table
        said = select(
            table.c.id, table.c.community_id, table.c.member_id, table.c.answer, table.c.answers, table.c.answered_at
        ).where(table.c.answered_at.is_not(None))
        if since is not None:
            said = said.where(table.c.answered_at >= since)
        async for row in walk(session, said, table.c.id):
            yield self._told(*row)

    def _told(
        self, key: UUID, community_id: UUID, member_id: UUID, said: Mapping[str, Any], version: int, at: datetime
    ) -> Outgoing:
        event = self._answer.model_validate(
            {"community_id": community_id, "penalty_id": key, "member_id": member_id, **said}
        )
        # Its id follows from what it tells of, so it is told again as the same; and from who tells it: each service answers the same
        # penalty as often, and whoever hears all of them takes no id twice.
        answer = uuid5(UUID(event.subject()), self._answer.SOURCE)
        return Outgoing(event, version, at, backfill=True, id=id_of(answer, version), kept=True)

    async def _locked(self, session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, KnownPenalty]:
        rows = await session.execute(
            select(*self._columns)
            .where(among(session, self.table.c.id, ids))
            .order_by(self.table.c.id)
            .with_for_update()
        )
        return {penalty.id: penalty for penalty in map(_known, rows)}


_FIELDS: Final = tuple(KnownPenalty.__dataclass_fields__)


def _table(metadata: MetaData) -> Table:
    return Table(
        "known_penalties",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("community_id", Uuid, nullable=False),
        Column("member_id", Uuid, nullable=False, index=True),
        Column("revision", Integer, nullable=False),
        Column("severity", String(16), nullable=False),
        Column("violation_points", Integer, nullable=False),
        Column("fine", Integer, nullable=False),
        Column("sanction", String(16)),
        Column("since", UTCDateTime()),
        Column("until", UTCDateTime()),
        Column("objects", JsonDocument, nullable=False),
        Column("undone", Boolean, nullable=False),
        Column("changed_at", UTCDateTime()),
        Column("served_from", UTCDateTime()),
        Column("served_until", UTCDateTime()),
        # What was answered last, and how often: told again as it was.
        Column("answers", Integer, nullable=False),
        Column("answer", JsonDocument),
        Column("answered_at", UTCDateTime()),
    )


def _known(row: Any) -> KnownPenalty:
    penalty = KnownPenalty(*row)
    objects: Any = penalty.objects
    return replace(penalty, objects=tuple((one["kind"], UUID(one["id"])) for one in objects))


def _values(penalty: KnownPenalty) -> dict[str, Any]:
    values = {name: getattr(penalty, name) for name in _FIELDS}
    return values | {"objects": [{"kind": kind, "id": str(key)} for kind, key in penalty.objects]}


def _stub(data: Any) -> dict[str, Any]:
    nothing = KnownPenalty(data.penalty_id, data.community_id, data.member_id)
    return _values(nothing) | {"answers": 0, "answer": None, "answered_at": None}


def _step(before: KnownPenalty, messages: Sequence[Received[Any]]) -> Step:
    greatest = max(messages, key=lambda message: message.data.revision)
    now = before
    if greatest.data.revision > before.revision:
        data = greatest.data
        now = replace(
            before,
            revision=data.revision,
            severity=data.severity,
            violation_points=data.violation_points,
            fine=data.fine,
            sanction=data.sanction,
            since=data.since,
            until=data.until,
            objects=tuple((one.kind, one.id) for one in data.objects),
            undone=data.undone,
            changed_at=greatest.occurred_at,
        )
    for message in messages:
        now = _serving(now, message.data)
    return Step(before, now, greatest)


def _serving(penalty: KnownPenalty, data: Any) -> KnownPenalty:
    """With what a revision says of the sanction: the earliest beginning and the latest end of all, so that their order says nothing."""
    if data.sanction is None:
        return penalty
    if penalty.served_from is None:
        return replace(penalty, served_from=data.since, served_until=data.until)
    ends = (penalty.served_until, data.until)
    return replace(
        penalty,
        served_from=min(penalty.served_from, data.since),
        served_until=None if None in ends else max(end for end in ends if end is not None),
    )

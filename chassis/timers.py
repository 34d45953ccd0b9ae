"""Timers: what the clock does. Rows in the service's own database, applied once, with a check of the state.

A state that time changes is computed at read from `now`; its timer only records the change and publishes it, with `time` =
when it was due. So a worker that was off for a night changes nothing but when that is written down.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared, Spelling
from chassis.ids import new_id
from chassis.runtime import Runtime

log = logging.getLogger("qunxue.timers")

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=15)
MAX_DOUBLINGS = 10


TOO_LATE_TO_TELL = timedelta(hours=1)


class Late(StrEnum):
    """What becomes of a timer that nobody came to in time, because no worker ran."""

    ENDING = "ending"
    """Its effect is dated when it was due, and was computed at read from then on: nothing is late but the record."""
    TELLING = "telling"
    """It only tells somebody: after an hour it is skipped."""
    BEGINNING = "beginning"
    """What it begins counts from when it does begin, so that nobody loses time of which they were not told."""


@dataclass(frozen=True)
class Timer:
    """A timer that has come due. Act as of `at`; `now` is only when somebody got round to it."""

    id: UUID
    kind: str
    subject_id: UUID
    due_at: datetime
    now: datetime
    late: Late = Late.ENDING

    @property
    def at(self) -> datetime:
        """The moment that its effect has."""
        return self.now if self.late is Late.BEGINNING else self.due_at


TimerFunction = Callable[[AsyncSession, Timer], Awaitable[None]]


@dataclass(frozen=True)
class _Kind:
    """What happens when a timer comes due, and what where nobody came in time."""

    function: TimerFunction
    late: Late


class Timers:
    """A service's timer functions by kind, and what it does every so often."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._periodic: dict[str, tuple[timedelta, TimerFunction]] = {}

    def on(self, kind: str, *, late: Late) -> Callable[[TimerFunction], TimerFunction]:
        """Register what happens when a timer of this kind comes due; it runs in the transaction that removes the timer.

        `late` says what becomes of it where no worker came to it in time.
        """

        def register(function: TimerFunction) -> TimerFunction:
            self._add(kind, _Kind(function, late))
            return function

        return register

    def _add(self, kind: str, what: _Kind) -> None:
        if kind in self._kinds:
            raise ValueError(f"timer kind {kind!r} is registered twice")
        self._kinds[kind] = what

    def every(self, interval: timedelta, *, kind: str) -> Callable[[TimerFunction], TimerFunction]:
        """Register a recurring timer. It is one timer, set again after each run."""

        def register(function: TimerFunction) -> TimerFunction:
            self._periodic[kind] = (interval, function)
            # The next run makes up for those that did not happen.
            return self.on(kind, late=Late.ENDING)(function)

        return register

    def include(self, *others: "Timers") -> "Timers":
        """Take over the functions of a service's features; returns itself."""
        for other in others:
            for name, kind in other._kinds.items():  # noqa: SLF001 - of the same class
                self._add(name, kind)
            self._periodic.update(other._periodic)  # noqa: SLF001
        return self

    async def set_periodic(self, session: AsyncSession, now: datetime) -> None:
        """Make sure that each periodic timer is set, and no later than by its interval; called when a worker starts or its clock goes back."""
        statements = _statements_of(session)
        for kind, (interval, _) in self._periodic.items():
            await statements.keep.run(session, **_row(kind, UUID(int=0), now + interval))
        context_of(session).timer_set = True

    async def next_due(self, session: AsyncSession) -> datetime | None:
        """When the next of these timers comes due."""
        return await _statements_of(session).next_of.one(session, kinds=list(self._kinds))

    async def run_due(self, runtime: Runtime, *, limit: int = 50) -> int:
        """Apply timers that are due, each in a transaction of its own; returns how many.

        Workers share them by `SKIP LOCKED`: the row's lock is the lease, and it ends with the transaction that applies it.
        """
        done = 0
        while done < limit and await self._run_one(runtime):
            done += 1
        return done

    async def _run_one(self, runtime: Runtime) -> bool:
        now = runtime.clock()
        due: Timer | None = None
        try:
            async with runtime.database.transaction() as session:
                due = await self._claim(session, now)
                if due is None:
                    return False
                if due.late is Late.TELLING and now - due.due_at > TOO_LATE_TO_TELL:
                    log.warning("timer skipped", extra={"kind": due.kind, "subject": str(due.subject_id)})
                else:
                    await self._kinds[due.kind].function(session, due)
                await self._finish(session, due)
        except Exception as error:
            if due is None:
                raise
            log.exception("timer failed", extra={"kind": due.kind, "subject": str(due.subject_id)})
            await _put_off(runtime, due, error)
        return True

    async def _claim(self, session: AsyncSession, now: datetime) -> Timer | None:
        row = await _statements_of(session).claim.first(session, now=now, kinds=list(self._kinds))
        if row is None:
            return None
        return Timer(row.id, row.kind, row.subject_id, row.due_at, now, self._kinds[row.kind].late)

    async def _finish(self, session: AsyncSession, timer: Timer) -> None:
        statements = _statements_of(session)
        if timer.kind in self._periodic:
            again = timer.now + self._periodic[timer.kind][0]
            await statements.again.run(session, timer_id=timer.id, again=again)
        else:
            # Compare the due time too: the function may have set the same timer again.
            await statements.done.run(session, timer_id=timer.id, due=timer.due_at)


async def schedule(session: AsyncSession, kind: str, subject_id: UUID, due_at: datetime) -> None:
    """Set the timer of this kind for this subject, or move it; it fires only if the transaction commits."""
    await schedule_many(session, kind, {subject_id: due_at})


async def schedule_many(session: AsyncSession, kind: str, due_at: Mapping[UUID, datetime]) -> None:
    """Set the timers of this kind for these subjects, or move them, always in the same order."""
    if not due_at:
        return
    rows = [_row(kind, subject_id, due_at[subject_id]) for subject_id in sorted(due_at)]
    await _statements_of(session).set.run_many(session, rows)
    context_of(session).timer_set = True


async def again(session: AsyncSession, timer: Timer) -> None:
    """Have a timer that has come due come at once again, in a transaction of its own: for work that is done a piece at a time."""
    # At the same moment it would be taken for the one that is done.
    await schedule(session, timer.kind, timer.subject_id, timer.due_at - timedelta(microseconds=1))


async def cancel(session: AsyncSession, kind: str, subject_id: UUID) -> None:
    """Unset the timer, if it is set."""
    await cancel_many(session, kind, [subject_id])


async def cancel_many(session: AsyncSession, kind: str, subject_ids: Collection[UUID]) -> None:
    """Unset the timers of this kind for these subjects, where they are set.

    One that is just running is left to itself: it may wait for a lock that this transaction holds, and then finds what has become of its subject.
    """
    if subject_ids:
        await _statements_of(session).cancel.run(session, of_kind=kind, subjects=sorted(subject_ids))


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next timer comes due."""
    return await _statements_of(session).next.one(session)


async def _put_off(runtime: Runtime, timer: Timer, error: Exception) -> None:
    """Try a failed timer again later, waiting longer each time: a bug in one must not stop the others."""
    async with runtime.database.transaction() as session:
        statements = _statements_of(session)
        attempts = await statements.attempts.first(session, timer_id=timer.id)
        if attempts is None:
            return
        wait = min(FIRST_RETRY * 2 ** min(attempts, MAX_DOUBLINGS), LAST_RETRY)
        await statements.put_off.run(
            session,
            timer_id=timer.id,
            tried=attempts + 1,
            until=runtime.clock() + wait,
            why=type(error).__name__,
        )


def _row(kind: str, subject_id: UUID, due_at: datetime) -> dict[str, Any]:
    return {"id": new_id(), "kind": kind, "subject_id": subject_id, "due": due_at}


class _Statements:
    """Of one table of timers."""

    def __init__(self, timers: Table) -> None:
        def adding(on: Spelling) -> Any:
            due = bindparam("due", type_=timers.c.due_at.type)
            given: dict[str, Any] = {name: bindparam(name) for name in ("id", "kind", "subject_id")}
            return on.insert(timers).values(**given, due_at=due, not_before=due, attempts=0)

        def setting(on: Spelling) -> Any:
            added = adding(on)
            due = added.excluded.due_at
            return added.on_conflict_do_update(
                index_elements=[timers.c.kind, timers.c.subject_id],
                set_={"due_at": due, "not_before": due, "attempts": 0, "error": None},
            )

        def keeping(on: Spelling) -> Any:
            added = adding(on)
            due = added.excluded.due_at
            return added.on_conflict_do_update(
                index_elements=[timers.c.kind, timers.c.subject_id],
                set_={"due_at": due, "not_before": due},
                # Set when the clock was ahead.
                where=timers.c.not_before > due,
            )

        one = timers.c.id == bindparam("timer_id")
        again = bindparam("again", type_=timers.c.due_at.type)
        first = select(func.min(timers.c.not_before))
        self.keep: Prepared[Any] = Prepared(keeping)
        self.set: Prepared[Any] = Prepared(setting)

        def cancelling(on: Spelling) -> Any:
            these = and_(timers.c.kind == bindparam("of_kind"), on.among(timers.c.subject_id, "subjects"))
            if not on.is_postgres:
                return delete(timers).where(these)
            free = select(timers.c.id).where(these).with_for_update(skip_locked=True)
            return delete(timers).where(timers.c.id.in_(free))

        self.cancel: Prepared[Any] = Prepared(cancelling)
        self.next: Prepared[datetime | None] = Prepared(first)
        self.next_of: Prepared[datetime | None] = Prepared(lambda on: first.where(on.among(timers.c.kind, "kinds")))
        self.claim: Prepared[Any] = Prepared(
            lambda on: (
                select(timers)
                .where(timers.c.not_before <= bindparam("now"), on.among(timers.c.kind, "kinds"))
                .order_by(timers.c.not_before, timers.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
        )
        self.again: Prepared[Any] = Prepared(
            update(timers).where(one).values(due_at=again, not_before=again, attempts=0, error=None)
        )
        self.done: Prepared[Any] = Prepared(delete(timers).where(one, timers.c.due_at == bindparam("due")))
        self.attempts: Prepared[int] = Prepared(select(timers.c.attempts).where(one))
        self.put_off: Prepared[Any] = Prepared(
            update(timers)
            .where(one)
            .values(attempts=bindparam("tried"), not_before=bindparam("until"), error=bindparam("why"))
        )


_statements = lru_cache(maxsize=64)(_Statements)


def _statements_of(session: AsyncSession) -> _Statements:
    return _statements(context_of(session).tables.chassis.timers)

"""Timers: what the clock does. Rows in the service's own database, applied once, with a check of the state.

A state that time changes is computed at read from `now`; its timer only records the change and publishes it, with `time` =
when it was due. So a worker that was off for a night changes nothing but when that is written down.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import upsert
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
        """Make sure that each periodic timer is set; called when a worker starts."""
        timers = context_of(session).tables.chassis.timers
        for kind, (interval, _) in self._periodic.items():
            row = {
                "id": new_id(),
                "kind": kind,
                "subject_id": UUID(int=0),
                "due_at": now + interval,
                "not_before": now + interval,
                "attempts": 0,
            }
            await session.execute(upsert(session, timers).values(row).on_conflict_do_nothing())

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
        timers = context_of(session).tables.chassis.timers
        row = (
            await session.execute(
                select(timers)
                .where(and_(timers.c.not_before <= now, timers.c.kind.in_(list(self._kinds))))
                .order_by(timers.c.not_before, timers.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
        ).first()
        if row is None:
            return None
        return Timer(row.id, row.kind, row.subject_id, row.due_at, now, self._kinds[row.kind].late)

    async def _finish(self, session: AsyncSession, timer: Timer) -> None:
        timers = context_of(session).tables.chassis.timers
        if timer.kind in self._periodic:
            again = timer.now + self._periodic[timer.kind][0]
            values = {"due_at": again, "not_before": again, "attempts": 0, "error": None}
            await session.execute(update(timers).where(timers.c.id == timer.id).values(values))
        else:
            # Compare the due time too: the function may have set the same timer again.
            await session.execute(delete(timers).where(and_(timers.c.id == timer.id, timers.c.due_at == timer.due_at)))


async def schedule(session: AsyncSession, kind: str, subject_id: UUID, due_at: datetime) -> None:
    """Set the timer of this kind for this subject, or move it; it fires only if the transaction commits."""
    context = context_of(session)
    timers = context.tables.chassis.timers
    row = {
        "id": new_id(),
        "kind": kind,
        "subject_id": subject_id,
        "due_at": due_at,
        "not_before": due_at,
        "attempts": 0,
    }
    insert = upsert(session, timers).values(row)
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=[timers.c.kind, timers.c.subject_id],
            set_={"due_at": due_at, "not_before": due_at, "attempts": 0, "error": None},
        )
    )


async def cancel(session: AsyncSession, kind: str, subject_id: UUID) -> None:
    """Unset the timer, if it is set."""
    timers = context_of(session).tables.chassis.timers
    await session.execute(delete(timers).where(and_(timers.c.kind == kind, timers.c.subject_id == subject_id)))


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next timer comes due."""
    timers = context_of(session).tables.chassis.timers
    return (await session.execute(select(func.min(timers.c.not_before)))).scalar_one_or_none()


async def _put_off(runtime: Runtime, timer: Timer, error: Exception) -> None:
    """Try a failed timer again later, waiting longer each time: a bug in one must not stop the others."""
    async with runtime.database.transaction() as session:
        timers = context_of(session).tables.chassis.timers
        attempts = (
            await session.execute(select(timers.c.attempts).where(timers.c.id == timer.id))
        ).scalar_one_or_none()
        if attempts is None:
            return
        wait = min(FIRST_RETRY * 2 ** min(attempts, MAX_DOUBLINGS), LAST_RETRY)
        await session.execute(
            update(timers)
            .where(timers.c.id == timer.id)
            .values(attempts=attempts + 1, not_before=runtime.clock() + wait, error=type(error).__name__)
        )

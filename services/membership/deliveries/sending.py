"""Sending what is due through one channel: one message at a time, so that a worker that dies leaves at most one of which nobody knows whether it arrived.

Taking a message, sending it and writing down what became of it are three steps, and only the sending is outside of any transaction.
"""

import asyncio
import logging
import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.turns import come_round
from services.membership.deliveries import metrics, queries, rules, service
from services.membership.deliveries.channels import Again, Channel, Content, Message, Outcome, Outlet, Refused
from services.membership.deliveries.occasions import Ended, Later, Pointless, Sending, ended, sending
from services.membership.people.models import Person
from services.membership.people.rules import Status

log = logging.getLogger("qunxue.deliveries")

_STOP_SECONDS = 6.0
"""How long a message on its way may take when the worker must stop."""


_Row = Any


class _State:
    """What one process remembers of a channel."""

    def __init__(self) -> None:
        self.owner = new_id().hex
        self.channel: Channel | None = None
        self.failures = 0
        self.rests_until: datetime | None = None


class Sender:
    """The errand of one channel. While the channel takes nothing at all it rests, for all messages alike."""

    def __init__(self, outlet: Outlet) -> None:
        self.name = f"deliveries by {outlet.name}"
        self._outlet = outlet
        self._states: WeakKeyDictionary[Runtime, _State] = WeakKeyDictionary()

    def is_wanted(self, runtime: Runtime) -> bool:
        """Whether the host has set what the channel needs."""
        return self._outlet.is_set(runtime)

    async def run_due(self, runtime: Runtime, stop: asyncio.Event) -> datetime | None:
        """Send until nothing is due, the channel rests, or the worker stops."""
        state = self._states.setdefault(runtime, _State())
        await self._lapse(runtime)
        if state.rests_until is not None and runtime.clock() < state.rests_until:
            return await self._next(runtime, state)
        due = await self._next(runtime, state)
        if due is None or due > runtime.clock():
            return due
        if state.channel is None:
            state.channel = self._outlet.open(runtime)
        try:
            while not stop.is_set() and await self._one(runtime, state, stop):
                pass
        finally:
            with suppress(Exception):
                await state.channel.rest()
        return await self._next(runtime, state)

    async def _next(self, runtime: Runtime, state: _State) -> datetime | None:
        async with runtime.database.reading(primary=True) as session:
            due = await queries.next_due(session, self._outlet.name)
        return due if due is None or state.rests_until is None else max(due, state.rests_until)

    async def _lapse(self, runtime: Runtime) -> None:
        """End what nobody waits for any more."""
        more = True
        while more:
            async with runtime.database.reading(primary=True) as session:
                first = await queries.next_due(session, self._outlet.name)
            if first is None or first > runtime.clock():
                return
            async with runtime.database.transaction() as session:
                more = await lapse(session, runtime.clock(), self._outlet.name)

    async def _one(self, runtime: Runtime, state: _State, stop: asyncio.Event) -> bool:
        """Send one message; False when none is due, or the channel takes nothing."""
        message, row = await self._taken(runtime, state)
        if row is None:
            return False
        if message is None:
            return True
        assert state.channel is not None  # noqa: S101 - run_due has opened it
        outcome = await _sent(state.channel, message, stop)
        come_round()
        await self._settle(runtime, state, row, message, outcome)
        return state.rests_until is None

    async def _taken(self, runtime: Runtime, state: _State) -> tuple[Message | None, _Row | None]:
        """Take the first message that is due, and write it. Without a message the row has been dealt with."""
        row: _Row | None = None
        now = runtime.clock()
        try:
            async with runtime.database.transaction() as session:
                row = await queries.first_due(session, self._outlet.name, now)
                if row is None:
                    return None, None
                await queries.take(session, row.id, state.owner, now + rules.LEASE)
                return await self._to_send(session, state, row, now), row
        except Exception as error:
            if row is None:
                raise
            # A message that cannot be written must not stand in the way of the others. What it says stays out of the log.
            log.warning("a message could not be written", extra={"why": type(error).__name__, "delivery": str(row.id)})
            again = rules.try_again_at(
                row.kind, now, row.attempts + 1, None, jitter=random.random(), lapses_at=row.lapses_at
            )
            async with runtime.database.transaction() as session:
                await queries.delay(session, row.id, again, "not_written")
            return None, row

    async def _to_send(self, session: AsyncSession, state: _State, row: _Row, now: datetime) -> Message | None:
        """The message of a row that was taken; None where it does not go, or not now, which is written down."""
        if row.lapses_at <= now:
            # Between the look for what has lapsed and now.
            await _end(session, row, state.owner, "lapsed", row.code, now)
            return None
        found = await self._written(session, row, now)
        if isinstance(found, Message):
            return found
        if isinstance(found, Later):
            again = min(max(found.at, now + timedelta(seconds=1)), row.lapses_at)
            await queries.put_off(session, row.id, state.owner, again, None, counted=False)
        else:
            became = "refused" if isinstance(found, Refused) else "withdrawn"
            await _end(session, row, state.owner, became, found.code, now)
        return None

    async def _written(self, session: AsyncSession, row: _Row, now: datetime) -> Message | Later | Pointless | Refused:
        person = await session.get(Person, row.person_id)
        if person is None or person.status != Status.ACTIVE:
            return Pointless("person_inactive")
        address = await self._outlet.address(session, row.person_id)
        if address is None:
            return Refused("no_address")
        refused = await service.refused_address(session, row.person_id, row.channel, address)
        if refused is not None and row.kind != "code":
            return Refused("address_refused")
        secret = service.opened(session, row.id, row.sealed)
        turn = Sending(row.id, row.channel, row.person_id, row.kind, row.subject_id, now, person.locale, secret)
        answers = [one for one in await sending.happened(session, turn) if one is not None]
        if not answers:
            return Pointless("unknown")
        first = answers[0]
        return Message(row.id, address, first) if isinstance(first, Content) else first

    async def _settle(self, runtime: Runtime, state: _State, row: _Row, message: Message, outcome: Outcome) -> None:
        now = runtime.clock()
        metrics.outcomes.labels(self._outlet.name, type(outcome).__name__.lower()).inc()
        async with runtime.database.transaction() as session:
            if isinstance(outcome, Again):
                again = rules.try_again_at(
                    row.kind,
                    now,
                    row.attempts + 1,
                    outcome.after,
                    jitter=random.random(),
                    lapses_at=row.lapses_at,
                )
                # Also where nothing is taken at all: it may be this message that makes it so, and another is tried first then.
                await queries.put_off(session, row.id, state.owner, again, outcome.code)
            elif isinstance(outcome, Refused):
                if outcome.address:
                    await service.note_refusal(session, row.person_id, row.channel, message.to, outcome.code, now)
                await _end(session, row, state.owner, "refused", outcome.code, now)
            else:
                await _end(session, row, state.owner, "taken", None, now)
        if isinstance(outcome, Again) and outcome.away:
            state.failures += 1
            state.rests_until = now + rules.rest_after(state.failures, outcome.after, jitter=random.random())
            metrics.rests.labels(self._outlet.name).set(1)
            log.warning("%s rests", self._outlet.name, extra={"why": outcome.code, "failures": state.failures})
        else:
            state.failures, state.rests_until = 0, None
            metrics.rests.labels(self._outlet.name).set(0)


async def lapse(session: AsyncSession, now: datetime, channel: str | None = None) -> bool:
    """End some of what has lapsed; whether there may be more."""
    over = await queries.lapse_some(session, now, channel)
    for one in over:
        await ended.happened(
            session, Ended(one.channel, one.person_id, one.kind, one.subject_id, "lapsed", one.code, now)
        )
    return bool(over)


async def _end(session: AsyncSession, row: _Row, owner: str, became: str, why: str | None, now: datetime) -> None:
    if await queries.end(session, row.id, owner, became, why, now) and became != "withdrawn":
        await ended.happened(session, Ended(row.channel, row.person_id, row.kind, row.subject_id, became, why, now))


async def _sent(channel: Channel, message: Message, stop: asyncio.Event) -> Outcome:
    """What the channel says, in bounded time; what it raises is no reason to lose a message."""
    task = asyncio.ensure_future(channel.send(message))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, timeout=rules.SEND_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and stop.is_set():
            await asyncio.wait({task}, timeout=_STOP_SECONDS)
        if not task.done():
            return Again("timeout", away=True)
        return task.result()
    except Exception as error:  # noqa: BLE001 - whatever a channel runs into, the message is tried again
        return Again(type(error).__name__)
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
            with suppress(BaseException):
                await asyncio.wait({task}, timeout=1)

"""Applying a batch of messages: together when all goes well, one by one around what does not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import Clock, system_clock
from chassis.database.context import context_of
from chassis.database.engine import Database
from chassis.database.errors import is_transient
from chassis.messaging import metrics
from chassis.messaging.codec import decode_envelope, receive, recorded_at, type_of
from chassis.messaging.dead_letters import PutAside, count, describe, failed, put_aside, undecodable
from chassis.messaging.envelope import Batch, Delivery, Received, TopicPartition, is_ours
from chassis.messaging.errors import HANDLER_FAILED, BadEnvelope, Refused, UndecodableError, Unreadable
from chassis.messaging.handlers import Handler, Handlers
from chassis.messaging.inbox import claim, keep_progress
from chassis.messaging.log import MARK_SUFFIX
from chassis.messaging.restating import Restated, end_of, is_end, keep_ends, settle

logger = logging.getLogger(__name__)

_PAUSES = (0.05, 0.15)
"""Between the three attempts at one bad message; others wait behind it, so they are short."""


@dataclass(slots=True)
class _Piece:
    """One message that somebody handles."""

    received: Received[Any]
    handlers: tuple[Handler, ...]
    delivery: Delivery


_Finish = Callable[[AsyncSession, datetime], Awaitable[None]]


class Dispatcher:
    """Gives messages to the handlers of one consumer, each in the transaction of its inbox rows."""

    def __init__(self, database: Database, handlers: Handlers, consumer: str, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._handlers = handlers
        self._consumer = consumer
        self._clock = clock

    async def apply(self, batch: Batch) -> None:
        """Apply a batch, write what cannot be applied to the dead letters, and keep the progress.

        Raises only when the same batch should be tried again: what was applied by then is not applied twice.
        """
        pieces, letters, ends = self._sort_out(batch.deliveries, await self._wanted(batch))
        finish = partial(self._finish, letters=letters, ends=ends, batch=batch)
        try:
            await self._together(pieces, finish)
        except Exception as error:
            if not pieces or is_transient(error):
                raise
            logger.warning("%s: a batch of %d is taken apart: %s", self._consumer, len(pieces), describe(error))
            await self._apart(pieces, finish)
        count(self._consumer, letters)

    async def _wanted(self, batch: Batch) -> Collection[str] | None:
        """The types that somebody wants now; None where all are."""
        if self._handlers.wanted is None or not batch.deliveries:
            return None
        async with self._database.reading(primary=True) as session:
            return await self._handlers.wanted(session)

    def _sort_out(
        self, deliveries: Sequence[Delivery], wanted: Collection[str] | None = None
    ) -> tuple[list[_Piece], list[PutAside], list[Restated]]:
        pieces: list[_Piece] = []
        letters: list[PutAside] = []
        ends: list[Restated] = []
        routes = self._handlers.routes
        for delivery in deliveries:
            try:
                type_name = type_of(delivery)
                if wanted is not None and type_name not in wanted:
                    continue
                route = routes.get(type_name)
                if route is None:
                    _refuse_mark(type_name)
                    if is_end(type_name):
                        ends.append(end_of(delivery))
                    else:
                        metrics.SKIPPED.labels(self._consumer, delivery.topic).inc()
                    continue
                received = receive(delivery, decode_envelope(delivery), route.event_class)
            except UndecodableError as error:
                letters.append(undecodable(delivery, error))
            except Exception as error:
                logger.exception("%s: a record of %s cannot be read", self._consumer, delivery.topic)
                letters.append(undecodable(delivery, Unreadable(describe(error))))
            else:
                pieces.append(_Piece(received, route.handlers, delivery))
        return pieces, letters, ends

    async def _together(self, pieces: Sequence[_Piece], finish: _Finish) -> None:
        """All messages and all handlers in one transaction, with one insert into the inbox."""
        now = self._clock()
        async with self._database.transaction() as session:
            fresh = await claim(session, [(p.received.id, h.name) for p in pieces for h in p.handlers], now)
            for handler, wanted in self._by_handler(pieces):
                await self._call(handler, wanted, fresh, session)
            await finish(session, now)

    async def _apart(self, pieces: Sequence[_Piece], finish: _Finish) -> None:
        """Each handler in transactions of its own, so that the bug of one holds back none of the others."""
        for handler, wanted in self._by_handler(pieces):
            await self._narrow_down(handler, wanted)
        async with self._database.transaction() as session:
            await finish(session, self._clock())

    async def _narrow_down(self, handler: Handler, wanted: Sequence[_Piece]) -> None:
        """Halve until the bad message stands alone: the good ones keep their order and most of their speed."""
        try:
            await self._in_one_transaction(handler, wanted)
        except Exception as error:
            if is_transient(error):
                raise
            if len(wanted) == 1:
                await self._try_again(handler, wanted[0], error)
                return
        else:
            return
        middle = len(wanted) // 2
        await self._narrow_down(handler, wanted[:middle])
        await self._narrow_down(handler, wanted[middle:])

    async def _try_again(self, handler: Handler, piece: _Piece, error: Exception) -> None:
        attempts = 1
        for pause in _PAUSES:
            if isinstance(error, Refused):
                break
            attempts += 1
            await asyncio.sleep(pause)
            try:
                await self._in_one_transaction(handler, [piece])
            except Exception as again:
                if is_transient(again):
                    raise
                error = again
            else:
                return
        letter = failed(piece.delivery, handler, error, attempts)
        if letter.reason == HANDLER_FAILED:
            logger.error("%s: %s is put aside", handler.name, piece.received.id, exc_info=error)
        else:
            logger.warning("%s: %s is put aside: %s", handler.name, piece.received.id, letter.detail)
        now = self._clock()
        async with self._database.transaction() as session:
            # The inbox row makes it final: a second copy of the message is not tried again, only replay is.
            if await claim(session, [(piece.received.id, handler.name)], now):
                await put_aside(session, self._consumer, [letter], now)
        count(self._consumer, [letter])

    async def _in_one_transaction(self, handler: Handler, wanted: Sequence[_Piece]) -> None:
        async with self._database.transaction() as session:
            fresh = await claim(session, [(piece.received.id, handler.name) for piece in wanted], self._clock())
            await self._call(handler, wanted, fresh, session)

    async def _call(
        self, handler: Handler, wanted: Sequence[_Piece], fresh: set[tuple[Any, str]], session: AsyncSession
    ) -> None:
        messages = []
        for piece in wanted:
            key = (piece.received.id, handler.name)
            if key in fresh:
                fresh.discard(key)  # the same message may stand twice in one batch
                messages.append(piece.received)
        if len(messages) < len(wanted):
            metrics.DUPLICATES.labels(self._consumer, handler.name).inc(len(wanted) - len(messages))
        if messages:
            context_of(session).heard_at = max(message.recorded_at for message in messages)
            await handler.function(messages, session)
            # Flush now, so that a database error is blamed on this handler and not on the next one.
            await session.flush()
            metrics.HANDLED.labels(self._consumer, handler.name).inc(len(messages))

    def _by_handler(self, pieces: Sequence[_Piece]) -> list[tuple[Handler, list[_Piece]]]:
        """Each handler with its messages in order, in the order in which handlers were registered."""
        found: dict[str, list[_Piece]] = {}
        for piece in pieces:
            for handler in piece.handlers:
                found.setdefault(handler.name, []).append(piece)
        return [(handler, found[handler.name]) for handler in self._handlers if handler.name in found]

    async def _finish(
        self,
        session: AsyncSession,
        now: datetime,
        *,
        letters: Sequence[PutAside],
        ends: Sequence[Restated],
        batch: Batch,
    ) -> None:
        await put_aside(session, self._consumer, letters, now)
        await keep_progress(session, self._consumer, batch.positions, _caught_up(batch, now), now)
        await keep_ends(session, self._consumer, ends)
        if ends or batch.marks:
            await settle(session, self._consumer, self._handlers, now)


def _caught_up(batch: Batch, now: datetime) -> dict[TopicPartition, datetime]:
    """Up to when each partition's owner has nothing to say that is not in this batch or before it."""
    # Future messages are not known yet, whatever a mark says.
    moments = {key: min(mark, now) for key, mark in batch.marks.items()}
    last = {TopicPartition(d.topic, d.partition): d for d in batch.deliveries}
    for key, delivery in last.items():
        if not is_ours(key.topic):
            continue  # nobody marks it, so its last message says nothing of what comes behind
        recorded = recorded_at(delivery)
        if recorded is not None and (key not in moments or moments[key] < recorded):
            moments[key] = min(recorded, now)
    return moments


def _refuse_mark(type_name: str) -> None:
    """A mark that could be read is no delivery, so one that is has something wrong with its moment."""
    if type_name.endswith(MARK_SUFFIX):
        raise BadEnvelope("a mark without a moment that a calendar can hold")

"""All open streams of this process: who has how many, what goes to whom, and what ends them."""

import asyncio
import logging
import random
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx
from prometheus_client import Counter, Gauge
from starlette.types import Scope

from chassis.connections import connection_of
from chassis.problems import Problem
from gateway.bodies import Body
from gateway.headers import Headers
from gateway.live.feed import FIRST_PAUSE, LONGEST_PAUSE, Feed
from gateway.live.frames import BEAT, Change, EndReason, Place, event
from gateway.live.problems import STREAMS_FULL, TOO_MANY_STREAMS
from gateway.live.stream import Stream
from gateway.live.tickets import Call
from gateway.replies import Reply
from gateway.revocations import Issued, Revocations, revoked

OPEN = Gauge("qunxue_gateway_streams_open", "Streams that are open")
ENDED = Counter("qunxue_gateway_streams_ended", "Streams that ended, and why", ["reason"])
EVENTS = Counter("qunxue_gateway_stream_events", "Changes of inboxes that were told to streams")

EACH: Final = 5
"""Streams of one person in this process: a few tabs and a phone."""
MOST: Final = 10_000
BEAT_SECONDS: Final = 15.0
BEATS: Final = 15
"""In so many parts the streams are beaten, one after the other: not all at once."""
CHECKED_EACH_SECONDS: Final = 15 * 60.0
"""After so long membership is asked whether the session still lasts: what ends without a revocation has no other sign."""
ASKED_AT_ONCE: Final = 500
ASKING_SECONDS: Final = 5.0
CATCHING_UP_AT_ONCE: Final = 16
"""After a gateway has ended, thousands come back: membership is asked for some at a time, the others wait with their stream open."""
RETRY_MS: Final = (1_000, 5_000)
"""After so long a reader comes back, each after a time of their own."""
RETRY_ELSEWHERE_MS: Final = (500, 10_000)

log = logging.getLogger("qunxue.gateway")


@dataclass(frozen=True, slots=True)
class Opening:
    """A stream that may be opened: for whom, from where, and what its head says."""

    person_id: UUID
    session_id: UUID
    after: Place | None
    headers: Headers


class Streams:
    """The streams of this process and the one feed that they all live of."""

    def __init__(self, call: Call, revocations: Revocations) -> None:
        self.feed = Feed(
            lambda path, seconds: call("membership", "GET", path, seconds=seconds), self._tell, self._reset
        )
        self._call = call
        self._checking: asyncio.Task[None] | None = None
        self._revocations = revocations
        revocations.heard = self._end_revoked
        self._of: dict[UUID, list[Stream]] = {}
        self._beats: list[dict[Stream, None]] = [{} for _ in range(BEATS)]
        self._beating: asyncio.Task[None] | None = None
        self._catching_up = asyncio.Semaphore(CATCHING_UP_AT_ONCE)
        self._number = 0
        self._count = 0
        self._stopping = False

    @property
    def count(self) -> int:
        """How many are open."""
        return self._count

    async def run(self, opening: Opening, issued: Issued, body: Body, reply: Reply, scope: Scope) -> None:
        """Open a stream, and return when it has ended. Raises a `Problem` where it may not be opened."""
        if scope["method"] == "HEAD":
            await reply.empty(200, opening.headers)
            return
        connection = connection_of(scope)
        stream = Stream(opening.person_id, opening.session_id, issued, reply, connection)
        place = self._begin(stream)
        reply.stream = stream
        try:
            if connection is not None:
                connection.stay_open()
                connection.stopping = self.stop
            await reply({"type": "http.response.start", "status": 200, "headers": opening.headers})
            await reply(
                {"type": "http.response.body", "body": b"retry: %d\n\n" % _between(RETRY_MS), "more_body": True}
            )
            stream.catching_up = asyncio.create_task(self._catch_up(stream, opening.after))
            # Kept for hours otherwise, by each.
            del opening
            reply.added.clear()
            await body.disconnected()
        except asyncio.CancelledError:
            if not stream.released():
                raise
        finally:
            if stream.catching_up is not None:
                stream.catching_up.cancel()
            self._forget(stream, place)
            if connection is not None:
                connection.stopping = None
        if stream.ended is not None:
            await stream.say_farewell(_farewell(stream.ended))
            if not reply.complete and connection is not None:
                # The server learns a little later that the connection is gone, and would complain of half an answer.
                await body.disconnected()

    def stop(self) -> None:
        """End all of them: this process ends, and their readers find another, or this one when it is back."""
        if not self._stopping:
            self._stopping = True
            for stream in self._all():
                stream.end("shutting_down")

    async def close(self) -> None:
        """End what is left, and the feed."""
        self.stop()
        await self.feed.stop()
        for task in (self._beating, self._checking):
            if task is not None:
                task.cancel()

    def _all(self) -> list[Stream]:
        return [stream for beats in self._beats for stream in beats]

    def _begin(self, stream: Stream) -> int:
        if self._revocations.is_revoked(stream.person_id, stream.session_id, stream.issued):
            raise revoked()
        if self._stopping or self._count >= MOST:
            raise STREAMS_FULL(retry_after=random.randint(5, 15))
        theirs = self._of.setdefault(stream.person_id, [])
        if len(theirs) >= EACH:
            raise TOO_MANY_STREAMS(limit=EACH)
        theirs.append(stream)
        self._number = place = (self._number + 1) % BEATS
        self._beats[place][stream] = None
        self._count += 1
        OPEN.inc()
        if not self.feed.running:
            self.feed.start()
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat(), name="gateway-streams")
        return place

    def _forget(self, stream: Stream, place: int) -> None:
        theirs = self._of[stream.person_id]
        theirs.remove(stream)
        if not theirs:
            del self._of[stream.person_id]
        del self._beats[place][stream]
        self._count -= 1
        OPEN.dec()
        EVENTS.inc(stream.sent)
        ENDED.labels(stream.ended or "left").inc()

    async def _catch_up(self, stream: Stream, after: Place | None) -> None:
        """Find out what the reader missed, however long membership is away, and let them have what comes from then on."""
        try:
            began = await self.feed.began()
            if after is None:
                stream.write(event("ready", {"resumed": False}, began))
                stream.go_live([], began)
                return
            missed, end = await self._missed(stream.person_id, after)
            if end is not None:
                stream.write(event("reset", {}, end))
                stream.go_live([], end)
                return
            stream.write(event("ready", {"resumed": True}, after))
            stream.go_live(missed, after)
        finally:
            stream.catching_up = None

    async def _missed(self, person_id: UUID, after: Place) -> tuple[list[Change], Place | None]:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._catching_up:
                    return await self.feed.missed(person_id, after)
            except (httpx.HTTPError, OSError, LookupError, ValueError, Problem) as error:
                log.warning("a stream did not catch up", extra={"error": type(error).__name__})
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(LONGEST_PAUSE, pause * 2)

    def _tell(self, person_id: UUID, change: Change) -> None:
        for stream in self._of.get(person_id, ()):
            stream.tell(change)

    def _reset(self, place: Place) -> None:
        """It is unknown what was missed: all read anew."""
        frame = event("reset", {}, place)
        for stream in self._all():
            if stream.held is None:
                stream.last = place
                stream.write(frame)

    def _end_revoked(self, subjects: set[UUID]) -> None:
        for stream in self._all():
            if (stream.person_id in subjects or stream.session_id in subjects) and self._revocations.is_revoked(
                stream.person_id, stream.session_id, stream.issued
            ):
                stream.end("session_ended")

    async def _check_sessions(self) -> None:
        """End the streams whose sessions are over. Who cannot be asked about now is asked about at the next round."""
        try:
            now = time.monotonic()
            due = [stream for stream in self._all() if now - stream.checked_at >= CHECKED_EACH_SECONDS]
            for start in range(0, len(due), ASKED_AT_ONCE):
                some = due[start : start + ASKED_AT_ONCE]
                over = await self._ended_of({stream.session_id for stream in some})
                for stream in some:
                    stream.checked_at = now
                    if stream.session_id in over:
                        stream.end("session_ended")
        except (httpx.HTTPError, OSError, LookupError, ValueError, Problem) as error:
            log.warning("sessions of streams were not checked", extra={"error": type(error).__name__})
        finally:
            self._checking = None

    async def _ended_of(self, sessions: set[UUID]) -> set[UUID]:
        body = {"session_ids": [str(one) for one in sessions]}
        response = await self._call("membership", "POST", "/internal/sessions/ended", json=body, seconds=ASKING_SECONDS)
        response.raise_for_status()
        return {UUID(one) for one in response.json()["ended"]}

    async def _beat(self) -> None:
        """Runs while there are streams."""
        place = 0
        while self._count:
            await asyncio.sleep(BEAT_SECONDS / BEATS)
            place = (place + 1) % BEATS
            for stream in list(self._beats[place]):
                stream.beat(BEAT)
            if place == 0 and self._checking is None:
                self._checking = asyncio.create_task(self._check_sessions(), name="gateway-stream-sessions")
        self._beating = None
        await self.feed.stop()


def _farewell(reason: EndReason) -> bytes:
    retry = _between(RETRY_ELSEWHERE_MS) if reason == "shutting_down" else None
    return event("end", {"reason": reason}, retry_ms=retry)


def _between(bounds: tuple[int, int]) -> int:
    return random.randint(*bounds)

"""One open stream: what waits for its reader, and how it ends."""

import asyncio
import time
from typing import Final
from uuid import UUID

from starlette.types import Send

from chassis.connections import Connection
from gateway.live.frames import Change, EndReason, Place
from gateway.revocations import Issued

MOST_WAITING: Final = 64 * 1024
"""Bytes that wait for a reader, here and in the connection. A reader with more is dropped, and resumes when they can."""
STUCK_SECONDS: Final = 30.0
"""So long one piece may take to be sent."""
FAREWELL_SECONDS: Final = 2.0


class Stream:
    """A reader of their own inbox. Small: thousands are open, and most have nothing to do."""

    __slots__ = (
        "_connection", "_pending", "_send", "_size", "_task", "_writing_since", "catching_up", "checked_at", "ended", "held", "issued", "last", "opened_at",
        "person_id", "sent", "session_id",
    )  # fmt: skip

    def __init__(
        self, person_id: UUID, session_id: UUID, issued: Issued, send: Send, connection: Connection | None
    ) -> None:
        self.person_id = person_id
        self.session_id = session_id
        self.issued = issued
        """When the token was made by which it was opened."""
        self.checked_at = time.monotonic()
        self.opened_at = time.perf_counter()
        self.last: Place = (0, 0)
        """Up to where its reader was told everything."""
        self.held: list[Change] | None = []
        """What came while it is found out what the reader missed; None from then on."""
        self.catching_up: asyncio.Task[None] | None = None
        self.ended: EndReason | None = None
        self.sent = 0
        self._send = send
        self._connection = connection
        self._task = asyncio.current_task()
        self._pending: list[bytes] = []
        self._size = 0
        self._writing_since: float | None = None

    @property
    def waiting(self) -> int:
        """Bytes that its reader has not taken."""
        return self._size + (0 if self._connection is None else self._connection.waiting)

    def tell(self, change: Change) -> None:
        """A change, in order; what the reader has already is passed over."""
        if self.held is not None:
            self.held.append(change)
            self._size += len(change.frame)
            if self._size > MOST_WAITING:
                self.end("too_slow")
        elif change.place > self.last:
            self.last = change.place
            self.sent += 1
            self.write(change.frame)

    def write(self, frame: bytes) -> None:
        """Send something as soon as the reader takes it."""
        if self.ended is not None:
            return
        self._pending.append(frame)
        self._size += len(frame)
        if self.waiting > MOST_WAITING:
            self.end("too_slow")
        elif self._writing_since is None:
            self._writing_since = time.monotonic()
            _keep(asyncio.create_task(self._write_out()))

    def beat(self, frame: bytes) -> None:
        """Show that it is alive, or find that its reader is not."""
        if self._writing_since is None:
            self.write(frame)
        elif time.monotonic() - self._writing_since > STUCK_SECONDS:
            self.end("too_slow")

    def go_live(self, missed: list[Change], place: Place) -> None:
        """Tell what the reader missed, then what came meanwhile; from now on each change as it comes."""
        held, self.held = self.held or [], None
        self._size -= sum(len(change.frame) for change in held)
        self.last = max(self.last, place)
        if missed:
            self.sent += len(missed)
            self.last = max(self.last, missed[-1].place)
            self.write(b"".join(change.frame for change in missed))
        for change in held:
            self.tell(change)

    def end(self, reason: EndReason) -> None:
        """End it from our side."""
        if self.ended is None and self._task is not None:
            self.ended = reason
            self._task.cancel()

    def released(self) -> bool:
        """Whether the cancellation was ours; then it is over with."""
        if self.ended is None or self._task is None:
            return False
        self._task.uncancel()
        return True

    async def say_farewell(self, frame: bytes) -> None:
        """Send what is left, a last event and the end. Whoever does not take it in time is cut off."""
        if self.ended == "too_slow":
            self.abort()
            return
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                while self._writing_since is not None:
                    await asyncio.sleep(0.01)
                await self._send({"type": "http.response.body", "body": frame, "more_body": False})
        except (TimeoutError, OSError):
            self.abort()

    def abort(self) -> None:
        """Throw away what waits, and the connection."""
        self._pending.clear()
        self._size = 0
        if self._connection is not None:
            self._connection.abort()

    async def _write_out(self) -> None:
        try:
            while self._pending:
                frame = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
                self._pending.clear()
                await self._send({"type": "http.response.body", "body": frame, "more_body": True})
                self._size = max(0, self._size - len(frame))
                self._writing_since = time.monotonic()
        except (OSError, RuntimeError):
            self.end("too_slow")
        finally:
            self._writing_since = None


_writing: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    """Asyncio itself keeps no task alive."""
    _writing.add(task)
    task.add_done_callback(_writing.discard)

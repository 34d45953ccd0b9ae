"""Request bodies on their way through: counted, never longer than allowed, never waited for without end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Hashable
from typing import Final

from starlette.types import Message, Receive

from chassis.problems import BODY_TOO_LARGE, UNAVAILABLE
from gateway.headers import Head
from gateway.shares import Shares

BODY_LIMIT: Final = 1024 * 1024
UPLOAD_LIMIT: Final = 50 * 1024 * 1024
UPLOADS: Final = (b"/imports", b"/materials", b"/files")
"""Last segments of a POST or PUT that takes a file."""
PARTS: Final = b"/upload"
"""The last segment of a PATCH that takes a part of one."""

BUFFERED_AT_MOST: Final = 64 * 1024 * 1024
BUFFERED_EACH: Final = 8 * 1024 * 1024
"""Bytes of bodies on their way in that this process holds at one time, and of one caller or address."""

SLOW_SECONDS: Final = 30.0
SLOWEST_BYTES: Final = 8 * 1024
"""After half a minute, a file must have arrived with at least so many bytes a second."""

FORGOTTEN_BYTES: Final = 64 * 1024
LINGER_SECONDS: Final = 1.0
LINGER_BYTES: Final = 4 * 1024 * 1024

_memory = Shares(BUFFERED_AT_MOST, BUFFERED_EACH, used_up=UNAVAILABLE)


class ClientGone(Exception):
    """The client went away before its body was complete."""


def is_upload(method: str, raw_path: bytes) -> bool:
    """Whether a file may come: 50 MiB instead of 1 MiB, and no overall deadline while it does."""
    if method == "PATCH":
        return raw_path.endswith(PARTS)
    return method in {"POST", "PUT"} and raw_path.endswith(UPLOADS)


class Body:
    """One request's body. It is refused as soon as it is known to be too long, never read to its end first."""

    __slots__ = ("_buffer", "_receive", "_told", "awaited", "complete", "declared", "empty", "expects_continue", "gone", "limit", "over", "progress", "received")  # fmt: skip

    def __init__(self, receive: Receive, head: Head, limit: int) -> None:
        self._receive = receive
        self._buffer: bytes | None = None
        self._told = False
        self.declared = head.declared_length
        self.limit = limit
        self.received = 0
        self.empty = not head.chunked and not self.declared
        self.complete = self.empty
        self.over = False
        self.gone = False
        self.awaited = False
        """Whether the next piece is the client's turn, not the service's."""
        self.expects_continue = head.noted.get(b"expect", b"").lower() == b"100-continue"
        self.progress: Callable[[], None] | None = None
        """Called at each piece: an upload may take long as long as it moves."""

    @property
    def lots_left(self) -> bool:
        """Whether more of it may come than a server may read and forget to keep the connection."""
        return not self.complete and (self.declared is None or self.declared - self.received > FORGOTTEN_BYTES)

    def check_declared(self) -> None:
        """Refuse what says itself that it is too long. Raises `BODY_TOO_LARGE`."""
        if self.declared is not None and self.declared > self.limit:
            self.over = True
            raise BODY_TOO_LARGE(limit=self.limit)

    async def gather(self, holder: Hashable) -> None:
        """Read the body into memory, so that the request holds nothing that others need while it arrives.

        Raises `BODY_TOO_LARGE`, `ClientGone`, `RATE_LIMITED` if the holder sends too much at a time, `UNAVAILABLE` if all callers
        together do.
        """
        if self.empty or self._buffer is not None:
            return
        pieces: list[bytes] = []
        held = 0
        try:
            while not self.complete:
                piece = await self._next()
                if self.over:
                    raise BODY_TOO_LARGE(limit=self.limit)
                _memory.take(holder, len(piece))
                held += len(piece)
                pieces.append(piece)
        finally:
            _memory.give_back(holder, held)
        self._buffer = b"".join(pieces)
        self.declared = len(self._buffer)

    def is_too_slow(self, seconds: float) -> bool:
        """Whether too little has arrived in this time."""
        return self.received < (seconds - SLOW_SECONDS) * SLOWEST_BYTES

    async def receive(self) -> Message:
        """ASGI's `receive` for a service in this process. A body over the limit looks to it as if the client had gone."""
        if self._buffer is not None:
            piece, self._buffer = self._buffer, None
            return {"type": "http.request", "body": piece, "more_body": False}
        if self.empty and not self._told:
            # Ours, so that whoever watches for the client's leaving cannot have taken it before.
            self._told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if self.complete:
            return await self._receive()
        try:
            piece = await self._next()
        except ClientGone:
            return {"type": "http.disconnect"}
        if self.over:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": not self.complete}

    async def whole(self) -> bytes | None:
        """The body, if it is there in one piece; None if more is to come, after which `chunks` begins with this piece."""
        if self._buffer is None and not self.complete:
            self._buffer = await self._next()
        if self.complete and not self.over:
            piece, self._buffer = self._buffer, None
            return piece or b""
        return None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body piece by piece. Raises `ClientGone`, also when it grows over the limit: what was sent on must not end well."""
        if self.over:
            raise ClientGone
        if self._buffer is not None:
            piece, self._buffer = self._buffer, None
            yield piece
        while not self.complete:
            piece = await self._next()
            if self.over:
                raise ClientGone
            yield piece

    async def disconnected(self) -> None:
        """Return when the client has gone. To be awaited only after the body was read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True

    async def linger(self) -> None:
        """Read on for a moment and forget it, so that a client that is still sending gets to read why it was refused.

        To close at once would reset the connection, and the answer be lost with it.
        """
        if self.complete or self.gone or self.expects_continue:
            return
        rest = LINGER_BYTES
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while rest > 0:
                    message = await self._receive()
                    rest -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body"):
                        return

    async def _next(self) -> bytes:
        self.awaited = True  # and stays so when the deadline cuts this off
        message = await self._receive()
        self.awaited = False
        if message["type"] == "http.disconnect":
            self.gone = True
            raise ClientGone
        self.expects_continue = False
        piece: bytes = message.get("body", b"")
        self.received += len(piece)
        self.complete = not message.get("more_body", False) or self.received == self.declared
        if self.received > self.limit:
            self.over = True
        elif self.progress is not None:
            self.progress()
        return piece

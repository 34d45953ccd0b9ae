"""Readers of the live stream: one that listens, takes as slowly as a test wants, and leaves; and one that only looks whether it opens."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.waiting import eventually

STREAM = "/v1/stream"


@dataclass
class Event:
    """One event as a browser would have it."""

    name: str
    id: str | None
    data: Any


@dataclass
class Reader:
    """Somebody who reads a stream of an application in this process."""

    app: ASGIApp
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    extensions: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    text: str = ""
    over: bool = False
    """Whether the answer is complete."""
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    """Clear it, and nothing more is taken."""
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: bool = False
    task: asyncio.Task[None] | None = None

    async def open(self, *, status: int = 200) -> "Reader":
        """Ask, and wait until it is known whether it opens."""
        self.takes.set()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": STREAM,
            "raw_path": STREAM.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [
                (b"host", b"gateway"),
                (b"accept-language", b"en"),
                *((name.lower().encode(), value.encode()) for name, value in self.headers.items()),
            ],
            "client": ("203.0.113.9", 4321),
            "server": ("gateway", 80),
            "extensions": self.extensions,
        }
        self.task = asyncio.create_task(self._run(scope))
        await eventually(lambda: self.status or (self.task and self.task.done()), what="an answer")
        assert self.status == status, f"{self.status}: {self.text}"
        return self

    async def _run(self, scope: Scope) -> None:
        await self.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = {name.decode(): value.decode() for name, value in message["headers"]}
            self.status = message["status"]
            return
        await self.takes.wait()
        self.text += message.get("body", b"").decode()
        self.over = not message.get("more_body", False)

    @property
    def events(self) -> list[Event]:
        """All that came whole."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
            if "event" in fields:
                found.append(Event(fields["event"], fields.get("id"), json.loads(fields["data"])))
        return found

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]

    async def until(self, name: str, count: int = 1) -> list[Event]:
        """The events of a name, when there are as many."""
        await eventually(lambda: len(self.named(name)) >= count, what=f"{count} × {name}", interval=0.005)
        return self.named(name)

    async def ended(self) -> None:
        """Wait until nothing is left of it on the other side."""
        assert self.task is not None
        await eventually(self.task.done, what="the stream has ended", interval=0.005)
        await self.task

    async def leave(self) -> None:
        """Close the connection."""
        self._gone.set()
        self.takes.set()
        await self.ended()


def brief(app: ASGIApp) -> ASGIApp:
    """The application before somebody who closes a stream as soon as the first of it has come."""

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != STREAM:
            await app(scope, receive, send)
            return
        came = asyncio.Event()
        asked = False

        async def one(message: Message) -> None:
            await send({**message, "more_body": False} if message["type"] == "http.response.body" else message)
            if message["type"] == "http.response.body":
                came.set()

        async def takes(message: Message) -> None:
            if not came.is_set():
                await one(message)

        async def waits() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return await receive()
            await came.wait()
            return {"type": "http.disconnect"}

        await app(scope, waits, takes)

    return listening

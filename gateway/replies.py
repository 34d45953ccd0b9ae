"""An answer on its way to the client: what the gateway adds to it, and that it begins only once."""

from typing import Any, Final

from starlette.types import Message, Send

from chassis.locale import Locale, negotiate
from chassis.problems import Problem, problem_response
from gateway.headers import Headers, answer_headers

OPENED: Final = "qunxue.opened"
"""ASGI's message by which the gateway's own application says that a stream may be opened, in the place of an answer."""

_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
_CLOSE: Final = (b"connection", b"close")


class Reply:
    """ASGI's `send` for the services, with the gateway's headers put in."""

    __slots__ = (
        "_bodiless",
        "_send",
        "added",
        "close",
        "complete",
        "language",
        "opening",
        "request_id",
        "started",
        "status",
        "stream",
    )

    def __init__(self, send: Send, request_id: str, *, bodiless: bool = False) -> None:
        self._send = send
        self._bodiless = bodiless
        self.request_id = request_id
        self.added: Headers = [(b"x-request-id", request_id.encode()), _NOSNIFF]
        self.language: bytes | None = None
        self.status = 0
        self.started = False
        self.complete = False
        self.close = False
        """Whether the connection must end with this answer, because the request's body was not read."""
        self.opening: Any = None
        """A stream that is to be opened in the place of an answer."""
        self.stream: Any = None
        """The stream that was opened."""

    async def __call__(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = answer_headers(message.get("headers", ()))
            headers += self.added
            if self.close:
                headers.append(_CLOSE)
            await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
        elif message["type"] == OPENED:
            self.opening = message["opening"]
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
            await self._send({**message, "body": b""} if self._bodiless else message)

    @property
    def locale(self) -> Locale:
        """The client's language."""
        return negotiate(None if self.language is None else self.language.decode("latin-1"))

    async def problem(self, problem: Problem, *, hold: bool = False) -> None:
        """Answer with a problem. With `hold` the answer is complete to the client, but its connection stays until `end`."""
        response = problem_response(problem, self.locale, self.request_id)
        await self({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
        await self({"type": "http.response.body", "body": response.body, "more_body": hold})

    async def empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": b""})

    async def end(self) -> None:
        """Let go of a connection that was held."""
        await self({"type": "http.response.body", "body": b""})

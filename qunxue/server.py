"""ASGI servers inside our own event loop: started together, stopped together, in order."""

import asyncio
import contextlib
import resource
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.connections import EXTENSION, Connection
from chassis.ids import new_id
from chassis.locale import DEFAULT
from chassis.problems import BAD_REQUEST, problem_response
from chassis.waking import asleep

GRACE_SECONDS = 8
"""How long requests in flight may take after a stop; with the worker's 10 s this stays under 15 s, as they overlap."""

DATE_SECONDS = 1.0
SWITCH_SECONDS = 0.001
"""How long a thread may keep Python's lock when the event loop wants it; Python's own 5 ms would be waited for at each step of a request."""


class Http(HttpToolsProtocol):
    """uvicorn's parser, for which what follows a body in chunks is no header, and which answers with a problem what is no HTTP.

    uvicorn adds trailers to the headers that the application has already, too late for whoever checked them at a proxy.
    """

    _complete = False
    _connection: Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See uvicorn."""
        super().connection_made(transport)
        self._connection = Connection(transport)

    def on_message_begin(self) -> None:
        """See uvicorn."""
        self._complete = False
        super().on_message_begin()
        extensions: Any = {EXTENSION: self._connection}
        self.scope["extensions"] = extensions

    def shutdown(self) -> None:
        """See uvicorn, which waits for answers under way. Those that would go on for hours are told."""
        super().shutdown()
        if self._connection.stopping is not None:
            self._connection.stopping()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See uvicorn."""
        if not self._complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See uvicorn."""
        self._complete = True
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """See uvicorn, which answers in plain text. No application has seen the request, nor is its language known."""
        answer = problem_response(
            BAD_REQUEST("This is no valid HTTP.", "不是有效的 HTTP 请求。"), DEFAULT, new_id().hex
        )
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()


def allow_many_files() -> None:
    """Let this process open as many connections as the system grants it: the usual 1,024 are fewer than a gateway's streams."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class CannotListen(RuntimeError):
    """The address is taken, or not ours."""


def check_free(host: str, port: int) -> None:
    """Raise `CannotListen` before anything starts, if the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError as error:
            raise CannotListen(f"nothing can listen on {host}:{port}: {error.strerror or error}") from None


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process has one place that decides when to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def main_loop(self) -> None:
        """Uvicorn's own wakes ten times a second. Ours wakes for the date in the answers' heads, and when it is to end."""
        while not await self.on_tick(0):
            await asleep(DATE_SECONDS, self._ending)

    async def until(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, then let requests in flight finish."""
        sys.setswitchinterval(SWITCH_SECONDS)
        allow_many_files()
        serving = asyncio.create_task(self.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if serving.done():
            # It could not bind, or a lifespan failed: whoever waits for `stop` must not wait for ever.
            stop.set()
        self.should_exit = True
        self._ending.set()
        await serving


def server(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, uds: Path | None = None, lifespan: bool = True
) -> Server:
    """A server for one application on a port or a Unix socket."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            uds=str(uds) if uds else None,
            http=Http,
            lifespan="on" if lifespan else "off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=30,
            backlog=2048,
        )
    )

"""What our server tells an application of the connection that a request came by, beside what ASGI says."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any, Final

EXTENSION: Final = "qunxue.connection"
"""Where it stands in `scope["extensions"]`."""

UNANSWERED_MS: Final = 30_000
"""After so long without a sign of life from the other side, while something was sent, the system gives the connection up."""
SENT_AHEAD_BYTES: Final = 32 * 1024
"""What the system keeps for a reader; left alone it grows to megabytes."""


class Connection:
    """One connection: what waits to be sent on it, and what to call when the server begins to stop."""

    __slots__ = ("_transport", "stopping")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.stopping: Callable[[], None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that were written and that the system has not taken yet."""
        return self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """End it at once; what waits is thrown away."""
        self._transport.abort()

    def stay_open(self) -> None:
        """Make it fit to be open for hours: little is kept for a slow reader, and one who has vanished is noticed."""
        sock = self._transport.get_extra_info("socket")
        if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD_BYTES)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)


def connection_of(scope: Any) -> Connection | None:
    """The connection of a request; None where another server than ours took it."""
    found: Connection | None = scope.get("extensions", {}).get(EXTENSION)
    return found

"""Building kafka-python's clients, which connect in their constructors.

What cannot be connected leaves a thread and sockets behind there (3.0.12), and so does a client that is closed while it still has something
to send. Tried again and again while a broker is away, these would be all that a process may have; so they are closed here.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.net.transport import KafkaTCPTransport

Client = TypeVar("Client")


def built(make: Callable[..., Client], **settings: Any) -> Client:
    """A client. Where its constructor raises, what it had opened is closed."""
    opened: list[Any] = []

    def remembered(**config: Any) -> Any:
        opened.append(KafkaNetClient(**config))
        return opened[-1]

    try:
        return make(**settings, kafka_client=remembered)
    except BaseException:
        for one in opened:
            with suppress(Exception):
                one.close()
        raise


_connect = KafkaNetSocket.sock_connect


async def _or_close(self: Any, net: Any, sock: Any, *address: Any, **limits: Any) -> Any:
    try:
        return await _connect(self, net, sock, *address, **limits)
    except BaseException:
        sock.close()
        raise


KafkaNetSocket.sock_connect = _or_close


_write = KafkaTCPTransport._write_to_sock  # noqa: SLF001 - there is no other place


async def _or_close_too(self: Any) -> None:
    """A transport that was closed closes its socket when it has sent what it has; so it must when it is not let to."""
    try:
        await _write(self)
    except BaseException:
        self._write_task = None
        if self._closed:
            self._close()
        raise


KafkaTCPTransport._write_to_sock = _or_close_too  # noqa: SLF001

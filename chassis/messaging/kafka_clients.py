"""Building kafka-python's clients, which connect in their constructors.

What cannot be connected leaves a thread and sockets behind there (3.0.12). Tried again and again while a broker is away, these would be
all that a process may have; so they are closed here.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

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

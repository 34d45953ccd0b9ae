"""What a name of a machine stands for, asked in threads of its own.

The system's resolver may wait for many seconds, and cannot be told to stop. Names that people wrote down must keep nothing else waiting
meanwhile: not what runs in the threads that all share, and not the end of the process.
"""

import asyncio
import socket
from contextlib import suppress
from threading import Thread
from typing import Any, Final

MOST: Final = 100
"""How many names are asked for at a time; who comes then is told that theirs was not found."""

_Asked = tuple[asyncio.AbstractEventLoop, str, int]
_coming: dict[_Asked, "asyncio.Future[list[str] | Exception]"] = {}


async def addresses_of(host: str, port: int) -> list[str]:
    """All that a name stands for; who asks for the same meanwhile is told the same. Raises `OSError`, `UnicodeError`."""
    loop = asyncio.get_running_loop()
    asked = (loop, host, port)
    coming = _coming.get(asked)
    if coming is None:
        if len(_coming) >= MOST:
            raise OSError("too many names are being looked up")
        coming = _coming[asked] = loop.create_future()
        Thread(target=_ask, args=(asked,), name="lookup", daemon=True).start()
    # Who gives up does not take it from the others.
    found = await asyncio.shield(coming)
    if isinstance(found, Exception):
        raise found
    return found


def _ask(asked: _Asked) -> None:
    loop, host, port = asked
    found: list[str] | Exception
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        found = error
    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(_say, asked, found)


def _say(asked: _Asked, found: Any) -> None:
    _coming.pop(asked).set_result(found)

"""A server of the tests in a thread of its own: for a product that is another process, and a test without a loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from tests.support.waiting import PATIENCE

T = TypeVar("T")


@contextmanager
def beside(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What it gives, while it runs there."""
    given: list[T] = []
    up, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with server as one:
            given.append(one)
            up.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert up.wait(timeout=PATIENCE), "it does not come up"
        yield given[0]
    finally:
        over.set()
        thread.join()

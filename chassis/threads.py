"""A thread of our own for a library that blocks."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class WorkerThread:
    """Runs calls one after the other in one daemon thread.

    A ThreadPoolExecutor would be waited for at exit, and a broker that never answers would keep the process from ending.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, call: Callable[[], ResultT]) -> asyncio.Future[ResultT]:
        """The result of `call`, made in the thread. Cancelling stops the waiting, not the call."""
        future: asyncio.Future[ResultT] = self._loop.create_future()
        self._calls.put((call, future))
        return future

    def stop(self) -> None:
        """End the thread after what is queued; does not wait."""
        self._calls.put(None)

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            call, future = item
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
                self._settle(future, None, error)
            else:
                self._settle(future, result, None)

    def _settle(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        def settle() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        # The loop may have ended while the call was still running.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(settle)

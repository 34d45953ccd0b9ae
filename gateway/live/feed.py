"""One reader of membership's feed of changes for all streams of this process: it starts with the first and ends with the last."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import httpx
import orjson

from gateway.live.frames import Change, Place, change_of, id_of, place_of

PATH: Final = "/internal/notifications/feed"
WAIT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 4.0
PACE_SECONDS: Final = 0.02
"""After each answer: what comes in quick succession comes together, and a service that does not wait is not asked without end."""

log = logging.getLogger("qunxue.gateway")

Ask = Callable[[str, float], Awaitable[httpx.Response]]
"""A GET of membership with the gateway's own token, and how many seconds its answer may take."""


class Feed:
    """Follows what changes in all inboxes. Where membership is away it goes on later from where it was."""

    def __init__(self, ask: Ask, tell: Callable[[UUID, Change], None], reset: Callable[[Place], None]) -> None:
        self._ask = ask
        self._tell = tell
        self._reset = reset
        self._task: asyncio.Task[None] | None = None
        self._known = asyncio.Event()
        self.place: Place = (0, 0)
        """Up to where everything was told."""
        self.heard_at = 0.0
        """When membership last answered, by `time.monotonic`."""

    @property
    def running(self) -> bool:
        """Whether anybody reads."""
        return self._task is not None

    def start(self) -> None:
        """Begin to follow, from where all ends now."""
        if self._task is None:
            self._known.clear()
            self._task = asyncio.create_task(self._follow(), name="gateway-feed")

    async def stop(self) -> None:
        """End following."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def began(self) -> Place:
        """The place from which on everything is told, as soon as that is known."""
        await self._known.wait()
        return self.place

    async def missed(self, person_id: UUID, place: Place) -> tuple[list[Change], Place | None]:
        """What changed for a person behind a place. If that cannot be said any more, nothing, and the place where all ends now.

        Raises what `_read` raises.
        """
        body = await self._read(f"{PATH}?after={id_of(place)}&person_id={person_id}", ANSWER_SECONDS)
        if body["reset"]:
            return [], _place(body["next"])
        return [change_of(item) for item in body["items"]], None

    async def _follow(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._once()
                pause = FIRST_PAUSE
                await asyncio.sleep(PACE_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is: who stopped asking would tell nobody anything any more
                log.warning("the feed of notifications was not read", extra={"error": type(error).__name__})
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _once(self) -> None:
        if not self._known.is_set():
            body = await self._read(PATH, ANSWER_SECONDS)
            self.place = _place(body["next"])
            self._known.set()
        path = f"{PATH}?after={id_of(self.place)}&wait_seconds={WAIT_SECONDS:g}"
        body = await self._read(path, WAIT_SECONDS + ANSWER_SECONDS)
        if body["reset"]:
            self.place = _place(body["next"])
            self._reset(self.place)
            return
        for item in body["items"]:
            change = change_of(item)
            self._tell(UUID(item["person_id"]), change)
            self.place = change.place

    async def _read(self, path: str, seconds: float) -> Any:
        """Raises `httpx.HTTPError`, `OSError`, `LookupError`, `ValueError` or a `Problem` when it cannot."""
        response = await self._ask(path, seconds)
        response.raise_for_status()
        self.heard_at = time.monotonic()
        return orjson.loads(response.content)


def _place(text: str) -> Place:
    place = place_of(text)
    if place is None:
        raise ValueError("no place")
    return place

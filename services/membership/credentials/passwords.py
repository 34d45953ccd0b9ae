"""Password hashes: argon2id in two threads of their own, a short queue before them, and the same time for everybody."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from chassis.problems import UNAVAILABLE
from services.membership.credentials.rules import as_compared

THREADS = 2
PRIORITY = 5
"""A third of the weight of an ordinary thread, where all processors are busy."""
QUEUE = 32
"""Hashes take some 20 ms each: a full queue means a wait of a third of a second; beyond it, 503."""

Result = TypeVar("Result")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$OhHRKfra9eO9TvBh9/nn6Q$TjXESL6CzBeIWKbu+lQyPjrpKEdjKK2D4ifhFDGhx0k"
"""The hash of a random password with the same parameters, to compare with if there is no account."""


class PasswordHashing:
    """Hashes and verifies away from the event loop, at most two at once (38 MiB), so that log-ins cannot starve the rest."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords", initializer=_give_way)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises `UNAVAILABLE` when too many wait."""
        return await self._run(lambda: _hasher.hash(as_compared(password)))

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether the password is right. Takes equally long if there is no account. Raises `UNAVAILABLE`."""
        found = await self._run(lambda: _matches(password, kept or NOBODYS))
        return found and kept is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= THREADS + QUEUE:
            raise UNAVAILABLE("Too many people are logging in at once.", "同时登录的人过多。", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _give_way() -> None:
    """Let whoever else wants a processor have it first: a hash computes without Python's lock, on any processor that is free."""
    # Only Linux knows a priority for a single thread.
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(PRIORITY, os.getpriority(os.PRIO_PROCESS, thread)))


def _matches(password: str, kept: str) -> bool:
    try:
        return _hasher.verify(kept, as_compared(password))
    except (Argon2Error, InvalidHashError):
        return False


hashing = PasswordHashing()

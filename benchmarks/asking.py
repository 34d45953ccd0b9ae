"""Processes that ask a server: nothing of the product is imported, so that they start quickly and take little of the machine."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

AT_ONCE = 16
"""Connections of each process."""
PAUSE_SECONDS, LOOK_SECONDS = 0.5, 0.1


@dataclass
class Answers:
    """How long requests took, in seconds, and what they were answered."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Answers") -> None:
        self.seconds += other.seconds
        self.statuses += other.statuses

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return sorted(self.seconds)[math.ceil(len(self.seconds) * 0.99) - 1] * 1000

    def told(self) -> str:
        """How many of each status."""
        return ", ".join(f"{number} × {status}" for status, number in sorted(self.statuses.items()))


def ask_at_once(url: str, method: str, path: str, bodies: Sequence[tuple[str, Any]]) -> Answers:
    """Requests that all come at once, each with its token and body."""
    answers, waiting = Answers(), iter(bodies)

    async def one(client: httpx.AsyncClient) -> None:
        for token, body in waiting:
            began = time.perf_counter()
            answer = await client.request(method, path, json=body, headers={"Authorization": token})
            answers.seconds.append(time.perf_counter() - began)
            answers.statuses[answer.status_code] += 1

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(one(client) for _ in range(AT_ONCE)))

    asyncio.run(all_of_them())
    return answers


def buy(url: str, tokens: Sequence[str], body: dict[str, Any], seconds: float) -> Answers:
    """Members who ask for a reward that there is enough of, at their own pace."""
    answers = Answers()

    async def one(number: int, token: str, client: httpx.AsyncClient) -> None:
        end = time.monotonic() + seconds
        await asyncio.sleep(PAUSE_SECONDS * number / len(tokens))
        while time.monotonic() < end:
            began = time.perf_counter()
            answer = await client.post("/v1/redemptions", json=body, headers={"Authorization": token})
            answers.seconds.append(time.perf_counter() - began)
            answers.statuses[answer.status_code] += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            await asyncio.gather(*(one(number, token, client) for number, token in enumerate(tokens)))

    asyncio.run(all_of_them())
    return answers


def rush(url: str, wanted: Sequence[tuple[str, Any]], after: float) -> Answers:
    """All who ask at once for a reward, after a while."""
    time.sleep(after)
    return ask_at_once(url, "POST", "/v1/redemptions", wanted)


def look(url: str, token: str, path: str, began: str, stop: str) -> Answers:
    """A member who looks at their wallet ten times a second, until a file is there; another is, once they have begun."""
    answers = Answers()
    with httpx.Client(base_url=url, timeout=60, trust_env=False, headers={"Authorization": token}) as client:
        while not Path(stop).exists():
            asked = time.perf_counter()
            answers.statuses[client.get(path).status_code] += 1
            answers.seconds.append(time.perf_counter() - asked)
            Path(began).touch()
            time.sleep(LOOK_SECONDS)
    return answers

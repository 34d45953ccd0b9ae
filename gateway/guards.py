"""What keeps one ailing service from taking the gateway with it: breaker, bulkhead, retry budget. One of each a service."""

import math
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import Counter, Gauge

from gateway.problems import OVERLOADED, SERVICE_UNAVAILABLE
from gateway.shares import Shares

RETRIES = Counter("qunxue_gateway_retries", "Reads sent a second time", ["service"])
BREAKER_OPEN = Gauge("qunxue_gateway_breaker_open", "1 while a service is not asked because it failed", ["service"])

MOST_IN_FLIGHT = 256
MOST_EACH = 32
UPLOADS_IN_FLIGHT = 16
UPLOADS_EACH = 2
"""Files arrive as slowly as their sender likes, so they have places of their own."""
FAILURES_TO_OPEN = 5
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 4.0
"""One request in so many seconds costs an ailing service nothing, and one that is back is asked again soon."""
BUDGET = 10.0
BUDGET_PER_REQUEST = 0.1


class Guard:
    """The present health of one service as the gateway sees it.

    Five failures in a row (not reached, broken off, no answer in time) open the breaker: for a second, doubling up to 4 s, requests
    are refused at once. Then one is let through to see. Slow requests that one caller sends at the same time count as one failure.
    """

    def __init__(
        self, service: str, *, clock: Callable[[], float] = time.monotonic, most_in_flight: int = MOST_IN_FLIGHT
    ) -> None:
        self.service = service
        self._clock = clock
        self._slots = Shares(most_in_flight, MOST_EACH, used_up=OVERLOADED)
        self._uploads = Shares(UPLOADS_IN_FLIGHT, UPLOADS_EACH, used_up=OVERLOADED)
        self._slow: dict[Hashable, float] = {}
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._closed_until = 0.0
        self._probing = False
        self._budget = BUDGET

    @property
    def in_flight(self) -> int:
        """How many requests are with the service."""
        return self._slots.taken + self._uploads.taken

    @property
    def state(self) -> Literal["closed", "open", "half_open"]:
        """`open` refuses, `half_open` waits for the one request that tries."""
        if self._failures < FAILURES_TO_OPEN:
            return "closed"
        return "open" if self._clock() < self._closed_until else "half_open"

    @contextmanager
    def request(self, caller: Hashable | None = None, *, upload: bool = False) -> Iterator[None]:
        """Room for one request.

        Raises `SERVICE_UNAVAILABLE` while the breaker is open, `OVERLOADED` when there is no room, `RATE_LIMITED` when the caller
        takes more of it than their share.
        """
        trying = self._failures >= FAILURES_TO_OPEN
        if trying and (self._probing or self._clock() < self._closed_until):
            wait = max(1, round(self._closed_until - self._clock()))
            raise SERVICE_UNAVAILABLE(service=self.service, retry_after=wait)
        slots = self._uploads if upload else self._slots
        slots.take(caller)
        self._budget = min(BUDGET, self._budget + BUDGET_PER_REQUEST)
        self._probing = trying
        try:
            yield
        finally:
            slots.give_back(caller)
            if trying:
                self._probing = False

    def may_retry(self) -> bool:
        """Take one retry from the budget, which a tenth of the requests may use: a dead service is not asked twice as often."""
        if self._budget < 1:
            return False
        self._budget -= 1
        RETRIES.labels(self.service).inc()
        return True

    def answered(self) -> None:
        """The service answered, whatever it said."""
        if self._failures:
            self._failures = 0
            self._slow.clear()
            self._pause = FIRST_PAUSE
            BREAKER_OPEN.labels(self.service).set(0)

    def too_slow(self, caller: Hashable, seconds: float) -> None:
        """A request ran out of time. Those that one caller sent at the same time count as one failure."""
        now = self._clock()
        if now - seconds >= self._slow.get(caller, -math.inf):
            self._slow[caller] = now
            self.failed()

    def failed(self) -> None:
        """It was not reached, broke off, or let the time pass."""
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            self._closed_until = self._clock() + self._pause
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            BREAKER_OPEN.labels(self.service).set(1)

"""How often a caller may ask, counted by each gateway replica for itself.

Sliding windows: what was counted in the minute before weighs as much of it as still lies within the last 60 s. That is two numbers
a caller, one addition a request, and at no time more than the limit in any minute, but for the assumption that the minute before
was even.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from chassis.problems import RATE_LIMITED, Problem
from chassis.security.caller import Caller
from chassis.settings import Settings
from gateway.headers import Headers

WINDOW_SECONDS = 60
MOST_KEYS = 50_000
"""The callers counted separately in a minute. Further ones share one count, so inventing addresses gains nothing."""

OVERFLOW = "…"
_ROUNDING = 1e-6

LOGIN_PATHS = frozenset({b"/v1/sessions", b"/v1/tokens", b"/v1/activations", b"/v1/password-resets"})


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request may pass, and what its caller is told."""

    allowed: bool
    remaining: int
    reset: int
    """Seconds until there is room again: for one request after a refusal, else for all of them."""


class Window:
    """One limit. O(1) a request; never more than two minutes' callers in memory."""

    def __init__(
        self, name: str, limit: int, *, clock: Callable[[], float] = time.monotonic, most_keys: int = MOST_KEYS
    ) -> None:
        self.name = name
        self.limit = limit
        self.policy = f'"{name}";q={limit};w={WINDOW_SECONDS}'
        self._clock = clock
        self._most = most_keys
        self._index = 0
        self._current: dict[object, int] = {}
        self._previous: dict[object, int] = {}

    def take(self, key: object) -> Decision:
        """Count one request of this caller, unless they have none left."""
        index, into = divmod(self._clock(), WINDOW_SECONDS)
        if index != self._index:
            self._previous = self._current if index == self._index + 1 else {}
            self._current = {}
            self._index = int(index)
        if key not in self._current and len(self._current) >= self._most:
            key = OVERFLOW
        current, previous = self._current.get(key, 0), self._previous.get(key, 0)
        used = current + previous * (1 - into / WINDOW_SECONDS)
        if used + 1 > self.limit + _ROUNDING:
            return Decision(False, 0, self._wait(current, previous, into))
        self._current[key] = current + 1
        return Decision(True, max(0, int(self.limit - used - 1)), math.ceil(WINDOW_SECONDS - into))

    def _wait(self, current: int, previous: int, into: float) -> int:
        """Seconds until one more request fits."""
        if current < self.limit:
            weight = (self.limit - 1 - current) / previous
            moment = WINDOW_SECONDS * (1 - weight)
        else:
            moment = WINDOW_SECONDS * (1 + 1 - (self.limit - 1) / current)
        return max(1, math.ceil(moment - into - _ROUNDING))


class Limits:
    """The installation's limits: by person, by service account, and for log-ins by address."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._person = Window("person", settings.person_requests_per_minute, clock=clock)
        self._service = Window("service", settings.service_requests_per_minute, clock=clock)
        self._login = Window("login", settings.logins_per_minute, clock=clock)

    def check(self, caller: Caller | None, *, logging_in: bool, address: str) -> Headers:
        """Count a request and return the headers that tell what is left. Raises `RATE_LIMITED`."""
        headers: Headers = []
        if logging_in:
            headers += self._count(self._login, address)
        if caller is not None:
            headers += self._count(self._person if caller.kind == "person" else self._service, caller.id)
        return headers

    def _count(self, window: Window, key: object) -> Headers:
        decision = window.take(key)
        if not decision.allowed:
            raise _refused(window, decision)
        return [
            (b"ratelimit", f'"{window.name}";r={decision.remaining};t={decision.reset}'.encode()),
            (b"ratelimit-policy", window.policy.encode()),
        ]


def is_login(method: str, raw_path: bytes) -> bool:
    """Whether a request tries a secret: a log-in, a code, a password reset. Refreshing a session does not count."""
    if method != "POST":
        return False
    return raw_path in LOGIN_PATHS or (raw_path.startswith(_BELOW) and raw_path != REFRESH)


REFRESH = b"/v1/sessions/refresh"
_BELOW = tuple(path + b"/" for path in LOGIN_PATHS)


def _refused(window: Window, decision: Decision) -> Problem:
    return RATE_LIMITED(
        retry_after=decision.reset,
        headers={
            "RateLimit": f'"{window.name}";r=0;t={decision.reset}',
            "RateLimit-Policy": window.policy,
        },
        policy=window.name,
    )

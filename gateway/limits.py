"""How often a caller may ask, counted by each gateway replica for itself.

Sliding windows: what was counted in the minute before weighs as much of it as still lies within the last 60 s. That is two numbers
a caller, one addition a request, and at no time more than the limit in any minute, but for the assumption that the minute before
was even.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from chassis.problems import NOT_FOUND, RATE_LIMITED, Problem
from chassis.security.caller import Caller
from chassis.settings import Settings
from gateway.headers import Headers

WINDOW_SECONDS = 60
MOST_KEYS = 50_000
"""The callers counted separately in a minute. Further ones share one count, so inventing addresses gains nothing."""

OVERFLOW = "…"
_ROUNDING = 1e-6

SUCCESS_WEIGHS: Final = 0.1
"""What a log-in that succeeded counts, against 1 for one that failed: many people share an office's address, and each logs in."""
TRIES_AT_ONCE: Final = 16
"""From one address. Further ones wait until it is known how these end."""
LONGEST_WAIT_SECONDS: Final = 8.0
MOST_WAITING: Final = 200
"""Of one address; further ones are refused."""

CALENDARS: Final = b"/v1/calendars/"
FEEDS: Final = CALENDARS + b"feeds/"
"""What is behind it is a secret link."""
LONGEST_LINK: Final = 64
LINKS_PER_MINUTE: Final = 3
"""So many links to one's calendar somebody makes: each has reads of its own, and takes those of the one before away."""

SERIALS: Final = b"/v1/certificates/serials/"
"""Whoever has what is behind it verifies a certificate: it is not guessed."""
SERIALS_PER_MINUTE: Final = 30
"""So many that are none are tried from one address; one that is counts a tenth."""

TICKETS_PER_MINUTE: Final = 600
"""So many that are no tickets for a stream are tried from one address: none is guessed, but each costs a look."""

LOGIN_PATHS = frozenset({b"/v1/sessions", b"/v1/tokens", b"/v1/activations", b"/v1/password-resets"})
INVITATION: Final = b"/v1/invitations/accept"
"""Who has the link of an invitation becomes a member by it."""


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
        self._current: dict[object, float] = {}
        self._previous: dict[object, float] = {}

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

    def give_back(self, key: object, amount: float) -> None:
        """Count a request that was taken as less than one."""
        for counts in (self._current, self._previous):
            for counted in (key, OVERFLOW):
                if counts.get(counted, 0) >= amount:
                    counts[counted] -= amount
                    return

    def forget(self, key: object) -> None:
        """Count nothing of this caller, who was none."""
        self._current.pop(key, None)
        self._previous.pop(key, None)

    def _wait(self, current: float, previous: float, into: float) -> int:
        """Seconds until one more request fits."""
        if current <= self.limit - 1:
            weight = (self.limit - 1 - current) / previous
            moment = WINDOW_SECONDS * (1 - weight)
        else:
            moment = WINDOW_SECONDS * (1 + 1 - (self.limit - 1) / current)
        return max(1, math.ceil(moment - into - _ROUNDING))


class Tries:
    """Log-ins by address. Failures count whole, successes a tenth; how one ends is known afterwards, so few are tried at once."""

    def __init__(self, limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.window = Window("login", limit, clock=clock)
        self._trying: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def begin(self, address: str) -> Decision:
        """Count one more, after those that are being tried if they leave no room. Whoever was allowed must `end`."""
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                return await self._take(address)
        except TimeoutError:
            return Decision(False, 0, 1)

    async def _take(self, address: str) -> Decision:
        while True:
            trying = self._trying.get(address, 0)
            if trying < TRIES_AT_ONCE:
                decision = self.window.take(address)
                if decision.allowed:
                    self._trying[address] = trying + 1
                    return decision
                if not trying:
                    return decision
            waiting = self._waiting.setdefault(address, deque())
            if len(waiting) >= MOST_WAITING:
                return Decision(False, 0, 1)
            turn = asyncio.get_running_loop().create_future()
            waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake(address)
                raise
            finally:
                self._forget(address, turn)

    def end(self, address: str, *, succeeded: bool) -> None:
        """One that was begun is over."""
        if succeeded:
            self.window.give_back(address, 1 - SUCCESS_WEIGHS)
        left = self._trying[address] - 1
        if left:
            self._trying[address] = left
        else:
            del self._trying[address]
        self._wake(address, everybody=not left)

    def _wake(self, address: str, *, everybody: bool = False) -> None:
        """The next one, or all of them where nobody else would: they find out whether there is room."""
        for turn in self._waiting.get(address, ()):
            if not turn.done():
                turn.set_result(None)
                if not everybody:
                    return

    def _forget(self, address: str, turn: "asyncio.Future[None]") -> None:
        waiting = self._waiting.get(address)
        if waiting is not None and turn in waiting:
            waiting.remove(turn)
            if not waiting:
                del self._waiting[address]


class Limits:
    """The installation's limits: by person, by service account, by link of a calendar, and for log-ins by address."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._person = Window("person", settings.person_requests_per_minute, clock=clock)
        self._service = Window("service", settings.service_requests_per_minute, clock=clock)
        self._feed = Window("calendar", settings.calendar_requests_per_minute, clock=clock)
        self._links = Window("calendar-link", LINKS_PER_MINUTE, clock=clock)
        self._serials = Window("serial", SERIALS_PER_MINUTE, clock=clock)
        self._tickets = Window("stream-ticket", TICKETS_PER_MINUTE, clock=clock)
        self._tries = Tries(settings.logins_per_minute, clock=clock)

    def check(self, caller: Caller | None) -> Headers:
        """Count a request and return the headers that tell what is left. Raises `RATE_LIMITED`."""
        if caller is None:
            return []
        window = self._service if caller.kind == "service" else self._person
        return _told(window, window.take(caller.id))

    def check_feed(self, link: bytes) -> Headers:
        """The same for a calendar that is read by its link: those who host calendars read many from one address."""
        return _told(self._feed, self._feed.take(link))

    def check_new_link(self, caller: Caller | None) -> Headers:
        """The same for a new link to one's calendar, or whoever renews it before each read would read without end."""
        return [] if caller is None else _told(self._links, self._links.take(caller.id))

    def end_feed(self, link: bytes, status: int) -> None:
        """How that ended. What is no link is not counted, or links that somebody invents would use up the room of those that are."""
        if status == NOT_FOUND.status:
            self._feed.forget(link)

    def check_serial(self, raw_path: bytes, address: str) -> Headers:
        """The same for a serial of a certificate, by address: nobody who asks need say who they are. Other paths are not counted."""
        return [] if not tries_serial(raw_path) else _told(self._serials, self._serials.take(address))

    def end_serial(self, raw_path: bytes, address: str, status: int) -> None:
        """How that ended: one that is there was no guess."""
        if 200 <= status < 300 and tries_serial(raw_path):
            self._serials.give_back(address, 1 - SUCCESS_WEIGHS)

    def begin_ticket(self, address: str) -> None:
        """Count a ticket for a stream that is tried. Raises `RATE_LIMITED`."""
        _told(self._tickets, self._tickets.take(address))

    def end_ticket(self, address: str) -> None:
        """It was one: an office's people come back all at once."""
        self._tickets.give_back(address, 1)

    async def begin_login(self, address: str) -> Headers:
        """The same for a try to log in, which `end_login` ends."""
        return _told(self._tries.window, await self._tries.begin(address))

    def end_login(self, address: str, *, succeeded: bool) -> None:
        """How a try ended that was begun."""
        self._tries.end(address, succeeded=succeeded)


def is_login(method: str, raw_path: bytes) -> bool:
    """Whether a request tries a secret: a log-in, a code of ours or of a provider's, a password reset, the link of an invitation.

    However the letters of the path are written. Refreshing a session does not count.
    """
    path = unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path
    if path.startswith(_PROVIDERS):
        return path.endswith(_PROVES[method]) if method in _PROVES else False
    if method != "POST":
        return False
    return path in LOGIN_PATHS or path == INVITATION or (path.startswith(_BELOW) and path != REFRESH)


def proves_something(raw_path: bytes) -> bool:
    """Whether success says that the secret was right. Whoever asks for a reset of a password is answered alike."""
    return raw_path != b"/v1/password-resets"


def proves_client(method: str, raw_path: bytes) -> bool:
    """Whether a program may say here by HTTP Basic who it is."""
    return method == "POST" and raw_path == b"/v1/tokens"


def feed_in(method: str, raw_path: bytes) -> bytes | None:
    """The link of a calendar that a request reads, however its letters are written."""
    if method not in {"GET", "HEAD"} or not raw_path.startswith(CALENDARS):
        return None
    path = unquote_to_bytes(raw_path)
    return path[len(FEEDS) :][:LONGEST_LINK].removesuffix(b".ics") if path.startswith(FEEDS) else None


def tries_serial(raw_path: bytes) -> bool:
    """Whether a request asks for a certificate by its serial, however the letters of the path are written."""
    return raw_path.startswith(b"/v1/") and unquote_to_bytes(raw_path).startswith(SERIALS)


def makes_link(method: str, raw_path: bytes) -> bool:
    """Whether a request makes a link to a calendar."""
    return method == "POST" and raw_path == CALENDARS.rstrip(b"/")


REFRESH = b"/v1/sessions/refresh"
_PROVIDERS = b"/v1/providers/"
_PROVES = {"GET": b"/callback", "POST": b"/sessions"}
"""Where somebody comes back with a code of a provider's, and where an app shows one of ours."""
_BELOW = tuple(path + b"/" for path in LOGIN_PATHS)


def _told(window: Window, decision: Decision) -> Headers:
    if not decision.allowed:
        raise _refused(window, decision)
    return [
        (b"ratelimit", f'"{window.name}";r={decision.remaining};t={decision.reset}'.encode()),
        (b"ratelimit-policy", window.policy.encode()),
    ]


def _refused(window: Window, decision: Decision) -> Problem:
    return RATE_LIMITED(
        retry_after=decision.reset,
        headers={
            "RateLimit": f'"{window.name}";r=0;t={decision.reset}',
            "RateLimit-Policy": window.policy,
        },
        policy=window.name,
    )

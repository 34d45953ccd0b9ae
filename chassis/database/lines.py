"""Who wants a row that another request is changing gives back their connection and waits in line, in this process.

A request that waits inside the database keeps a connection, and a few dozen that want one row would keep all of them. So a request
takes a turn at a row before the statement that locks it. Two have one, so that the second is ready when the first has committed. For any
other `RowTaken` is raised: the unit of work is undone, the request waits without a connection and runs again. What only the database
knows (another process, a foreign key) is waited for there, for a moment; then its waiters stand in line as well.

SQLite has one writer and needs none of this; nor do workers, which have few transactions at a time.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from chassis.database.errors import is_locked_row
from chassis.patience import patience_ends
from chassis.problems import UNAVAILABLE, Problem

Result = TypeVar("Result")

TURNS = 2
"""How many connections one row may take in this process: one that changes it, and one that waits for that."""
STILL_SECONDS = 4.0
"""The longest wait in a line that does not move. In one that does, a request waits as long as it may in all (`chassis.patience`)."""

_visit: ContextVar["Visit | None"] = ContextVar("visit", default=None)


class RowTaken(Exception):
    """Others have what this request wants; `refusal` is the answer if it does not come free, `turns` how many may have it at once."""

    def __init__(self, key: Hashable, refusal: Problem | None = None, turns: int = TURNS) -> None:
        super().__init__()
        self.key = key
        self.turns = turns
        self.refusal = refusal or UNAVAILABLE(
            "Another request is changing the same thing.", "另一请求正在更改同一内容。", retry_after=1
        )


class _Line:
    """How many have a turn, and those behind them, each with a future: True for a turn, False for a refusal."""

    def __init__(self) -> None:
        self.turns = 0
        self.moved = 0.0
        self.behind: deque[asyncio.Future[bool]] = deque()


class Lines:
    """The lines of one service in this process, by what is waited for."""

    def __init__(self, *, needed: bool = True) -> None:
        self._needed = needed
        self.of: dict[Hashable, _Line] = {}

    async def run(self, unit: Callable[[], Awaitable[Result]]) -> Result:
        """Run a unit of work, from its beginning again each time it had to wait for something.

        Raises the refusal of `RowTaken` if that takes too long.
        """
        if not self._needed:
            return await unit()
        visit = Visit(self)
        before = _visit.set(visit)
        try:
            while True:
                try:
                    return await unit()
                except RowTaken as taken:
                    await visit.wait_for(taken)
                except DBAPIError as error:
                    if not is_locked_row(error):
                        raise
                    await visit.wait_for(RowTaken(_what_was_wanted(error)))
        finally:
            _visit.reset(before)
            visit.leave()


class Visit:
    """One unit of work, with the turns that it has. They end with it, not with the transactions that it undoes while it waits."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.patient = False
        """Whether its transactions wait longer than a moment in the database: only for the first in a line."""
        self._until: float | None = None
        self._mine: set[Hashable] = set()

    def take(self, wanted: RowTaken) -> None:
        """Take a turn. Raises `RowTaken` if others have them."""
        if wanted.key not in self._mine and not self._found_free(wanted.key, wanted.turns):
            raise wanted

    def _found_free(self, key: Hashable, turns: int) -> bool:
        line = self.lines.of.setdefault(key, _Line())
        if line.turns == turns:
            return False
        line.turns += 1
        self._mine.add(key)
        return True

    async def wait_for(self, taken: RowTaken) -> None:
        """Wait for a turn. Whoever has one and still found the row locked waits in the database, once.

        Raises the refusal after that, for everybody in the line, and for this visit alone when its time is over.
        """
        if taken.key in self._mine:
            if self.patient:
                self._refuse_behind(taken.key)
                raise taken.refusal from taken
            self.patient = True
            return
        self.patient = True
        if not self._found_free(taken.key, taken.turns) and not await self._stood_in(
            self.lines.of[taken.key], taken.key
        ):
            raise taken.refusal from taken

    async def _stood_in(self, line: _Line, key: Hashable) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._until = self._until or patience_ends()
        turn: asyncio.Future[bool] = loop.create_future()
        line.behind.append(turn)
        try:
            while not turn.done():
                left = min(self._until, max(began, line.moved) + STILL_SECONDS) - loop.time()
                if left <= 0:
                    return False
                await asyncio.wait({turn}, timeout=left)
            return turn.result()
        finally:
            if not turn.done():
                line.behind.remove(turn)
            elif turn.result():
                self._mine.add(key)

    def _refuse_behind(self, key: Hashable) -> None:
        line = self.lines.of[key]
        while line.behind:
            line.behind.popleft().set_result(False)

    def leave(self) -> None:
        """Give every turn to the next in its line."""
        for key in self._mine:
            line = self.lines.of[key]
            if line.behind:
                line.moved = asyncio.get_running_loop().time()
                line.behind.popleft().set_result(True)
                continue
            line.turns -= 1
            if not line.turns:
                del self.lines.of[key]
        self._mine.clear()


@contextmanager
def taking(key: Hashable, refusal: Problem | None = None, *, turns: int = TURNS) -> Iterator[None]:
    """Around the statement that locks something: raises `RowTaken` if others have it. Outside of requests it does nothing."""
    visit = _visit.get()
    if visit is None:
        yield
        return
    wanted = RowTaken(key, refusal, turns)
    visit.take(wanted)
    try:
        yield
    except DBAPIError as error:
        if is_locked_row(error):
            raise wanted from error
        raise


def waits_a_moment_only() -> bool:
    """Whether a transaction that begins now should soon give up waiting for rows, since its unit of work can wait in line."""
    visit = _visit.get()
    return visit is not None and not visit.patient


def _what_was_wanted(error: DBAPIError) -> Hashable:
    """The line for a row that only the database could name: that of the same statement, or of whatever waits for the same table."""
    statement = error.statement or ""
    original: Any = getattr(error.orig, "__cause__", None) or error.orig
    found = re.search(r'tuple (\(\d+,\d+\)) in relation "([^"]+)"', getattr(original, "context", None) or "")
    place, table = found.groups() if found else (None, None)
    if statement.startswith("SELECT"):
        return statement, place if error.params is None else repr(error.params)
    return table or statement

"""How much one file may hold, and the meter that ends reading when it is more.

Each bound is far above what people fill in by hand or export from a directory, and low enough that one file takes neither
the memory nor the minutes of others.
"""

from collections.abc import Callable, Iterator
from time import thread_time
from typing import TypeVar

from chassis import budget
from chassis.tabular.problems import file_problem

Item = TypeVar("Item")

MAX_BYTES = 50 * 1024 * 1024
MAX_COLUMNS = 200
MAX_ROWS = 1_100_000
"""More than a sheet can have; empty ones count."""
MAX_LINE_CHARACTERS = 1024 * 1024
MAX_BAD_ROWS = 10_000
"""Rows with errors. Above this it is probably the wrong file, and a list of errors does not help."""
MAX_ERRORS_PER_ROW = 20
MAX_SECONDS = 120.0
_ROWS_BETWEEN_LOOKS = 16


class Meter:
    """The processor time that reading has taken: neither its rests count, nor what whoever asks for the rows does between them."""

    def __init__(self, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._spent = 0.0
        self._began: float | None = None

    def check(self) -> None:
        """Raises `TABLE_INVALID` once the time is used up, and `budget.CalledOff` when nobody wants the rows any more."""
        budget.check()
        running = 0.0 if self._began is None else self._clock() - self._began
        if self._spent + running > MAX_SECONDS:
            raise file_problem("too_long_to_read", limit=int(MAX_SECONDS))

    def over(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items, counting the time in which each is made, and no more of them than a table may have rows."""
        count = 0
        while True:
            self._began = self._clock()
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self._spent += self._clock() - self._began
                self._began = None
            count += 1
            if count > MAX_ROWS:
                raise file_problem("too_many_rows", limit=MAX_ROWS)
            if count % _ROWS_BETWEEN_LOOKS == 0:
                self.check()
            yield item

"""Which days a report is about, and what of a text names somebody. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

import ahocorasick

from chassis.days import day_began_at, local_day

Kind = Literal["weekly", "asked"]
Status = Literal["making", "ready", "failed"]
Form = Literal["html", "pdf"]

WEEK: Final = timedelta(days=7)
AT_SIX: Final = timedelta(hours=6)
"""So long after a community's Monday began its report is made: by then what was done on Sunday has mostly been told."""
LONGEST: Final = 366
"""Days."""
_SHORTEST_NAME: Final = 2
SOMEBODY: Final = "▇▇"
"""In place of a name: a report has none."""


def week_due(now: datetime, *, time_zone: str, day_starts_at: time) -> date:
    """The Monday of the latest week whose report is due, by the community's days."""
    today = local_day(now, time_zone=time_zone, day_starts_at=day_starts_at)
    monday = today - timedelta(days=today.weekday())
    began = day_began_at(monday, time_zone=time_zone, day_starts_at=day_starts_at)
    return monday - WEEK if now >= began + AT_SIX else monday - 2 * WEEK


def weekly_slot(monday: date) -> str:
    """What is there once for a week."""
    return f"weekly {monday.isoformat()}"


def asked_slot(starts_on: date, ends_on: date, *, compared: bool) -> str:
    """What is there once while it is made."""
    return f"asked {starts_on.isoformat()} {ends_on.isoformat()}{' compared' if compared else ''}"


def grain_of(days: int) -> Literal["day", "week", "month"]:
    """By what a chart of so many days goes."""
    if days <= 31:
        return "day"
    return "week" if days <= 200 else "month"


class Names:
    """Names to be taken out of texts, found all at once however many there are. A single character is no name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found = ahocorasick.Automaton()
        for name in names:
            if len(name) >= _SHORTEST_NAME:
                self._found.add_word(name, len(name))
        self._found.make_automaton()

    def out_of(self, text: str) -> str:
        """The text without them; of two that overlap the one that begins first, and is longer."""
        if not len(self._found):
            return text
        parts, done = [], 0
        for last, length in self._found.iter_long(text):
            parts += [text[done : last + 1 - length], SOMEBODY]
            done = last + 1
        return "".join([*parts, text[done:]])

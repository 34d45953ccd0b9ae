"""What comes of reading and writing a file of questions: never silence, neither about what is wrong nor about what is not held."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Final, TypeVar

from assessment.formats.wordings import LEFT_OUT, PARTS, REFUSALS, SKIPPED
from assessment.questions import Question

MOST_BYTES: Final = 50 * 1024 * 1024
"""Of a file."""
MOST_READ: Final = 20_000
"""Questions, refusals and things skipped of one file: far more than a bank has, and few enough for seconds."""
LONGEST_NAMED: Final = 60
"""Signs of what a file says that a refusal repeats."""

_POINTER = re.compile(r"/(\w+)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: what does not apply is 0. Lines, rows and questions are counted from 1, as programs show them."""

    line: int = 0
    row: int = 0
    number: int = 0

    @property
    def en(self) -> str:
        """In English."""
        parts = [("question", self.number), ("row", self.row), ("line", self.line)]
        return ", ".join(f"{name} {count}" for name, count in parts if count) or "the file"

    @property
    def zh(self) -> str:
        """In Chinese."""
        stands = f"第 {self.row or self.line} 行" if self.row or self.line else ""
        if self.number:
            return f"第 {self.number} 题（{stands}）" if stands else f"第 {self.number} 题"
        return stands or "整个文件"


@dataclass(frozen=True, slots=True)
class Found:
    """A question that can be asked and graded. `left_out` names what the file says of it that we do not hold, by codes of `LEFT_OUT`."""

    question: Question
    place: Place
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that cannot be taken, and why. `pointer` is the part of it that is wrong, where that is one."""

    place: Place
    code: str
    en: str
    zh: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no question of ours, by the name that the format has for it: `cloze`, a column, a note."""

    place: Place
    name: str
    en: str
    zh: str


Read = Found | Refused | Skipped


class Unreadable(ValueError):
    """The whole file cannot be read: nothing of it was handed out."""

    def __init__(self, code: str, place: Place | None = None, **values: object) -> None:
        self.code = code
        self.place = place or Place()
        english, chinese = REFUSALS[code]
        self.en, self.zh = english.format(**values), chinese.format(**values)
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a format cannot hold of the question with this number, counted from 1: the question altogether, or a part of it.

    A question is left out altogether where it would be graded in another way by whoever reads the file.
    """

    number: int
    code: str
    altogether: bool

    @property
    def en(self) -> str:
        """In English."""
        return LEFT_OUT[self.code][0]

    @property
    def zh(self) -> str:
        """In Chinese."""
        return LEFT_OUT[self.code][1]


Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Written:
    """A text file."""

    text: str
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Tabulated:
    """The rows of a sheet, the headings first."""

    rows: Sequence[Sequence[Cell]]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(eq=False)
class Refusal(Exception):
    """Why one question cannot be taken; a reader makes `Refused` of it."""

    code: str
    values: dict[str, object] = field(default_factory=dict)
    pointer: str = ""
    line: int = 0
    """Where that stands, if not where the question begins."""

    def at(self, place: Place) -> Refused:
        """As it is handed out."""
        english, chinese = (text.format(**self.values) for text in REFUSALS[self.code])
        if self.pointer:
            part, chinese_part = part_of(self.pointer)
            english, chinese = f"{part}: {english}", f"{chinese_part}：{chinese}"
        return Refused(place, self.code, english, chinese, self.pointer)


def part_of(pointer: str) -> tuple[str, str]:
    """What a pointer points at, in English and in Chinese."""
    found = _POINTER.match(pointer)
    english, chinese = PARTS[found.group(1)] if found else PARTS["text"]
    if found and found.group(2):
        count = int(found.group(2)) + 1
        return f"{english} {count}", f"第 {count} 个{chinese}"
    return english, chinese


def skipped(place: Place, name: str, *, why: str = "*") -> Skipped:
    """Something skipped, in words: those of its name, or of `why`."""
    name = shortened(name)
    english, chinese = SKIPPED[name if name in SKIPPED else why]
    return Skipped(place, name, english.format(name=name), chinese.format(name=name))


def shortened(said: str) -> str:
    """What a file says, as far as a message repeats it."""
    said = " ".join(said.split())
    return said if len(said) <= LONGEST_NAMED else f"{said[: LONGEST_NAMED - 1]}…"


Source = TypeVar("Source")


def bounded(reader: Callable[[Source], Iterator[Read]]) -> Callable[[Source], Iterator[Read]]:
    """The reader, ending with a refusal where a file has more than any bank."""

    @wraps(reader)
    def read(source: Source) -> Iterator[Read]:
        for count, one in enumerate(reader(source)):
            if count == MOST_READ:
                yield Refusal("too_many_questions", {"limit": MOST_READ}).at(one.place)
                return
            yield one

    return read

"""Reading iCalendar (RFC 5545) as programs write it: its lines, and what is between BEGIN and END. Pure.

Of our own, since a file may come from anybody: each line is looked at once, and nothing is deeper or longer than what is said here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from chassis import budget
from chassis.tabular.problems import file_problem

DEEPEST: Final = 6
LONGEST: Final = 1024 * 1024
"""Characters of a line, with those that go on with it."""
MOST_LINES: Final = 500_000
MOST_BYTES: Final = 10 * 2**20
_LOOK_EVERY: Final = 256
_NAME = re.compile(r"[A-Za-z0-9-]{1,200}")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,200})=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ENDS = re.compile(r"\r\n|\n|\r")


class Line(NamedTuple):
    """A property: where it stands, its name in upper case, its parameters likewise, its value as it is written."""

    number: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Component:
    """What stands between BEGIN and END. `broken` is the number of the first line that is no property, if there is one."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)
    broken: int | None = None

    def first(self, name: str) -> Line | None:
        """The property of this name that stands first."""
        return next((line for line in self.lines if line.name == name), None)

    def every(self, name: str) -> list[Line]:
        """The properties of this name."""
        return [line for line in self.lines if line.name == name]


def decoded(content: bytes) -> str:
    """The text of a calendar: UTF-8 as it must be, or GB18030 as some programs write it. Raises `TABLE_INVALID`."""
    if len(content) > MOST_BYTES:
        raise file_problem("file_too_large", limit=MOST_BYTES // 2**20)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise file_problem("wrong_encoding")


def components(text: str) -> list[Component]:
    """What a file holds at its top. Raises `TABLE_INVALID` for what is no calendar, and for what is nested or long beyond measure."""
    top = Component("", 0)
    stack = [top]
    for number, line in _unfolded(text):
        if not line.strip():
            continue
        found = _line(number, line)
        if found is not None and found.name == "BEGIN":
            if len(stack) > DEEPEST:
                raise file_problem("not_a_calendar", wording="calendar_too_deep", line=number, limit=DEEPEST)
            begun = Component(found.value.strip().upper(), number)
            stack[-1].parts.append(begun)
            stack.append(begun)
        elif len(stack) == 1:
            if not top.parts:
                raise file_problem("not_a_calendar")
        elif found is None:
            stack[-1].broken = stack[-1].broken or number
        elif found.name == "END":
            if found.value.strip().upper() != stack[-1].name:
                raise file_problem("not_a_calendar", wording="calendar_unbalanced", line=number)
            stack.pop()
        else:
            stack[-1].lines.append(found)
    if len(stack) > 1:
        raise file_problem("not_a_calendar", wording="calendar_not_ended", line=stack[-1].number)
    if not any(part.name in {"VCALENDAR", "VEVENT"} for part in top.parts):
        raise file_problem("not_a_calendar")
    return top.parts


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that go on with them, and the number of the first."""
    first, parts, length = 1, [""], 0
    for number, line in enumerate(_physical(text), start=1):
        if number > MOST_LINES:
            raise file_problem("too_many_rows", limit=MOST_LINES)
        if number % _LOOK_EVERY == 0:
            budget.check()
        if number > 1 and line[:1] in {" ", "\t"}:
            parts.append(line[1:])
            length += len(line)
        else:
            if number > 1:
                yield first, "".join(parts)
            first, parts, length = number, [line], len(line)
        if length > LONGEST:
            raise file_problem("not_a_calendar", wording="calendar_line_too_long", line=first)
    yield first, "".join(parts)


def _physical(text: str) -> Iterator[str]:
    begun = 0
    for end in _ENDS.finditer(text):
        yield text[begun : end.start()]
        begun = end.end()
    yield text[begun:]


def _line(number: int, line: str) -> Line | None:
    name = _NAME.match(line)
    if name is None:
        return None
    at, parameters = name.end(), {}
    while (found := _PARAMETER.match(line, at)) is not None:
        parameters[found[1].upper()] = found[2].strip('"') + found[3].replace('"', "")
        at = found.end()
    if line[at : at + 1] != ":":
        return None
    return Line(number, name[0].upper(), parameters, line[at + 1 :])


def text_of(value: str) -> str:
    """A value of type TEXT."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def texts_of(value: str) -> list[str]:
    """A value of several texts, with commas between them."""
    return [text_of(one) for one in re.split(r"(?<!\\),", value)]

"""Reading what was written for the demo: articles and discussions, as texts with a few lines above each."""

import re
from dataclasses import dataclass, field
from functools import cache

from qunxue.demo.company import TEXTS, by_name

_SAID = re.compile(r"^--- (答|评) (\S+) \+(\d+)h( 采纳)?$", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """An answer, or a comment on the answer before it."""

    comment: bool
    by: str
    hours: int
    accepted: bool
    body: str


@dataclass(frozen=True)
class Text:
    """An article or a question; `day` counts back from today."""

    title: str
    by: str
    day: int
    clock: str
    tags: list[str]
    body: str
    kind: str = ""
    summary: str = ""
    said: list[Said] = field(default_factory=list)


@cache
def articles() -> tuple[Text, ...]:
    """The articles."""
    return tuple(_texts("articles.md"))


@cache
def threads() -> tuple[Text, ...]:
    """The questions that were written by hand, with their answers."""
    return tuple(_texts("threads.md"))


def _texts(name: str) -> list[Text]:
    whole = "\n" + (TEXTS / name).read_text("utf-8")
    return [_text(part) for part in whole.split("\n=== ")[1:]]


def _text(part: str) -> Text:
    head, _, rest = part.partition("\n---\n")
    title, *lines = head.split("\n")
    told = dict(line.split(": ", 1) for line in lines)
    body, *said = _SAID.split(rest)
    day, clock = told["day"].split(" ")
    return Text(
        title=title.strip(),
        by=by_name()[told["by"]].no,
        day=int(day),
        clock=clock,
        tags=told["tags"].split(", "),
        body=body.strip(),
        kind=told.get("kind", ""),
        summary=told.get("summary", ""),
        said=[
            Said(kind == "评", by_name()[by].no, int(hours), bool(accepted), text.strip())
            for kind, by, hours, accepted, text in zip(*(said[place::5] for place in range(5)), strict=True)
        ],
    )

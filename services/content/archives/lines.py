"""The lines of an archive: what each has to say, and the order in which they are taken. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from chassis import budget
from chassis.identifiers import identifier_key
from chassis.imports import RowRefused
from chassis.interpreting import STEPS
from chassis.web.tags import normal_tags
from services.content.markdown import LONGEST_BODY, Rendered, render

MOST_TAGS: Final = 10

PARENT: Final[Mapping[str, str]] = {
    "reply": "discussion",
    "comment": "on",
    "reaction": "on",
    "edit": "on",
    "delete": "on",
    "restore": "on",
}
"""By kind of line, the column that names what it is about."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "discussion": ("title", "body"),
    "article": ("title", "body"),
    "reply": ("discussion", "body"),
    "comment": ("on", "body"),
    "reaction": ("on", "reaction"),
    "edit": ("on",),
    "delete": ("on",),
    "restore": ("on",),
}
_SAID: Final = ("title", "summary", "body", "tags")
"""What an edit can change; one that does not change it leaves it out."""


@dataclass(slots=True, eq=False)
class Entry:
    """One line. `parent` is the reference of what it is about; `has_parent` whether the same file has that."""

    kind: str
    ref: str
    at: datetime
    author: str
    body: str = ""
    title: str = ""
    summary: str | None = None
    tags: tuple[str, ...] | None = None
    changes: tuple[str, ...] = ()
    """What an edit names."""
    article_kind: str = "material"
    reaction: str = ""
    parent: str | None = None
    accepted: bool = False
    has_parent: bool = False
    shown: Rendered | None = None
    """None before it is worked out, and where that takes more steps than a body may."""

    @property
    def makes(self) -> bool:
        """Whether something comes of it that other lines can be about."""
        return self.kind not in {"edit", "delete", "restore"}

    @property
    def author_key(self) -> str:
        """What its author is found by."""
        return identifier_key(self.author)


def prepare(values: Mapping[str, Any]) -> Entry:
    """A line, if it has what its kind needs. Raises `RowRefused`."""
    kind = values["kind"]
    for name in _NEEDED[kind]:
        if not values.get(name):
            raise RowRefused("needed", field=name)
    body, tags = values.get("body") or "", values.get("tags")
    changes = tuple(name for name in _SAID if values.get(name))
    if kind == "edit" and not changes:
        raise RowRefused("needed", field="body")
    if len(body) > LONGEST_BODY and kind not in {"article", "edit"}:
        raise RowRefused("too_long_here", most=LONGEST_BODY)
    return Entry(
        kind=kind,
        ref=values["id"],
        at=values["at"],
        author=values["author"],
        body=body,
        title=values.get("title") or "",
        summary=values.get("summary"),
        tags=_tags(tags) if tags else None,
        changes=changes,
        article_kind=values.get("article_kind") or "material",
        reaction=values.get("reaction") or "",
        parent=values[PARENT[kind]] if kind in PARENT else None,
        accepted=values.get("accepted") == "yes",
    )


def _tags(texts: Iterable[str]) -> tuple[str, ...]:
    try:
        tags = normal_tags(texts)
    except ValueError as wrong:
        raise RowRefused("invalid_tags") from wrong
    if len(tags) > MOST_TAGS:
        raise RowRefused("too_many_tags", most=MOST_TAGS)
    return tuple(tags)


def in_order(entries: list[Entry]) -> list[Entry]:
    """Discussion by discussion and article by article, each in order of time; nothing comes before what it is about, whatever the file says of when it was."""
    by_ref = {entry.ref: entry for entry in reversed(entries)}
    for entry in entries:
        entry.has_parent = entry.parent in by_ref
    return sorted(entries, key=lambda entry: _place(entry, by_ref))


def _place(entry: Entry, by_ref: Mapping[str, Entry]) -> tuple[datetime, str, datetime, int]:
    """The root's moment and reference, then the latest moment of all that it is below, and how far below."""
    root, at, depth = entry, entry.at, 0
    while root.parent is not None and depth < len(PARENT):
        above = by_ref.get(root.parent)
        if above is None:
            return root.at, root.parent, at, depth
        root, at, depth = above, max(at, above.at), depth + 1
    return root.at, root.ref, at, depth


def show(entries: Iterable[Entry]) -> None:
    """Work out how the bodies are shown; slow."""
    for entry in entries:
        budget.check()
        if not entry.body:
            continue
        source = entry.body.encode()
        try:
            entry.shown = budget.within(STEPS, partial(render, source))
        except budget.OverBudget:
            entry.shown = None

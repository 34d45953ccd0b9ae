"""The statements by which an index is asked, each built once for each way in which a search is narrowed.

What the caller may not see each of them leaves out by itself.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from chassis.database.statements import Prepared, Spelling
from chassis.web.spans import Bounds
from services.content.groups import NO_GROUPS, GroupReader, seen_by_reader
from services.content.search import tokens
from services.content.search.models import SearchDocument

OF_MEMBERS: Final = ("idea",)
"""Kinds that whoever sees less of a community than its members does not read at all."""

_DOCUMENTS: Final[Table] = SearchDocument.__table__  # type: ignore[attr-defined]
_D: Final = _DOCUMENTS.c
_ROOTS: Final = _DOCUMENTS.alias("roots")
_BM25: Final = "bm25(0, 2, 1)"
"""With the weights of scope, title and text."""
_SHOWN: Final = (
    _D.number,
    _D.generation,
    _D.thing_id,
    _D.kind,
    _D.community_id,
    _D.root_id,
    _D.author_id,
    _D.tags,
    _D.title,
    _D.text,
    _D.said_at,
)


@dataclass(frozen=True, slots=True)
class Within:
    """Where is searched: in these communities, and only among what fits the rest."""

    community_ids: Sequence[UUID]
    kind: str | None = None
    tag: str | None = None
    author_id: UUID | None = None
    author_ids: Sequence[UUID] | None = None
    """Any of these; None where it matters to nobody."""
    said: Bounds = (None, None)
    groups: GroupReader = NO_GROUPS
    """By what the caller sees groups."""
    visible: Collection[str] | None = None
    """As what something must be shown to be seen; None where the caller sees all."""

    def conditions(self) -> dict[str, Any]:
        """What it is narrowed to, as parameters of a statement."""
        given = {
            "kind": self.kind,
            "tag": None if self.tag is None else f"% {_literal(self.tag)} %",
            "author_id": self.author_id,
            "author_ids": None if self.author_ids is None else list(self.author_ids),
            "visible": None if self.visible is None else sorted(self.visible),
            "since": self.said[0],
            "until": self.said[1],
        }
        return {name: value for name, value in given.items() if value is not None}

    def narrowing(self, generation: int) -> "Narrowing":
        """These, and where."""
        given = self.conditions()
        where = {"generation": generation, "community_ids": list(self.community_ids)}
        parameters = {**given, **where, **self.groups.parameters}
        return Narrowing(frozenset(given), parameters)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What tells a search from others: the conditions its statement has, and their values."""

    names: frozenset[str]
    parameters: Mapping[str, Any]


def _literal(text: str) -> str:
    for sign in "/%_":
        text = text.replace(sign, f"/{sign}")
    return text


_CONDITIONS: Final[Mapping[str, Callable[[Spelling], ColumnElement[bool]]]] = {
    "kind": lambda _on: _D.kind == bindparam("kind"),
    "tag": lambda _on: _D.tags.like(bindparam("tag"), escape="/"),
    "author_id": lambda _on: _D.author_id == bindparam("author_id"),
    "author_ids": lambda on: on.among(_D.author_id, "author_ids"),
    "visible": lambda on: or_(
        _D.visibility.is_(None) & _D.kind.not_in(OF_MEMBERS),
        on.among(_D.visibility, "visible"),
    ),
    "since": lambda _on: _D.said_at >= bindparam("since"),
    "until": lambda _on: _D.said_at < bindparam("until"),
}


def _index(on: Spelling) -> tuple[Any, Any, Any]:
    """An index, the numbers of its documents, and the condition that one has what is `asked`."""
    asked = _text("asked")
    if on.is_postgres:
        return tokens.TSVECTORS, tokens.TSVECTORS.c.number, tokens.TSVECTORS.c.tokens.op("@@")(tokens.as_query(asked))
    return tokens.FTS5, tokens.FTS5.c.rowid, literal_column("fts_tokens").op("MATCH")(asked)


def _seen(on: Spelling, names: frozenset[str], source: Any, number: Any) -> Select[Any]:
    """Documents of a source as far as the caller may see them, and as they are narrowed to."""
    with_root = (
        select(literal(1))
        .where(_ROOTS.c.generation == _D.generation, _ROOTS.c.thing_id == _D.root_id, _ROOTS.c.shown)
        .where(seen_by_reader(on, _ROOTS.c.group_id, _ROOTS.c.community_id))
        .exists()
    )
    # What is its own root is not looked up again.
    own_root = and_(_D.root_id == _D.thing_id, seen_by_reader(on, _D.group_id, _D.community_id))
    seen = or_(own_root, with_root)
    return (
        select()
        .select_from(source.join(_DOCUMENTS, _D.number == number))
        .where(_D.shown, seen, _D.generation == bindparam("generation"))
        .where(on.among(_D.community_id, "community_ids"))
        .where(*(_CONDITIONS[name](on) for name in sorted(names)))
    )


@lru_cache(maxsize=256)
def best(names: frozenset[str]) -> Prepared[Any]:
    """The `most` that fit best by the database's own rank, of all that match.

    They are put in order before they are looked up: of those that do not fit so well none is. On PostgreSQL it goes through
    `enough` at most, and says through how many (`matched`), so that nobody has to count before.
    """

    def made(on: Spelling) -> Any:
        source, number, matches = _index(on)
        if on.is_postgres:
            score = tokens.ranked(_text("rated")).label("score")
            some = select(number, score).where(matches).limit(_limit("enough")).subquery("some")
            counted = select(some, func.count().over().label("matched"))
            rated = counted.order_by(some.c.score, some.c.number.desc()).subquery("rated")
            order = (rated.c.score, rated.c.number.desc())
            found = _seen(on, names, rated, rated.c.number).add_columns(*_SHOWN, rated.c.matched)
            return found.order_by(*order).limit(_most())
        rank: ColumnElement[Any] = literal_column("fts_tokens.rank")
        found = _seen(on, names, source, number).add_columns(*_SHOWN)
        return found.where(matches, rank.op("MATCH")(literal(_BM25))).order_by(rank).limit(_most())

    return Prepared(made)


@lru_cache(maxsize=256)
def best_of_newest(names: frozenset[str]) -> Prepared[Any]:
    """The same of the newest that match, and how many these are: `ranked` at most."""

    def made(on: Spelling) -> Any:
        source, number, matches = _index(on)
        score, ranked = func.bm25(literal_column("fts_tokens"), 0, 2, 1), _limit("ranked")
        if on.is_postgres:
            # Both unknown to who plans: then it goes from the newest back, and does not look up all that there is.
            matches = source.c.tokens.op("@@")(tokens.read_once(tokens.as_query(_text("asked"))))
            score, ranked = tokens.ranked(_text("rated")), tokens.read_once(ranked)
        newest = _seen(on, names, source, number).where(matches).add_columns(_D.number, score.label("score"))
        # By the number of the index itself: FTS5 has its rows in this order, and reads no more of them than it takes.
        rated = newest.order_by(number.desc()).limit(ranked).subquery("rated")
        counted = select(rated, func.count().over().label("matched"))
        first = counted.order_by(rated.c.score, rated.c.number.desc()).limit(_most()).subquery("first")
        return select(*_SHOWN, first.c.matched).join(first, first.c.number == _D.number)

    return Prepared(made)


@lru_cache(maxsize=256)
def newest_titled(names: frozenset[str]) -> Prepared[Any]:
    """The titles and tags of the `most` newest."""

    def made(on: Spelling) -> Any:
        source, number, matches = _index(on)
        found = _seen(on, names, source, number).where(matches)
        return found.add_columns(_D.title, _D.tags, _D.kind, _D.thing_id).order_by(number.desc()).limit(_most())

    return Prepared(made)


def _text(name: str) -> Any:
    return bindparam(name, type_=String())


def _limit(name: str) -> Any:
    return bindparam(name, type_=Integer())


def _most() -> Any:
    return _limit("most")

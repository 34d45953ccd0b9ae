"""Asking the index: the hundred that fit best among what the caller may see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared, Spelling, is_postgres, rows_of
from chassis.web.spans import Bounds
from chassis.web.spans import within as said_in
from services.content.search import tokens
from services.content.search.cutting import Query, Term
from services.content.search.lexicon import Alike
from services.content.search.models import SearchDocument, SearchGeneration
from services.content.search.sounds import Sounds

MOST_FOUND = 100
MOST_RANKED = 2000
"""Of more that match the newest are ranked."""
MOST_WORDS = 8
"""Of a long query the rarest words are looked for, so that it costs no more than they do; the order is by all. See `_rarest`."""
MOST_COUNTED = 5000
OF_MEMBERS = ("idea",)
"""Kinds that whoever sees less of a community than its members does not read at all."""

_GENERATION = Prepared(
    select(col(SearchGeneration.number))
    .where(col(SearchGeneration.state) != "old")
    .order_by(case((col(SearchGeneration.state) == "live", 0), else_=1), col(SearchGeneration.number))
    .limit(1)
)
_TERMS = table("fts_terms", column("term"), column("doc"))


def _documents_of(on: Spelling) -> Any:
    last = select(func.max(col(SearchDocument.number))).scalar_subquery()
    if not on.is_postgres:
        return select(_TERMS.c.term, _TERMS.c.doc, last).where(on.among(_TERMS.c.term, "tokens"))
    wanted = func.unnest(bindparam("tokens", type_=tokens.TEXTS)).table_valued("term").render_derived()
    some = (
        select(literal(1))
        .select_from(tokens.TSVECTORS)
        .where(tokens.TSVECTORS.c.tokens.op("@@")(tokens.quoted(wanted.c.term)))
        .limit(MOST_COUNTED)
        .correlate(wanted)
        .subquery()
    )
    counted = select(func.count()).select_from(some).correlate(wanted).lateral()
    return select(wanted.c.term, counted.c[0], last).select_from(wanted.join(counted, true()))


_DOCUMENTS: Prepared[Any] = Prepared(_documents_of)


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
    visible: Collection[str] | None = None
    """As what something must be shown to be seen; None where the caller sees all."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The documents to be put in order, and what the order is made with."""

    rows: Sequence[Any]
    documents: Mapping[str, int]
    total: int
    all_ranked: bool


@dataclass(frozen=True, slots=True)
class Titled:
    """Something that has a title, and tags."""

    title: str
    tags: Sequence[str]
    kind: str
    thing_id: UUID


NOTHING = Candidates((), {}, 0, True)


async def candidates(
    session: AsyncSession, query: Query, within: Within, alike: Mapping[UUID, Sequence[Alike]] | None = None
) -> Candidates:
    """What fits best by the database's own rank. `alike`: what means the same as words of the query, in each community."""
    generation = await _GENERATION.first(session)
    if generation is None or not within.community_ids:
        return NOTHING
    alike = alike or {}
    others = {one for some in alike.values() for one in some}
    counted = sorted({token for word in query.words for token in _told_by(word)} | _told_by_any(others))
    found = await _DOCUMENTS.all(session, tokens=counted) if counted else []
    documents = {row[0]: row[1] for row in found if row[1]}
    words = [word for word in query.words if word.open or word.tokens[0] in documents]
    others = {one for one in others if all(token in documents for token in _told_by(one.term))}
    if len({*words}.union(*(one.instead_of for one in others))) < query.needed:
        return NOTHING
    having_others = sum(_commonness(one.term, documents) for one in others)
    words, having = _rarest(words, documents, query.needed, having_others)
    many = having > MOST_RANKED
    places: dict[tuple[Term, ...], list[str]] = {}
    for community_id in within.community_ids:
        also = (one.term for one in alike.get(community_id, ()) if one in others)
        places.setdefault((*words, *also), []).append(tokens.scope_of(generation, community_id))
    parts = [(scopes, words) for words, scopes in places.items() if words]
    ranked = _ranked(session, query, parts, within)
    if many:
        ranked = ranked.order_by(col(SearchDocument.number).desc()).limit(MOST_RANKED)
    elif is_postgres(session):
        # Rated one by one: it would carry all their tokens through the count of them.
        ranked = ranked.offset(0)
    some = ranked.subquery()
    best = select(some.c.number, func.count().over()).order_by(some.c.score, some.c.number.desc()).limit(MOST_FOUND)
    numbers = await rows_of(session, best)
    if not numbers:
        return NOTHING
    rows = await rows_of(
        session,
        select(SearchDocument).where(among(session, col(SearchDocument.number), [number for number, _ in numbers])),
    )
    total = max((row[2] for row in found), default=0)
    return Candidates(rows, documents, total, numbers[0][1] < MOST_RANKED)


def _rarest(words: Sequence[Term], documents: Mapping[str, int], needed: int, having: int) -> tuple[list[Term], int]:
    """The words that are looked for, and how many documents have one of them; so many have something else.

    As many of the rarest as stand in no more than are ranked: what has but the commonest words of a question comes last
    anyway. More would have the newest ranked, and the rest of what fits best forgotten.
    """
    rarest = sorted(words, key=lambda word: documents.get(word.tokens[0], MOST_COUNTED))[:MOST_WORDS]
    kept: list[Term] = []
    for word in rarest:
        common = _commonness(word, documents)
        # How many have a single character nobody counts.
        if not word.open and len(kept) >= needed and having + common > MOST_RANKED:
            break
        kept.append(word)
        having += common
    return kept, having


def _commonness(term: Term, documents: Mapping[str, int]) -> int:
    return min(documents.get(token, MOST_COUNTED) for token in term.tokens)


def _told_by(term: Term) -> set[str]:
    """The tokens by which is told how common a word is: of one with many a few."""
    known = term.tokens[:-1] if term.open else term.tokens
    return {known[0], known[len(known) // 2], known[-1]} if known else set()


def _told_by_any(others: Collection[Alike]) -> set[str]:
    return {token for one in others for token in _told_by(one.term)}


async def sounding(session: AsyncSession, readings: Sequence[Sounds], within: Within, limit: int) -> list[Titled]:
    """The newest of which title or tag sounds like this, among what the caller may see."""
    generation = await _GENERATION.first(session)
    if generation is None or not within.community_ids or not readings:
        return []
    scopes = [tokens.scope_of(generation, community_id) for community_id in within.community_ids]
    found = _matching(
        session,
        within,
        fts5=lambda: tokens.sounding(scopes, readings),
        tsquery=lambda: tokens.sounding_condition(scopes, readings),
    )
    newest = found.add_columns(
        col(SearchDocument.title), col(SearchDocument.tags), col(SearchDocument.kind), col(SearchDocument.thing_id)
    )
    # By the number of the index itself: FTS5 has its rows in this order, and reads no more of them than it takes.
    number = tokens.TSVECTORS.c.number if is_postgres(session) else tokens.FTS5.c.rowid
    newest = newest.order_by(number.desc()).limit(limit)
    return [Titled(row[1], row[2].split(), row[3], row[4]) for row in await rows_of(session, newest)]


def _ranked(session: AsyncSession, query: Query, parts: Sequence[tokens.Part], within: Within) -> Select[Any]:
    found = _matching(
        session,
        within,
        fts5=lambda: tokens.matching(parts, query.exact, query.without),
        tsquery=lambda: tokens.condition(parts, query.exact, query.without),
    )
    score: ColumnElement[Any]
    if is_postgres(session):
        every = dict.fromkeys(word for _, words in parts for word in words)
        score = tokens.ranked(tokens.any_of(list(every)))
    else:
        # Weights of scope, title and text.
        score = func.bm25(literal_column("fts_tokens"), 0, 2, 1)
    return found.add_columns(score.label("score"))


def _matching(
    session: AsyncSession, within: Within, *, fts5: Callable[[], str], tsquery: Callable[[], str]
) -> Select[Any]:
    """The numbers of what an index has of this, among what the caller may see."""
    root = aliased(SearchDocument)
    with_root = (
        select(literal(1))
        .where(
            col(root.generation) == col(SearchDocument.generation),
            col(root.thing_id) == col(SearchDocument.root_id),
            col(root.shown),
        )
        .exists()
    )
    # What is its own root is not looked up again.
    seen = or_(col(SearchDocument.root_id) == col(SearchDocument.thing_id), with_root)
    if is_postgres(session):
        source, number = tokens.TSVECTORS, tokens.TSVECTORS.c.number
        matches = tokens.TSVECTORS.c.tokens.op("@@")(tokens.as_query(tsquery()))
    else:
        source, number = tokens.FTS5, tokens.FTS5.c.rowid
        matches = literal_column("fts_tokens").op("MATCH")(fts5())
    return (
        select(col(SearchDocument.number).label("number"))
        .select_from(source)
        .join(SearchDocument, col(SearchDocument.number) == number)
        .where(matches, col(SearchDocument.shown), seen, *_only(session, within))
    )


def _only(session: AsyncSession, within: Within) -> list[ColumnElement[bool]]:
    only: list[ColumnElement[bool]] = []
    if within.kind is not None:
        only.append(col(SearchDocument.kind) == within.kind)
    if within.tag is not None:
        only.append(col(SearchDocument.tags).contains(f" {within.tag} ", autoescape=True))
    if within.author_id is not None:
        only.append(col(SearchDocument.author_id) == within.author_id)
    if within.author_ids is not None:
        only.append(among(session, col(SearchDocument.author_id), within.author_ids))
    if within.visible is not None:
        shown = col(SearchDocument.visibility)
        open_to_all = shown.is_(None) & col(SearchDocument.kind).not_in(OF_MEMBERS)
        only.append(or_(open_to_all, shown.in_(sorted(within.visible))))
    return [*only, *said_in(col(SearchDocument.said_at), within.said)]

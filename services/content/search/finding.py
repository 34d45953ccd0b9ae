"""Asking the index: the hundred that fit best among what the caller may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, column, func, literal, select, table, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, is_postgres
from services.content.search import tokens
from services.content.search.asking import Narrowing, Within, best, best_of_newest, newest_titled
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
class Candidates:
    """The documents to be put in order, and what the order is made with."""

    rows: Sequence[Any]
    documents: Mapping[str, int]
    total: int
    all_ranked: bool

    @property
    def all_found(self) -> bool:
        """Whether there is nothing that the database left out."""
        return self.all_ranked and len(self.rows) < MOST_FOUND


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
    narrowing = within.narrowing(generation)
    if is_postgres(session) and not others and len(query.words) == 1 and not query.words[0].open:
        # There it costs as much to count what has a word as to find it, and for the order by one word nobody has to know.
        rows = await _best(session, query, [((), query.words)], narrowing)
        if rows and rows[0].matched <= MOST_RANKED:
            return Candidates(rows, {}, 0, all_ranked=True)
        if rows:
            return await _best_of_newest(session, query, [((), query.words)], narrowing, {}, 0)
    counted = sorted({token for word in query.words for token in _told_by(word)} | _told_by_any(others))
    found = await _DOCUMENTS.all(session, tokens=counted) if counted else []
    documents = {row[0]: row[1] for row in found if row[1]}
    total = max((row[2] for row in found), default=0)
    words = [word for word in query.words if word.open or word.tokens[0] in documents]
    others = {one for one in others if all(token in documents for token in _told_by(one.term))}
    if len({*words}.union(*(one.instead_of for one in others))) < query.needed:
        return NOTHING
    having_others = sum(_commonness(one.term, documents) for one in others)
    words, having = _rarest(words, documents, query.needed, having_others)
    places: dict[tuple[Term, ...], list[str]] = {}
    for community_id in within.community_ids:
        also = (one.term for one in alike.get(community_id, ()) if one in others)
        places.setdefault((*words, *also), []).append(tokens.scope_of(generation, community_id))
    parts: list[tokens.Part] = [(scopes, words) for words, scopes in places.items() if words]
    # Rows say in which community they are. The index has it of each document there is, and FTS5 counts all these.
    anywhere: list[tokens.Part] = [((), words) for _, words in parts] if len(places) == 1 else parts
    if having <= MOST_RANKED:
        return Candidates(await _best(session, query, anywhere, narrowing), documents, total, all_ranked=True)
    newest = anywhere if is_postgres(session) else parts
    return await _best_of_newest(session, query, newest, narrowing, documents, total)


async def _best(session: AsyncSession, query: Query, parts: Sequence[tokens.Part], narrowing: Narrowing) -> list[Any]:
    limits = {"most": MOST_FOUND} | ({"enough": MOST_RANKED + 1} if is_postgres(session) else {})
    return await best(narrowing.names).all(session, **_asked(session, query, parts), **limits, **narrowing.parameters)


async def _best_of_newest(
    session: AsyncSession,
    query: Query,
    parts: Sequence[tokens.Part],
    narrowing: Narrowing,
    documents: Mapping[str, int],
    total: int,
) -> Candidates:
    limits = {"most": MOST_FOUND, "ranked": MOST_RANKED}
    asked = _asked(session, query, parts)
    rows = await best_of_newest(narrowing.names).all(session, **asked, **limits, **narrowing.parameters)
    return Candidates(rows, documents, total, not rows or rows[0].matched < MOST_RANKED)


def _asked(session: AsyncSession, query: Query, parts: Sequence[tokens.Part]) -> dict[str, str]:
    if not is_postgres(session):
        return {"asked": tokens.matching(parts, query.exact, query.without)}
    every = dict.fromkeys(word for _, words in parts for word in words)
    return {
        "asked": tokens.condition(parts, query.exact, query.without),
        "rated": tokens.any_of(list(every)),
    }


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
    spelt = tokens.sounding_condition if is_postgres(session) else tokens.sounding
    narrowing = within.narrowing(generation)
    asked = spelt(scopes, readings)
    rows = await newest_titled(narrowing.names).all(session, asked=asked, most=limit, **narrowing.parameters)
    return [Titled(row.title, row.tags.split(), row.kind, row.thing_id) for row in rows]

"""The use case of searching."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from chassis.budget import check, in_thread
from chassis.database.statements import Prepared
from chassis.problems import INVALID, FieldError
from chassis.projections.members import embedded, own_standings
from chassis.security.authority import authorize
from chassis.web.pages import PageRequest, Total
from chassis.web.spans import Span, bounds_in
from chassis.web.work import Work
from services.content.articles.access import EVERYBODY, visible_to
from services.content.groups import reader_among, reader_of
from services.content.permissions import SEARCH_READ
from services.content.search.asking import Within
from services.content.search.authors import authors_named
from services.content.search.cutting import Query, Term, understood
from services.content.search.finding import MOST_RANKED, Candidates, candidates
from services.content.search.lexicon import Alike
from services.content.search.models import SearchDocument
from services.content.search.names import name_words
from services.content.search.ranking import Part, comparable, marked, scores
from services.content.search.schemas import MarkedText, SearchHit, SearchPage
from services.content.search.synonyms import alike_in

LONG: int = 50_000
"""Characters from which on texts are gone through in a thread: others have the processor meanwhile."""

NOTHING = FieldError("#/query/q", "nothing_searched", "There is nothing in it to look for.", "没有可搜索的内容。")
NO_NAME = FieldError("#/query/author", "nothing_searched", "There is no letter in it.", "其中没有文字。")
ANY_TIME = Span()
_TITLES: Prepared[Any] = Prepared(
    lambda on: select(col(SearchDocument.thing_id), col(SearchDocument.title)).where(
        on.among(col(SearchDocument.thing_id), "thing_ids"),
        col(SearchDocument.generation) == bindparam("generation"),
    )
)
WHICH = FieldError(
    "#/query/community_id", "missing", "Give community_id, or log in.", "请给出 community_id，或先登录。"
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed to, as it was asked for: by a part of its author's name, and by when it was written."""

    within: Within
    author: str | None = None
    span: Span = ANY_TIME

    @property
    def not_at_all(self) -> bool:
        """Whether it is the words alone by which something is looked for."""
        return self == Narrowed(Within(community_ids=[]))


@dataclass(frozen=True, slots=True)
class Found:
    """The documents of a search in their order, and what was looked for."""

    rows: Sequence[Any]
    query: Query
    within: Within
    all_ranked: bool
    all_found: bool
    """Whether nothing more matches than what is shown."""
    alike: Mapping[UUID, Sequence[Alike]]
    """What means the same as words of the query, in each community."""
    missed_in: Sequence[UUID] = ()
    """Where nothing was found: the communities in which whoever searches is a member."""


async def search(work: Work, text: str, community_id: UUID | None, narrowed: Narrowed) -> Found:
    """What fits best of what the caller may see. Raises `INVALID`, else what `authorize` raises."""
    query = understood(text)
    if not query.looks_for_something:
        raise INVALID(errors=[NOTHING])
    names = name_words(narrowed.author) if narrowed.author is not None else []
    if narrowed.author is not None and not names:
        raise INVALID(errors=[NO_NAME])
    within, member_in = await of_caller(work, narrowed.within, community_id, narrowed.span)
    if names:
        within = replace(within, author_ids=await authors_named(work.session, names, within.community_ids))
    alike = await alike_in(work.session, query, within.community_ids)
    some = await candidates(work.session, query, within, alike)
    rows = await in_order(query, some, alike)
    return Found(rows, query, within, some.all_ranked, some.all_found, alike, () if rows else member_in)


async def of_caller(
    work: Work, within: Within, community_id: UUID | None, span: Span = ANY_TIME
) -> tuple[Within, list[UUID]]:
    """Where the caller searches, and in which of these communities they are a member."""
    if community_id is not None:
        standing = await authorize(work.session, work.caller, SEARCH_READ, community_id, now=work.now)
        visible = await visible_to(work.session, work.caller, standing)
        visible_to_them = None if visible == EVERYBODY else visible
        within = replace(within, community_ids=[community_id], visible=visible_to_them, groups=reader_of(standing))
        return replace(within, said=bounds_in(standing, span)), [community_id] if standing.member_id is not None else []
    if work.caller is None:
        raise INVALID(errors=[WHICH])
    standings = await own_standings(work.session, work.caller, reading_at=work.now)
    mine = [one.community_id for one in standings]
    within = replace(within, community_ids=mine, groups=reader_among(standings))
    return replace(within, said=bounds_in(None, span)), mine


async def in_order(query: Query, some: Candidates, alike: Mapping[UUID, Sequence[Alike]]) -> list[Any]:
    """The documents that have what the query needs, the best first."""

    def ordered() -> list[Any]:
        texts = []
        for row in some.rows:
            check()
            texts.append((comparable(row.title), comparable(row.text)))
        others = [tuple(alike.get(row.community_id, ())) for row in some.rows] if alike else ()
        rated = scores(query, texts, documents=some.documents, total=some.total, alike=others)
        found = [(score, row) for score, row in zip(rated, some.rows, strict=True) if score is not None]
        found.sort(key=lambda one: (-one[0], -one[1].number))
        return [row for _, row in found]

    return await _worked_out(ordered, some.rows)


async def shown(work: Work, found: Found, page: PageRequest, did_you_mean: str | None = None) -> SearchPage:
    """A page of what was found."""
    after = page.decode()
    begin = int(after[0]) if after else 0
    rows = found.rows[begin : begin + page.limit]
    members = await embedded(work.session, {row.author_id for row in rows if row.author_id is not None})
    roots = await _titles(work, [row for row in rows if row.root_id != row.thing_id])

    def hits() -> list[SearchHit]:
        return [_hit(row, roots, members, _looked_for(found, row)) for row in rows]

    more = begin + page.limit < len(found.rows)
    return SearchPage(
        items=await _worked_out(hits, rows),
        next=page.encode([begin + page.limit]) if more else None,
        total=Total(value=len(found.rows), exact=found.all_found) if page.count else None,
        ranked_among=None if found.all_ranked else MOST_RANKED,
        did_you_mean=did_you_mean,
    )


async def _titles(work: Work, rows: Sequence[Any]) -> dict[UUID, str]:
    if not rows:
        return {}
    ids = list({row.root_id for row in rows})
    return dict(await _TITLES.all(work.session, thing_ids=ids, generation=rows[0].generation))


def _looked_for(found: Found, row: Any) -> list[Term]:
    return [*found.query.words, *(one.term for one in found.alike.get(row.community_id, ()))]


def _hit(row: Any, roots: dict[UUID, str], members: Any, words: Sequence[Term]) -> SearchHit:
    check()
    return SearchHit(
        kind=row.kind,
        id=row.thing_id,
        root_id=row.root_id,
        community_id=row.community_id,
        title=_texts(marked(roots.get(row.root_id, row.title), words)),
        snippet=_texts(marked(row.text, words)),
        tags=row.tags.split(),
        author=members[row.author_id] if row.author_id is not None else None,
        said_at=row.said_at,
    )


def _texts(parts: Sequence[Part]) -> list[MarkedText]:
    return [MarkedText(text=part.text, found=part.found) for part in parts]


async def _worked_out(work: Callable[[], list[Any]], rows: Sequence[Any]) -> list[Any]:
    if sum(len(row.text) for row in rows) < LONG:
        return work()
    return await in_thread(work, gentle=True)

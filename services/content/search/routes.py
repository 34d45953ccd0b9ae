"""HTTP of search."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import PageQuery
from chassis.web.spans import SpanQuery
from chassis.web.tags import Tag
from services.content.permissions import SEARCH_READ, SEARCH_SYNONYMS_WRITE
from services.content.search import service, suggesting, synonyms
from services.content.search.asking import Within
from services.content.search.cutting import LONGEST_QUERY
from services.content.search.missed import tell_missed
from services.content.search.names import LONGEST_NAME
from services.content.search.schemas import (
    KIND,
    Kind,
    SearchPage,
    SimilarPublic,
    Suggestions,
    SynonymsPublic,
    SynonymsPut,
)
from services.content.search.similar import similar

router = api_router(tags=["Search"])


@router.get("/v1/discussions/similar")
@operation(permission=SEARCH_READ)
async def list_similar_discussions(
    community_id: UUID, title: Annotated[str, Query(min_length=1, max_length=200)], work: Read
) -> SimilarPublic:
    """List what was asked already, before one asks it: at most 5 discussions that the caller sees, those most like the title first."""
    return SimilarPublic(items=await similar(work, community_id, title))


@router.get("/v1/search")
@operation(permission=SEARCH_READ)
async def search(
    work: Read,
    page: PageQuery,
    span: SpanQuery,
    q: Annotated[
        str,
        Query(min_length=1, max_length=LONGEST_QUERY, description='Words, "an exact text", and -without.'),
    ],
    community_id: Annotated[
        UUID | None, Query(description="Without, all communities that you are a member of.")
    ] = None,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    tag: Annotated[Tag | None, Query()] = None,
    author_id: Annotated[
        UUID | None, Query(description="Only what this member wrote, of articles as the first author.")
    ] = None,
    author: Annotated[
        str | None,
        Query(min_length=1, max_length=LONGEST_NAME, description="A part of the author's name, or its pinyin."),
    ] = None,
) -> SearchPage:
    """Search what members write, the best first: at most 100.

    Full-width and half-width, capital and small letters, traditional and simplified characters are the same. Of a few
    words two must be there at least. `from` and `to` ask when it was written, in days of the community; without one, of
    UTC. `ranked_among` says that so many of the newest were ranked, as more match. `total` is not exact where more than 100 may match.
    """
    within = Within(community_ids=[], kind=kind, tag=tag, author_id=author_id)
    narrowed = service.Narrowed(within, author, span)
    found = await service.search(work, q, community_id, narrowed)
    if found.missed_in and page.cursor is None and narrowed.not_at_all:
        await tell_missed(work, q, found.missed_in)
    did_you_mean = None
    if len(found.rows) < suggesting.FEW and page.cursor is None:
        did_you_mean = await suggesting.meant(work, q, found)
    return await service.shown(work, found, page, did_you_mean)


@router.get("/v1/search/suggestions")
@operation(permission=SEARCH_READ)
async def suggest(
    work: Read,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUERY, description="What was typed so far.")],
    community_id: Annotated[
        UUID | None, Query(description="Without, all communities that you are a member of.")
    ] = None,
) -> Suggestions:
    """Suggest titles and tags in which stands what was typed, or what sounds like it: 绩效, 机校 or jixiao."""
    return Suggestions(items=await suggesting.suggested(work, q, community_id))


@router.get("/v1/search/synonyms")
@operation(permission=SEARCH_READ)
async def read_synonyms(community_id: UUID, work: Read, response: Response) -> SynonymsPublic:
    """Read which words mean the same in a community."""
    groups, version = await synonyms.read(work, community_id)
    set_etag(response, version)
    return SynonymsPublic(community_id=community_id, groups=groups)


@router.put("/v1/search/synonyms")
@operation(permission=SEARCH_SYNONYMS_WRITE)
async def put_synonyms(
    community_id: UUID, body: SynonymsPut, if_match: IfMatch, work: Write, response: Response
) -> SynonymsPublic:
    """Say which words mean the same: whoever looks for one finds the others, from now on.

    What stands in quotes or behind a minus is meant as it was typed.
    """
    set_etag(response, await synonyms.put(work, community_id, body.groups, if_match))
    return SynonymsPublic(community_id=community_id, groups=body.groups)

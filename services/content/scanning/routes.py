"""HTTP of lists of words."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from chassis.database.listing import of_community
from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.content.company import named, permit, permitted
from services.content.permissions import MODERATION_READ, WORD_LISTS_WRITE
from services.content.scanning import queries, service
from services.content.scanning.models import ScanRules, WordList
from services.content.scanning.problems import TOO_MANY_WORDS
from services.content.scanning.schemas import (
    Category,
    ListedWordPublic,
    ScanRulesPatch,
    ScanRulesPublic,
    WordEdits,
    WordListCreate,
    WordListPatch,
    WordListPublic,
)

router = api_router(tags=["Word lists"])

ONE = "/v1/word-lists/{word_list_id}"

Where = Annotated[UUID | None, Query(description="Without a community, those of the company.")]


@router.post("/v1/word-lists", status_code=201)
@operation(permission=WORD_LISTS_WRITE, problems=[ALREADY_EXISTS])
async def create_word_list(body: WordListCreate, work: Write, response: Response) -> WordListPublic:
    """Begin a list of words. It holds nothing until it is enabled.

    A list without a community is the company's: it counts in every community, and for people's names.
    """
    made = await service.begin(work, body)
    created(response, f"/v1/word-lists/{made.id}")
    return _shown(made, response)


@router.get("/v1/word-lists")
@operation(permission=MODERATION_READ)
async def list_word_lists(work: Read, page: PageQuery, community_id: Where = None) -> Page[WordListPublic]:
    """List the lists of words of a community, or of the company."""
    where = await permit(work, community_id)
    return await paginate(work.session, of_community(WordList, where), page=page, to=_public)


@router.get("/v1/word-lists/rules")
@operation(permission=MODERATION_READ)
async def read_scan_rules(work: Read, response: Response, community_id: Where = None) -> ScanRulesPublic:
    """Read what is done about links and advertising."""
    where = await permit(work, community_id)
    rules = await queries.rules_of(work.session, where) or ScanRules(community_id=where)
    return _shown_rules(rules, response)


@router.patch("/v1/word-lists/rules")
@operation(permission=WORD_LISTS_WRITE)
async def update_scan_rules(
    body: ScanRulesPatch, if_match: IfMatch, work: Write, response: Response, community_id: Where = None
) -> ScanRulesPublic:
    """Say what is done about links and advertising: nothing, hold them for a moderator, or refuse them."""
    return _shown_rules(await service.change_rules(work, community_id, body, if_match), response)


@router.get(ONE)
@operation(permission=MODERATION_READ)
async def read_word_list(word_list_id: UUID, work: Read, response: Response) -> WordListPublic:
    """Read a list of words; the words are a list of their own."""
    return _shown(await permitted(work, WordList, word_list_id), response)


@router.patch(ONE)
@operation(permission=WORD_LISTS_WRITE, problems=[ALREADY_EXISTS])
async def update_word_list(
    word_list_id: UUID, body: WordListPatch, if_match: IfMatch, work: Write, response: Response
) -> WordListPublic:
    """Rename a list, switch it on or off."""
    return _shown(await service.change(work, word_list_id, body, if_match), response)


@router.get(f"{ONE}/words")
@operation(permission=MODERATION_READ)
async def list_words(
    word_list_id: UUID,
    work: Read,
    page: PageQuery,
    response: Response,
    category: Annotated[Category | None, Query(description="Only words of this category.")] = None,
) -> Page[ListedWordPublic]:
    """List the words of a list."""
    words = await permitted(work, WordList, word_list_id)
    set_etag(response, words.version)
    return await paginate(
        work.session,
        queries.words(words.id, category),
        page=page,
        to=ListedWordPublic.model_validate,
    )


@router.patch(f"{ONE}/words")
@operation(permission=WORD_LISTS_WRITE, problems=[TOO_MANY_WORDS])
async def update_words(
    word_list_id: UUID, body: WordEdits, if_match: IfMatch, work: Write, response: Response
) -> WordListPublic:
    """Add words to a list, or list them otherwise, and take others off; many at once by an import."""
    return _shown(await service.edit_words(work, word_list_id, body, if_match), response)


def _shown(words: WordList, response: Response) -> WordListPublic:
    set_etag(response, words.version)
    return _public(words)


def _public(words: Any) -> WordListPublic:
    made = WordListPublic.model_validate(words)
    made.community_id = named(words.community_id)
    return made


def _shown_rules(rules: ScanRules, response: Response) -> ScanRulesPublic:
    set_etag(response, rules.version)
    return ScanRulesPublic.model_validate(rules.model_dump() | {"community_id": named(rules.community_id)})

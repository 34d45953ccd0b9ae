"""HTTP of articles."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.said import said, say
from chassis.web.tags import Tag
from chassis.web.work import Work
from services.content.articles import listing, queries, reacting, reviewing, service
from services.content.articles.access import EVERYBODY, SeenArticle, seen_article
from services.content.articles.models import ReviewPolicy
from services.content.articles.problems import NO_ACCEPTED_ANSWER, UNKNOWN_MEMBER
from services.content.articles.rules import Kind, Sort, Status
from services.content.articles.schemas import (
    KIND,
    SHOWN_STATUS,
    SORT,
    ArticleCreate,
    ArticleListed,
    ArticlePatch,
    ArticlePublic,
    ArticleReturn,
    ArticleSubmit,
    ReviewPolicyPatch,
    ReviewPolicyPublic,
)
from services.content.articles.views import listed, shown
from services.content.collections.problems import UNKNOWN_COLLECTION
from services.content.permissions import (
    ARTICLES_READ,
    ARTICLES_REVIEW,
    ARTICLES_WRITE,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    REACTIONS_ADD,
)
from services.content.reactions.schemas import Given, ReactedPublic
from services.content.scanning.problems import TEXT_REFUSED

router = api_router(tags=["Articles"])

ONE = "/v1/articles/{article_id}"


@router.post("/v1/articles", status_code=201)
@operation(
    permission=ARTICLES_WRITE, problems=[UNKNOWN_MEMBER, UNKNOWN_COLLECTION, NO_ACCEPTED_ANSWER, ILLEGAL_TRANSITION]
)
async def create_article(body: ArticleCreate, work: Write, response: Response) -> ArticlePublic:
    """Draft an article, which its authors, operators and owners see.

    With `from_discussion_id` it begins with a question and the answer that was accepted, and names who wrote both.
    """
    found = await service.draft(work, body)
    created(response, f"/v1/articles/{found.article.id}")
    return await answer(work, found, response)


@router.get("/v1/articles")
@operation(permission=ARTICLES_READ)
async def list_articles(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="Needed unless `mine` is true.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller wrote or is writing, whatever its status.")] = False,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    tag: Annotated[Tag | None, Query()] = None,
    collection_id: Annotated[UUID | None, Query(description="Only what stands in it, or below it.")] = None,
    featured: Annotated[bool, Query(description="Only what is among the best.")] = False,
    bookmarked: Annotated[bool, Query(description="Only what the caller bookmarked.")] = False,
    verify_due: Annotated[bool, Query(description="Only what has to be verified, or whose owner has left.")] = False,
    author_id: Annotated[UUID | None, Query(description="Only what names this member as author.")] = None,
    group_id: Annotated[UUID | None, Query(description="Only what stands in this group.")] = None,
    status: Annotated[
        Status | Literal["removed"] | None,
        Query(
            description="`published` unless it says so. `draft`, `held`, `in_review` and `scheduled` find revisions of published ones too."
        ),
        SHOWN_STATUS,
    ] = None,
    sort: Annotated[Sort, Query(), SORT] = "-published_at",
) -> Page[ArticleListed]:
    """List articles. Drafts and what is in review are listed for who works on them; `removed` is for moderators."""
    asked = queries.Wanted(
        community_id=community_id,
        visible=EVERYBODY,
        only_mine=mine,
        author_id=author_id,
        group_id=group_id,
        collection_id=collection_id,
        featured=featured,
        bookmarked=bookmarked,
        due_at=work.now if verify_due else None,
        kind=kind,
        tag=tag,
        status=status,
        sort=sort,
    )
    wanted, standing = await listing.wanted_by(work, asked)
    return await paginate_together(
        work.session,
        queries.listing(work.session, wanted),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get("/v1/articles/review-policy")
@operation(permission=ARTICLES_READ)
async def read_review_policy(community_id: UUID, work: Read, response: Response) -> ReviewPolicyPublic:
    """Read what a community says about reviews."""
    await work.permit(community_id)
    return _policy(await said(work.session, ReviewPolicy, community_id), response)


@router.patch("/v1/articles/review-policy")
@operation(permission=ARTICLES_REVIEW)
async def update_review_policy(
    community_id: UUID, body: ReviewPolicyPatch, if_match: IfMatch, work: Write, response: Response
) -> ReviewPolicyPublic:
    """Say which articles need no review."""
    return _policy(await say(work, ReviewPolicy, community_id, body, if_match), response)


def _policy(policy: ReviewPolicy, response: Response) -> ReviewPolicyPublic:
    set_etag(response, policy.version)
    return ReviewPolicyPublic.model_validate(policy)


@router.get(ONE)
@operation(permission=ARTICLES_READ)
async def read_article(article_id: UUID, work: Read, response: Response) -> ArticlePublic:
    """Read an article as it is published; before that as it is written."""
    return await answer(work, await seen_article(work, article_id), response)


@router.patch(ONE)
@operation(permission=ARTICLES_WRITE, problems=[ILLEGAL_TRANSITION, UNKNOWN_MEMBER, UNKNOWN_COLLECTION])
async def update_article(
    article_id: UUID, body: ArticlePatch, if_match: IfMatch, work: Write, response: Response
) -> ArticlePublic:
    """Change what an article says: of a published one in a version beside what readers see. It has to be submitted again.

    Where it stands (`collection_id`), who keeps it true (`owner_id`) and until when it holds (`verified_until`) change at once.
    An edit of an older version is refused with `newer`: what it says now, and who wrote that.
    """
    return await answer(work, await service.edit(work, article_id, body, if_match), response)


@router.post(f"{ONE}/submit")
@operation(permission=ARTICLES_WRITE, problems=[ILLEGAL_TRANSITION, TEXT_REFUSED])
async def submit_article(
    article_id: UUID, work: Write, response: Response, body: ArticleSubmit | None = None
) -> ArticlePublic:
    """Ask for a review of the version under way. Where the community wants none of its kind, it is published at once.

    What a list of words holds a moderator looks at before (`held`); what readers see meanwhile stays.
    """
    return await answer(work, await reviewing.submit(work, article_id, body.publish_at if body else None), response)


@router.post(f"{ONE}/return")
@operation(permission=ARTICLES_REVIEW, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def return_article(article_id: UUID, body: ArticleReturn, work: Write, response: Response) -> ArticlePublic:
    """Return a version to its authors, who read the reason."""
    return await answer(work, await reviewing.send_back(work, article_id, body.reason), response)


@router.post(f"{ONE}/approve")
@operation(
    permission=ARTICLES_REVIEW,
    problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST],
)
async def approve_article(article_id: UUID, if_match: IfMatch, work: Write, response: Response) -> ArticlePublic:
    """Publish the version under review: the one that you read, which `If-Match` says. Nobody approves what they wrote in."""
    return await answer(work, await reviewing.approve(work, article_id, if_match), response)


@router.post(f"{ONE}/archive")
@operation(permission=ARTICLES_WRITE, problems=[ILLEGAL_TRANSITION])
async def archive_article(article_id: UUID, work: Write, response: Response) -> ArticlePublic:
    """Take a published article out of the lists, as out of date. It stays at its address."""
    return await answer(work, await reviewing.archive(work, article_id), response)


@router.post(f"{ONE}/remove")
@operation(permission=CONTENT_REMOVE, problems=[ILLEGAL_TRANSITION])
async def remove_article(article_id: UUID, work: Write, response: Response) -> ArticlePublic:
    """Remove an article: only its authors and moderators see it then, and what it earned is taken back."""
    return await answer(work, await reviewing.remove(work, article_id), response)


@router.post(f"{ONE}/restore")
@operation(permission=CONTENT_RESTORE, problems=[ILLEGAL_TRANSITION])
async def restore_article(article_id: UUID, work: Write, response: Response) -> ArticlePublic:
    """Restore an article: its authors what they removed themselves, moderators what a moderator removed."""
    return await answer(work, await reviewing.restore(work, article_id), response)


@router.put(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def add_article_reaction(article_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """React to an article. Again, it changes nothing."""
    return await reacting.react(work, article_id, reaction, given=True)


@router.delete(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def remove_article_reaction(article_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """Take a reaction to an article back. Again, it changes nothing."""
    return await reacting.react(work, article_id, reaction, given=False)


async def answer(work: Work, found: SeenArticle, response: Response) -> ArticlePublic:
    """The article for the caller, with its ETag."""
    set_etag(response, found.article.version)
    return await shown(work, found)

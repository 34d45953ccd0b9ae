"""HTTP of what members read of discussions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from chassis.problems import FORBIDDEN
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, PageQuery, paginate_together
from chassis.web.spans import SpanQuery, bounds_in
from chassis.web.tags import Tag
from services.content.discussions import listing, queries
from services.content.discussions.access import moderates, seen
from services.content.discussions.occasions import Looked, Reading
from services.content.discussions.rules import Kind, Sort, Status
from services.content.discussions.schemas import ASKED_STATUS, KIND, SORT, DiscussionListed, DiscussionMine
from services.content.discussions.views import listed, mine_of, shown
from services.content.groups import reader_of
from services.content.permissions import BOOKMARKS_OWN, DISCUSSIONS_READ, READ_MARKS_OWN, SUBSCRIPTIONS_OWN
from services.content.replies.reading import page_of
from services.content.replies.views import list_of
from services.content.subscriptions import queries as subscriptions
from services.content.subscriptions.models import Subscription
from services.content.subscriptions.schemas import SubscriptionPublic, TagFollowedPublic, subscription_shown
from services.content.subscriptions.service import follow_tag
from services.content.threads import service
from services.content.threads.home import unread_of
from services.content.threads.queries import bookmarked_by, followed_by, reading_of, unread_by
from services.content.threads.schemas import ReadBefore, ReadFloorPublic, ReadPublic, ReadUpto, ThreadPublic

router = api_router(tags=["Discussions"])


@router.get("/v1/discussions")
@operation(permission=DISCUSSIONS_READ)
async def list_discussions(
    work: Read,
    page: PageQuery,
    span: SpanQuery,
    community_id: Annotated[UUID | None, Query(description="Needed unless `mine` is true.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller started.")] = False,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    tag: Annotated[Tag | None, Query()] = None,
    author_id: Annotated[UUID | None, Query(description="Only what this member started.")] = None,
    status: Annotated[
        Status | Literal["scheduled", "removed"] | None,
        Query(description="`scheduled` and `removed` are for moderators."),
        ASKED_STATUS,
    ] = None,
    unanswered: Annotated[
        bool, Query(description="Only questions and requests for help that nobody but their author has replied to.")
    ] = False,
    overdue: Annotated[bool, Query(description="Only those that should have been replied to by now.")] = False,
    featured: Annotated[bool, Query(description="Only what moderators featured.")] = False,
    group_id: Annotated[UUID | None, Query(description="Only what stands in this group.")] = None,
    unread: Annotated[bool, Query(description="Only what the caller has not read.")] = False,
    bookmarked: Annotated[bool, Query(description="Only what the caller bookmarked.")] = False,
    subscribed: Annotated[bool, Query(description="Only what the caller follows, or a tag of it.")] = False,
    q: Annotated[str | None, Query(min_length=1, max_length=100, description="What stands in the title.")] = None,
    sort: Annotated[Sort, Query(), SORT] = "-last_activity_at",
) -> Page[DiscussionListed]:
    """List discussions: those that are pinned first, on the first page.

    Moderators see what was removed if they ask for it by `status`; with `mine` you see what you removed yourself, or others of yours.
    `from` and `to` ask when they were started, in days of the community; without one, of UTC.
    """
    asked = queries.Wanted(
        community_id=community_id,
        kind=kind,
        tag=tag,
        status=status,
        unanswered=unanswered,
        overdue=overdue,
        q=q,
        featured=featured,
        group_id=group_id,
        sort=sort,
    )
    wanted, standing = await listing.wanted_by(work, asked, author_id=author_id, mine=mine)
    wanted = replace(wanted, created=bounds_in(standing, span))
    own = [
        condition
        for asked_for, condition in ((unread, unread_by), (bookmarked, bookmarked_by), (subscribed, followed_by))
        if asked_for
    ]
    if own and standing is not None and standing.member_id is None:
        raise FORBIDDEN()
    wanted = replace(wanted, also=[condition(wanted.reader_ids) for condition in own])
    # One at least of the others, or the list would end here.
    first = (await queries.pinned_first(work.session, wanted, work.now))[: page.limit - 1]
    others = queries.listing(work.session, wanted, work.now, but=[row.id for row in first])
    shown_first = first if page.cursor is None else []
    rest = await paginate_together(
        work.session,
        others,
        page=replace(page, limit=page.limit - len(shown_first)),
        to=lambda rows: listed(work, [*shown_first, *rows], standing),
    )
    if rest.total is not None:
        rest.total.value += len(first)
    return rest


@router.get("/v1/discussions/{discussion_id}/thread")
@operation(permission=DISCUSSIONS_READ)
async def read_thread(
    discussion_id: UUID,
    work: Read,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Replies at most.")] = DEFAULT_LIMIT,
) -> ThreadPublic:
    """Read a discussion with the first of its replies, the accepted one before the others: a screen in one call."""
    found = await seen(work, discussion_id)
    replies = await page_of(work, found, list_of(work, discussion_id, limit=limit))
    return ThreadPublic(discussion=await shown(work, found), replies=replies)


@router.post("/v1/discussions/read")
@operation(permission=READ_MARKS_OWN)
async def read_discussions(body: ReadBefore, work: Write) -> ReadFloorPublic:
    """Have read everything in a community that was written before a moment; it only moves on."""
    floor, groups = await service.read_before(work, body)
    left = await unread_of(work.session, body.community_id, floor.member_id, groups)
    return ReadFloorPublic(community_id=body.community_id, read_before=floor.read_before, unread_count=left.discussions)


@router.put("/v1/discussions/{discussion_id}/read")
@operation(permission=READ_MARKS_OWN)
async def read_discussion_upto(discussion_id: UUID, body: ReadUpto, work: Write) -> ReadPublic:
    """Have read a discussion up to a position; it only moves on."""
    found, mark = await service.read_upto(work, discussion_id, body.upto)
    readings = await reading_of(work.session, Looked(found.readers, [discussion_id]))
    reading = readings.get(discussion_id, Reading())
    return ReadPublic(
        discussion_id=discussion_id,
        read_upto=mark.read_upto,
        unread=reading.unread,
        first_unread_reply_id=reading.first_unread_reply_id,
    )


@router.put("/v1/discussions/{discussion_id}/bookmark")
@operation(permission=BOOKMARKS_OWN)
async def add_discussion_bookmark(discussion_id: UUID, work: Write) -> DiscussionMine:
    """Bookmark a discussion. Again, it changes nothing; nobody else sees it."""
    return await mine_of(work, await service.bookmark(work, discussion_id, kept=True))


@router.delete("/v1/discussions/{discussion_id}/bookmark")
@operation(permission=BOOKMARKS_OWN)
async def remove_discussion_bookmark(discussion_id: UUID, work: Write) -> DiscussionMine:
    """Take a bookmark away. Again, it changes nothing."""
    return await mine_of(work, await service.bookmark(work, discussion_id, kept=False))


@router.put("/v1/discussions/{discussion_id}/subscription")
@operation(permission=SUBSCRIPTIONS_OWN)
async def add_discussion_subscription(discussion_id: UUID, work: Write) -> DiscussionMine:
    """Follow a discussion. Again, it changes nothing."""
    return await mine_of(work, await service.subscribe(work, discussion_id, on=True))


@router.delete("/v1/discussions/{discussion_id}/subscription")
@operation(permission=SUBSCRIPTIONS_OWN)
async def remove_discussion_subscription(discussion_id: UUID, work: Write) -> DiscussionMine:
    """Follow a discussion no longer. Again, it changes nothing."""
    return await mine_of(work, await service.subscribe(work, discussion_id, on=False))


@router.put("/v1/tags/{tag}/subscription")
@operation(permission=SUBSCRIPTIONS_OWN)
async def add_tag_subscription(tag: Tag, community_id: UUID, work: Write) -> TagFollowedPublic:
    """Follow a tag of a community, whether a discussion has it yet or not. Again, it changes nothing."""
    await follow_tag(work, community_id, tag, on=True)
    return TagFollowedPublic(community_id=community_id, tag=tag, subscribed=True)


@router.delete("/v1/tags/{tag}/subscription")
@operation(permission=SUBSCRIPTIONS_OWN)
async def remove_tag_subscription(tag: Tag, community_id: UUID, work: Write) -> TagFollowedPublic:
    """Follow a tag no longer. Again, it changes nothing."""
    await follow_tag(work, community_id, tag, on=False)
    return TagFollowedPublic(community_id=community_id, tag=tag, subscribed=False)


@router.get("/v1/subscriptions")
@operation(permission=SUBSCRIPTIONS_OWN.to_read)
async def list_subscriptions(community_id: UUID, work: Read, page: PageQuery) -> Page[SubscriptionPublic]:
    """List the discussions and tags that you follow, the latest first."""
    standing = await authorize(
        work.session, work.caller, SUBSCRIPTIONS_OWN.to_read, community_id, own=True, now=work.now
    )

    async def shown_with_titles(rows: Sequence[Subscription]) -> list[SubscriptionPublic]:
        ids = [row.target_id for row in rows if row.tag is None]
        titles = await queries.titles_seen(
            work.session, ids, standing.member_id, reader_of(standing), moderates=moderates(standing)
        )
        return [subscription_shown(row, titles.get(row.target_id)) for row in rows]

    return await paginate_together(
        work.session, subscriptions.listing(community_id, standing.member_id), page=page, to=shown_with_titles
    )

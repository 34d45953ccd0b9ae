"""HTTP of ideas."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.tags import Tag
from chassis.web.work import Work
from services.content.discussions.schemas import MergeInto
from services.content.ideas import deciding, listing, queries, removing, service, voting
from services.content.ideas.access import SeenIdea, seen_idea
from services.content.ideas.rules import Sort, Status
from services.content.ideas.schemas import (
    ASKED_STATUS,
    SORT,
    IdeaDecide,
    IdeaListed,
    IdeaPatch,
    IdeaPropose,
    IdeaPublic,
    IdeaVotedPublic,
)
from services.content.ideas.views import listed, shown, voted_on
from services.content.newcomers import FIRST_DAY_FULL
from services.content.permissions import (
    CONTENT_EDIT,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    IDEAS_DECIDE,
    IDEAS_PROPOSE,
    IDEAS_READ,
    IDEAS_VOTE,
)
from services.content.scanning.problems import TEXT_REFUSED

router = api_router(tags=["Ideas"])

ONE = "/v1/ideas/{idea_id}"


@router.post("/v1/ideas", status_code=201)
@operation(permission=IDEAS_PROPOSE, problems=[TEXT_REFUSED, FIRST_DAY_FULL])
async def propose_idea(body: IdeaPropose, work: Write, response: Response) -> IdeaPublic:
    """Propose an idea. Until `answer_due_at`, five working days later, somebody should have taken it up."""
    found = await service.propose(work, body)
    created(response, f"/v1/ideas/{found.idea.id}")
    return await _shown(work, found, response)


@router.get("/v1/ideas")
@operation(permission=IDEAS_READ)
async def list_ideas(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="Needed unless `mine` is true.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller proposed, whatever its status.")] = False,
    status: Annotated[
        Status | Literal["removed"] | None,
        Query(description="All but duplicates unless it says so; `removed` is for moderators."),
        ASKED_STATUS,
    ] = None,
    tag: Annotated[Tag | None, Query()] = None,
    author_id: Annotated[UUID | None, Query(description="Only what this member proposed.")] = None,
    to_decide: Annotated[bool, Query(description="Only those that are open or under review.")] = False,
    overdue: Annotated[bool, Query(description="Only those that should have been taken up by now.")] = False,
    q: Annotated[str | None, Query(min_length=1, max_length=100, description="What stands in the title.")] = None,
    sort: Annotated[Sort, Query(), SORT] = "-created_at",
) -> Page[IdeaListed]:
    """List ideas, the latest first, or those with the most votes."""
    asked = queries.Wanted(
        community_id=community_id, tag=tag, status=status, to_decide=to_decide, overdue=overdue, q=q, sort=sort
    )
    wanted, standing = await listing.wanted_by(work, asked, author_id=author_id, mine=mine)
    return await paginate_together(
        work.session,
        queries.listing(work.session, wanted, work.now),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=IDEAS_READ)
async def read_idea(idea_id: UUID, work: Read, response: Response) -> IdeaPublic:
    """Read an idea. `merged_into` is the idea at the end of all merges."""
    return await _shown(work, await seen_idea(work, idea_id), response)


@router.patch(ONE)
@operation(permission=CONTENT_EDIT, problems=[ILLEGAL_TRANSITION, TEXT_REFUSED])
async def update_idea(idea_id: UUID, body: IdeaPatch, if_match: IfMatch, work: Write, response: Response) -> IdeaPublic:
    """Change what you proposed, as long as nothing was decided."""
    return await _shown(work, await service.edit(work, idea_id, body, if_match), response)


@router.put(f"{ONE}/vote")
@operation(permission=IDEAS_VOTE, problems=[ILLEGAL_TRANSITION])
async def vote_for_idea(idea_id: UUID, work: Write) -> IdeaVotedPublic:
    """Vote for an idea, your own or another's; each member has one vote. Again, it changes nothing.

    A vote for a duplicate counts for the idea that it was merged into: `idea_id` says which.
    """
    return await voted_on(work, await voting.vote(work, idea_id, given=True))


@router.delete(f"{ONE}/vote")
@operation(permission=IDEAS_VOTE, problems=[ILLEGAL_TRANSITION])
async def take_idea_vote_back(idea_id: UUID, work: Write) -> IdeaVotedPublic:
    """Take your vote back. Again, it changes nothing."""
    return await voted_on(work, await voting.vote(work, idea_id, given=False))


@router.post(f"{ONE}/decide")
@operation(
    permission=IDEAS_DECIDE,
    problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST],
)
async def decide_idea(
    idea_id: UUID, body: IdeaDecide, if_match: IfMatch, work: Write, response: Response
) -> IdeaPublic:
    """Say what becomes of the idea that you read: looked into, tried out, adopted or declined. None of your own.

    Who declined may look into it again; an adopted one stays adopted. A vote changes no ETag.
    """
    return await _shown(work, await deciding.decide(work, idea_id, body, if_match), response)


@router.post(f"{ONE}/merge")
@operation(
    permission=IDEAS_DECIDE,
    problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST],
)
async def merge_idea(idea_id: UUID, body: MergeInto, if_match: IfMatch, work: Write, response: Response) -> IdeaPublic:
    """Say that an idea is the same as another: its votes count for that one, each member's once. Neither is your own.

    If that one was merged itself, it is the idea at the end. If it is merged in the same moment, try again (409).
    """
    return await _shown(work, await deciding.merge(work, idea_id, body.into_id, if_match), response)


@router.post(f"{ONE}/remove")
@operation(permission=CONTENT_REMOVE, problems=[ILLEGAL_TRANSITION])
async def remove_idea(idea_id: UUID, work: Write, response: Response) -> IdeaPublic:
    """Remove an idea: only its author and moderators see it then, and what it earned is taken back. Its votes stay."""
    return await _shown(work, await removing.remove(work, idea_id), response)


@router.post(f"{ONE}/restore")
@operation(permission=CONTENT_RESTORE, problems=[ILLEGAL_TRANSITION])
async def restore_idea(idea_id: UUID, work: Write, response: Response) -> IdeaPublic:
    """Restore an idea: its author what they removed themselves, moderators what a moderator removed."""
    return await _shown(work, await removing.restore(work, idea_id), response)


async def _shown(work: Work, found: SeenIdea, response: Response) -> IdeaPublic:
    set_etag(response, found.idea.version)
    return await shown(work, found)

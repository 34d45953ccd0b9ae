"""HTTP of the lists of applications and of a campaign's board."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.spans import SpanQuery
from services.membership.applications import listing, queries
from services.membership.applications.rules import Outcome, State
from services.membership.applications.schemas import OUTCOME, STATE, ApplicationPublic, BoardPublic
from services.membership.campaigns.parts import draft_seen_by
from services.membership.campaigns.queries import campaign_of
from services.membership.permissions import APPLICATIONS_READ

router = api_router(tags=["Applications"])


@router.get("/v1/applications")
@operation(permission=APPLICATIONS_READ)
async def list_applications(
    caller: CallerDep,
    session: Transaction,
    now: Now,
    page: PageQuery,
    span: SpanQuery,
    community_id: UUID | None = None,
    campaign_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own, in all communities.")] = False,
    state: Annotated[State, STATE] | None = None,
    outcome: Annotated[Outcome, OUTCOME] | None = None,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    department: Annotated[
        str | None,
        Query(max_length=64, description="The applicant's department's code. Includes the departments below it."),
    ] = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="The applicant's name, number, pinyin or its initials."),
    ] = None,
    waiting: Annotated[bool, Query(description="Only those on which somebody must take the next step.")] = False,
    sort: Annotated[queries.Sort, Closed("ApplicationsSort", queries.Sort)] = "-created_at",
) -> Page[ApplicationPublic]:
    """List applications, the newest first, or by score or name. Callers who do not decide in the community see only their own.

    `from` and `to` ask when they were submitted, in days of the community. Of your own you can filter the channel alone: who decides,
    and once applied, finds theirs in no list by state, outcome, waiting or score.
    """
    scope = await listing.scope_of(
        session, caller, community_id=community_id, campaign_id=campaign_id, mine=mine, now=now
    )
    if scope.everybodys:
        await listing.record(session, caller, scope, now)
    else:
        listing.refuse_for_own(
            **{"from": span.from_, "to": span.to},
            state=state,
            outcome=outcome,
            department=department,
            q=q,
            waiting=waiting,
            sort=None if sort == "-created_at" else sort,
        )
    found = queries.applications(
        community_id=scope.community_id,
        campaign_id=campaign_id,
        person_id=None if scope.everybodys else caller.id,
        without=caller.id if state or outcome or waiting or sort == "-score" else None,
        state=state,
        outcome=outcome,
        channel=channel,
        department=department,
        submitted=listing.bounds_of(scope, span),
        q=q,
        waiting=waiting,
        sort=sort,
    )
    return await paginate_together(
        session, found, page=page, to=lambda rows: listing.shown(session, caller, scope, rows, now)
    )


@router.get("/v1/campaigns/{campaign_id}/board")
@operation(permission=APPLICATIONS_READ)
async def read_campaign_board(campaign_id: UUID, caller: CallerDep, session: Reading, now: Now) -> BoardPublic:
    """Read the state of a campaign: counts by step and channel, seats left, the longest wait, and who works on what."""
    campaign = await campaign_of(session, campaign_id)
    seen_by = draft_seen_by(campaign)
    await authorize(session, caller, APPLICATIONS_READ, campaign.community_id, seen_by=seen_by, now=now)
    return await queries.board(session, campaign, now)

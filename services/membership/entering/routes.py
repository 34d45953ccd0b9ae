"""HTTP of ways in: joining an open community, and invitations."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, RuntimeDep, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.entering import coming_in, inviting, queries, views
from services.membership.entering.models import MemberInvitation
from services.membership.entering.problems import COMMUNITY_NOT_OPEN, INVITATION_CLOSED, NOT_JOINED_OPENLY
from services.membership.entering.rules import State
from services.membership.entering.schemas import (
    STATE,
    InvitationAccept,
    InvitationCreate,
    InvitationMade,
    InvitationPublic,
)
from services.membership.people.access import require_active
from services.membership.permissions import COMMUNITIES_JOIN, INVITATIONS_WRITE, PEOPLE_SELF
from services.membership.refusals import ALREADY_A_MEMBER, UNKNOWN_COHORT, UNKNOWN_PERSON
from services.membership.roster.models import Member
from services.membership.standing.schemas import Membership
from services.membership.standing.service import own_memberships

router = api_router(tags=["Invitations"])

ONE = "/v1/invitations/{invitation_id}"
_THERE = "The membership, if the caller is a member already."


@router.post("/v1/communities/{community_id}/join", status_code=201)
@operation(
    permission=COMMUNITIES_JOIN, problems=[COMMUNITY_NOT_OPEN, NOT_JOINED_OPENLY, ALREADY_A_MEMBER], existing=_THERE
)
async def join_community(community_id: UUID, work: Write, response: Response) -> Membership:
    """Join a community that is open to all employees who see it. Your record continues if you were a member before."""
    return await _membership(work, *await coming_in.join_openly(work, community_id), response)


@router.post("/v1/invitations", status_code=201)
@operation(
    permission=INVITATIONS_WRITE,
    idempotent=False,
    problems=[ALREADY_A_MEMBER, ILLEGAL_TRANSITION, UNKNOWN_COHORT, UNKNOWN_PERSON],
)
async def create_invitation(
    body: InvitationCreate, work: Write, runtime: RuntimeDep, response: Response
) -> InvitationMade:
    """Invite one person, or make a link for several. The link is shown only once; whoever is invited by name needs none."""
    made = await inviting.invite(work, body)
    created(response, f"/v1/invitations/{made.row.id}")
    (shown,) = await views.shown(work, [made.row], runs=True)
    app = runtime.settings.app_url
    # Behind the `#` it is sent to no server, and stands in no log and no `Referer`.
    link = f"{app.rstrip('/')}/invitations#{made.code}" if app else None
    return InvitationMade(**shown.model_dump(), code=made.code, link=link)


@router.get("/v1/invitations")
@operation(permission=INVITATIONS_WRITE.to_read)
async def list_invitations(
    community_id: UUID, work: Read, page: PageQuery, state: Annotated[State, STATE] | None = None
) -> Page[InvitationPublic]:
    """List a community's invitations, the newest first."""
    await work.permit(community_id)
    listing = queries.of_community(community_id, state=state, now=work.now)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: views.shown(work, rows, runs=True))


@router.get("/v1/invitations/mine")
@operation(permission=PEOPLE_SELF)
async def list_own_invitations(work: Read, page: PageQuery) -> Page[InvitationPublic]:
    """List what you are invited to in your own name and can accept, the newest first."""
    if work.caller is None:
        raise FORBIDDEN()
    person = await require_active(work.session, work.caller)
    listing = queries.of_person(person, work.now)
    return await paginate_together(
        work.session, listing, page=page, to=lambda rows: views.shown(work, rows, runs=False)
    )


@router.get(ONE)
@operation(permission=INVITATIONS_WRITE.to_read)
async def read_invitation(invitation_id: UUID, work: Read) -> InvitationPublic:
    """Read an invitation, and how many have come by it so far."""
    row = await work.permitted(MemberInvitation, invitation_id)
    return (await views.shown(work, [row], runs=True))[0]


@router.post(f"{ONE}/revoke")
@operation(permission=INVITATIONS_WRITE, problems=[ILLEGAL_TRANSITION])
async def revoke_invitation(invitation_id: UUID, work: Write) -> InvitationPublic:
    """Take an invitation back. Who came by it stays a member."""
    return (await views.shown(work, [await inviting.revoke(work, invitation_id)], runs=True))[0]


@router.post(f"{ONE}/accept", status_code=201)
@operation(permission=PEOPLE_SELF, problems=[INVITATION_CLOSED, ALREADY_A_MEMBER], existing=_THERE)
async def accept_own_invitation(invitation_id: UUID, work: Write, response: Response) -> Membership:
    """Accept an invitation in your own name, and become a member."""
    return await _membership(work, *await coming_in.accept(work, invitation_id=invitation_id), response)


@router.post("/v1/invitations/accept", status_code=201)
@operation(permission=PEOPLE_SELF, problems=[INVITATION_CLOSED, ALREADY_A_MEMBER], existing=_THERE)
async def accept_invitation(body: InvitationAccept, work: Write, response: Response) -> Membership:
    """Become a member by the link of an invitation. Each person can use it once."""
    return await _membership(work, *await coming_in.accept(work, code=body.code), response)


async def _membership(work: Work, member: Member, new: bool, response: Response) -> Membership:
    if work.caller is None:
        raise FORBIDDEN()
    await work.session.flush()
    response.status_code = 201 if new else 200
    created(response, f"/v1/members/{member.id}")
    found = await own_memberships(work.session, work.caller, work.now, community_id=member.community_id)
    return found[0]

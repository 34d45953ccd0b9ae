"""HTTP of mentorships."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.mentorships import ending, going_on, listing, problems, queries, service
from services.membership.mentorships.access import SeenMentorship, seen
from services.membership.mentorships.rules import Status
from services.membership.mentorships.schemas import (
    ATTENTION,
    STATUS,
    Attention,
    MentorCapacityPut,
    MentorPublic,
    MentorshipCreate,
    MentorshipEnd,
    MentorshipFeedbackCreate,
    MentorshipPatch,
    MentorshipPublic,
)
from services.membership.mentorships.views import listed, mentors_shown, shown
from services.membership.permissions import MENTORS_READ, MENTORSHIPS_OWN, MENTORSHIPS_READ
from services.membership.refusals import UNKNOWN_MEMBER

router = api_router(tags=["Mentorships"])

ALL: Final = "/v1/mentorships"
ONE: Final = "/v1/mentorships/{mentorship_id}"
_ROOM: Final = [problems.NOT_A_MENTOR, problems.MENTOR_FULL, problems.MENTEE_HAS_MENTOR]


@router.post(ALL, status_code=201)
@operation(
    permission=MENTORSHIPS_OWN,
    problems=[UNKNOWN_MEMBER, ALREADY_EXISTS, problems.DECLINED_LATELY, problems.TOO_MANY_PROPOSALS, *_ROOM],
)
async def propose_mentorship(body: MentorshipCreate, work: Write, response: Response) -> MentorshipPublic:
    """Ask a mentor, or as a mentor offer it to a member.

    The other one answers within 14 days, or it lapses. What was declined may be proposed again after 30 days.
    """
    found = await service.propose(work, body)
    created(response, f"{ALL}/{found.mentorship.id}")
    return await _shown(work, found, response)


@router.get(ALL)
@operation(permission=MENTORSHIPS_READ)
async def list_mentorships(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    mine: Annotated[
        bool, Query(description="Only the caller's own, on either side; in all communities without one.")
    ] = False,
    member_id: Annotated[UUID | None, Query(description="Only those of this member, on either side.")] = None,
    status: Annotated[Status, STATUS] | None = None,
    attention: Annotated[
        Attention,
        ATTENTION,
        Query(
            description="Only what those who run the community should see to: `seeking`, the last request of members who have no mentor;"
            " `quiet`, without a note for three weeks; `unattended`, whose mentor lost the role, or of whom one is suspended."
        ),
    ]
    | None = None,
) -> Page[MentorshipPublic]:
    """List mentorships, the newest proposal first. Who does not run the community sees only their own."""
    scope = await listing.scope_of(work, community_id, mine=mine, attention=attention)
    found = queries.mentorships(
        now=work.now,
        community_id=community_id,
        own_ids=None if scope.everybodys else scope.own_ids,
        member_id=member_id,
        status=status,
        attention=attention,
    )
    return await paginate_together(work.session, found, page=page, to=lambda rows: listed(work, rows, scope.own_ids))


@router.get(f"{ALL}/mentors")
@operation(permission=MENTORS_READ)
async def list_mentors(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    free: Annotated[bool, Query(description="Only those who take somebody more.")] = False,
) -> Page[MentorPublic]:
    """List the mentors of a community and how many mentees they take more."""
    await work.permit(community_id)
    found = queries.mentors(community_id, work.now, free=free)
    return await paginate_together(work.session, found, page=page, to=lambda rows: mentors_shown(work, rows))


@router.put(f"{ALL}/mentors/{{member_id}}")
@operation(permission=MENTORSHIPS_OWN)
async def set_mentor_capacity(member_id: UUID, body: MentorCapacityPut, work: Write) -> MentorPublic:
    """Say how many mentees you take at a time, as a mentor or before you are one. Those whom you have stay."""
    await service.set_capacity(work, member_id, body)
    taken = body.capacity - await queries.free_of(work.session, member_id, work.now)
    return (await mentors_shown(work, [(member_id, body.capacity, taken)]))[0]


@router.get(ONE)
@operation(permission=MENTORSHIPS_READ)
async def read_mentorship(mentorship_id: UUID, work: Read, response: Response) -> MentorshipPublic:
    """Read a mentorship: the two all of it, who runs the community its outlines."""
    return await _shown(work, await seen(work, mentorship_id), response)


@router.patch(ONE)
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION])
async def update_mentorship(
    mentorship_id: UUID, body: MentorshipPatch, if_match: IfMatch, work: Write, response: Response
) -> MentorshipPublic:
    """Write its goals anew, and say which are reached."""
    return await _shown(work, await going_on.change(work, mentorship_id, body, if_match), response)


@router.post(f"{ONE}/accept")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION, problems.OWN_PROPOSAL, *_ROOM])
async def accept_mentorship(mentorship_id: UUID, work: Write, response: Response) -> MentorshipPublic:
    """Accept what the other one proposed. It begins now."""
    return await _shown(work, await service.accept(work, mentorship_id), response)


@router.post(f"{ONE}/decline")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION, problems.OWN_PROPOSAL])
async def decline_mentorship(mentorship_id: UUID, work: Write, response: Response) -> MentorshipPublic:
    """Decline what the other one proposed."""
    return await _shown(work, await service.decline(work, mentorship_id), response)


@router.post(f"{ONE}/withdraw")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION, problems.NOT_OWN_PROPOSAL])
async def withdraw_mentorship(mentorship_id: UUID, work: Write, response: Response) -> MentorshipPublic:
    """Take back what you proposed."""
    return await _shown(work, await service.withdraw(work, mentorship_id), response)


@router.post(f"{ONE}/complete")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION, problems.TOO_SOON_TO_COMPLETE])
async def complete_mentorship(mentorship_id: UUID, work: Write, response: Response) -> MentorshipPublic:
    """Complete it before its end, after four weeks or later: ask the other one, or agree to what they asked. Asked again, nothing changes."""
    return await _shown(work, await ending.complete(work, mentorship_id), response)


@router.post(f"{ONE}/go-on")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION])
async def go_on_with_mentorship(mentorship_id: UUID, work: Write, response: Response) -> MentorshipPublic:
    """Do not complete it early: take back what you asked, or do not agree to what the other one asked."""
    return await _shown(work, await ending.go_on(work, mentorship_id), response)


@router.post(f"{ONE}/end")
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION])
async def end_mentorship(mentorship_id: UUID, body: MentorshipEnd, work: Write, response: Response) -> MentorshipPublic:
    """End it before its time, alone. The other one reads the reason. It earns nothing."""
    return await _shown(work, await ending.end(work, mentorship_id, body), response)


@router.post(f"{ONE}/feedback", status_code=201)
@operation(
    permission=MENTORSHIPS_OWN,
    problems=[ILLEGAL_TRANSITION, problems.FEEDBACK_OVER],
    existing="You have given it already.",
    located=False,
)
async def give_mentorship_feedback(
    mentorship_id: UUID, body: MentorshipFeedbackCreate, work: Write, response: Response
) -> MentorshipPublic:
    """Say how it was, once, within 14 days after its end. Each reads the other's when both are in, or the 14 days are over."""
    found, said = await going_on.give_feedback(work, mentorship_id, body)
    if not said:
        response.status_code = 200
    return await _shown(work, found, response)


async def _shown(work: Write, found: SeenMentorship, response: Response) -> MentorshipPublic:
    set_etag(response, found.mentorship.version)
    return await shown(work, found)

"""HTTP of the roster."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from chassis.avatars import avatars_in
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, INVALID, FieldError
from chassis.security.authority import authorize
from chassis.web.batch import BatchResult, run_batch
from chassis.web.dependencies import CallerDep, IfMatch, Localised, Now, Reading, RuntimeDep, Transaction
from chassis.web.etags import set_etag
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.schemas import ROLE
from chassis.web.spans import SpanQuery
from services.membership.cohorts.queries import cohort_refs
from services.membership.departments.queries import refs
from services.membership.people.models import Person
from services.membership.permissions import (
    COMMUNITIES_UPDATE,
    LEADERBOARDS_OPT_OUT,
    MEMBERS_LEAVE,
    MEMBERS_MUTE,
    MEMBERS_READ,
    MEMBERS_REMOVE,
    MEMBERS_UNMUTE,
)
from services.membership.refusals import LAST_OWNER, UNKNOWN_COHORT
from services.membership.roster import describing, muting, queries, service
from services.membership.roster.models import Member
from services.membership.roster.problems import MUTED_BY_PENALTY, MUTED_LATELY
from services.membership.roster.rules import Role, Status, reads_statuses
from services.membership.roster.schemas import STATUS, MemberMute, MemberPatch, MemberPublic, MemberRemove, MembersBatch

router = api_router(tags=["Roster"])


@router.get("/v1/members")
@operation(permission=MEMBERS_READ)
async def list_members(
    community_id: UUID,
    caller: CallerDep,
    session: Reading,
    now: Now,
    page: PageQuery,
    span: SpanQuery,
    q: Annotated[str | None, Query(max_length=100, description="A name, number, pinyin or its initials.")] = None,
    role: Annotated[Role, ROLE] | None = None,
    status: Annotated[Annotated[Status, STATUS] | None, Query(description="Without it: all current members.")] = None,
    cohort_id: UUID | None = None,
    department: Annotated[
        str | None, Query(max_length=64, description="A department's code. Includes the departments below it.")
    ] = None,
    person_id: UUID | None = None,
    sort: Annotated[queries.Sort, Closed("MembersSort", queries.Sort)] = "joined_at",
) -> Page[MemberPublic]:
    """List a community's members. Suspended members see only themselves. `from` and `to` are about when they joined."""
    standing = await authorize(session, caller, MEMBERS_READ, community_id, own=True, now=now)
    candid = reads_statuses(standing.columns)
    listing = queries.roster(
        community_id=community_id,
        now=now,
        only_person=None if standing.sees_all else caller.id,
        person_id=person_id,
        joined=span.bounds(time_zone=standing.community.time_zone, day_starts_at=standing.community.day_starts_at),
        candid_about=None if candid else caller.id,
        q=q,
        department=department,
        role=role,
        status=status,
        cohort_id=cohort_id,
        sort=sort,
    )

    async def shown(rows: Sequence[Any]) -> list[MemberPublic]:
        avatars = avatars_in(session)
        departments = await refs(session, [person.department_code for _, person in rows])
        cohorts = await cohort_refs(session, [member.cohort_id for member, _ in rows])
        viewers = await service.viewers_of(session, caller, standing, [member for member, _ in rows], now)
        return [
            MemberPublic.of(
                member,
                person,
                now,
                avatars,
                viewers[member.id],
                candid=candid or person.id == caller.id,
                own=person.id == caller.id,
                department=departments[person.department_code],
                cohort=cohorts[member.cohort_id],
            )
            for member, person in rows
        ]

    return await paginate_together(session, listing, page=page, to=shown)


@router.post("/v1/members/batch")
@operation(permission=COMMUNITIES_UPDATE, problems=[ILLEGAL_TRANSITION, LAST_OWNER, UNKNOWN_COHORT])
async def batch_members(
    body: MembersBatch, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised, request: Request
) -> BatchResult:
    """Set the cohort of up to 500 members, or remove them. Each is handled like a request of its own."""

    async def apply(session: AsyncSession, member_id: UUID) -> Any:
        if body.action == "set_cohort":
            await service.set_cohort(session, caller=caller, member_id=member_id, cohort_id=body.cohort_id, now=now)
        elif body.reason is None:
            raise INVALID(
                errors=[
                    FieldError("/reason", "missing", "A reason is required to remove members.", "移除成员须填写原因。")
                ]
            )
        else:
            await service.remove(session, caller=caller, member_id=member_id, reason=body.reason, now=now)

    return await run_batch(
        runtime,
        caller,
        body.ids,
        apply,
        of=Member,
        locale=locale,
        request_id=getattr(request.state, "request_id", None),
    )


@router.get("/v1/members/{member_id}")
@operation(permission=MEMBERS_READ)
async def read_member(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, response: Response
) -> MemberPublic:
    """Read a member."""
    member, person, viewer, candid = await service.read_member(session, caller=caller, member_id=member_id, now=now)
    own = person.id == caller.id
    named = await _named(session, member, person)
    shown = MemberPublic.of(member, person, now, avatars_in(session), viewer, candid=candid, own=own, **named)
    if candid and caller.kind == "person":
        shown.mute = await muting.mute_of(session, member, now)
    if own:
        shown.on_boards = member.on_boards
        shown.description_hidden = await describing.hidden_of(session, member)
        set_etag(response, member.version)
    return shown


@router.patch("/v1/members/{member_id}")
@operation(permission=LEADERBOARDS_OPT_OUT)
async def update_own_membership(
    member_id: UUID,
    body: MemberPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> MemberPublic:
    """Decide whether you stand on boards, from now on, and say what you can do and care about, which others read once moderation has let it through."""
    member, person = await service.change_own(
        session, caller=caller, member_id=member_id, body=body, if_match=if_match, now=now
    )
    set_etag(response, member.version)
    named = await _named(session, member, person)
    shown = MemberPublic.of(member, person, now, avatars_in(session), own=True, **named)
    shown.on_boards = member.on_boards
    shown.description_hidden = await describing.hidden_of(session, member)
    return shown


@router.post("/v1/members/{member_id}/leave")
@operation(permission=MEMBERS_LEAVE, problems=[ILLEGAL_TRANSITION, LAST_OWNER])
async def leave_community(member_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> MemberPublic:
    """Leave a community. Your record is kept, and continues if you join again."""
    member, person = await service.leave(session, caller=caller, member_id=member_id, now=now)
    return MemberPublic.of(member, person, now, avatars_in(session), **await _named(session, member, person))


@router.post("/v1/members/{member_id}/remove")
@operation(
    permission=MEMBERS_REMOVE,
    problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, LAST_OWNER],
)
async def remove_member(
    member_id: UUID, body: MemberRemove, caller: CallerDep, session: Transaction, now: Now
) -> MemberPublic:
    """Remove a member. Operators may not remove owners or other operators."""
    member, person = await service.remove(session, caller=caller, member_id=member_id, reason=body.reason, now=now)
    return MemberPublic.of(member, person, now, avatars_in(session), **await _named(session, member, person))


@router.post("/v1/members/{member_id}/mute")
@operation(permission=MEMBERS_MUTE, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, MUTED_LATELY])
async def mute_member(
    member_id: UUID, body: MemberMute, caller: CallerDep, session: Transaction, now: Now
) -> MemberPublic:
    """Mute a member for up to three days: they can read, and not write. Owners and operators cannot be muted."""
    member, person = await muting.mute(session, caller=caller, member_id=member_id, body=body, now=now)
    shown = MemberPublic.of(member, person, now, avatars_in(session), **await _named(session, member, person))
    shown.mute = await muting.mute_of(session, member, now)
    return shown


@router.post("/v1/members/{member_id}/unmute")
@operation(permission=MEMBERS_UNMUTE, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, MUTED_BY_PENALTY])
async def unmute_member(member_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> MemberPublic:
    """End a short mute before its time. What a penalty brought ends where that is lifted."""
    member, person = await muting.unmute(session, caller=caller, member_id=member_id, now=now)
    return MemberPublic.of(member, person, now, avatars_in(session), **await _named(session, member, person))


async def _named(session: AsyncSession, member: Member, person: Person) -> dict[str, Any]:
    """The names of a member's department and cohort."""
    departments = await refs(session, [person.department_code])
    cohorts = await cohort_refs(session, [member.cohort_id])
    return {"department": departments[person.department_code], "cohort": cohorts[member.cohort_id]}

"""HTTP of attendances."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED
from chassis.projections.members import embedded
from chassis.web.dependencies import IfMatch, Now, Read, RuntimeDep, Write
from chassis.web.embeds import with_members
from chassis.web.etags import created, set_etag
from chassis.web.idempotency import KEPT_LONG
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.activities.schemas import ActivityComplete, ActivityPublic
from services.events.activities.views import shown
from services.events.attendances import completing, problems, queries, service
from services.events.attendances.bursts import Burst, bursts_of, check_ins_of
from services.events.attendances.codes import TICKET_LASTS, code_of, door_of, shown_until, ticket_for
from services.events.attendances.models import Attendance
from services.events.attendances.schemas import (
    AttendancePublic,
    AttendanceRecord,
    BurstPublic,
    CheckIn,
    DoorCodePublic,
    TicketCreate,
    TicketPublic,
)
from services.events.permissions import (
    ACTIVITIES_READ,
    ACTIVITIES_WRITE,
    ATTENDANCES_CHECK_IN,
    ATTENDANCES_MANAGE,
)

router = api_router(tags=["Attendances"])

ONE = "/v1/attendances/{attendance_id}"


@router.get("/v1/activities/{activity_id}/code")
@operation(permission=ATTENDANCES_MANAGE, problems=[ILLEGAL_TRANSITION])
async def show_door_code(activity_id: UUID, work: Read, runtime: RuntimeDep) -> DoorCodePublic:
    """Show the code at the door. It changes every 30 seconds."""
    activity = (await seen_activity(work, activity_id, of=ATTENDANCES_MANAGE)).activity
    if activity.door is None or activity.status != "announced":
        raise ILLEGAL_TRANSITION(state=activity.status)
    return DoorCodePublic(
        code=code_of(runtime.address_secret, activity.door, work.now), shown_until=shown_until(work.now)
    )


@router.post("/v1/attendances/tickets")
@operation(public=True, idempotent=False, problems=[problems.NOT_AT_THE_DOOR], located=False)
async def exchange_code(body: TicketCreate, runtime: RuntimeDep, now: Now) -> TicketPublic:
    """Exchange the code at the door for a ticket, before you log in. It lasts five minutes."""
    door = door_of(runtime.address_secret, body.code, now)
    if door is None:
        raise problems.NOT_AT_THE_DOOR()
    return TicketPublic(ticket=ticket_for(runtime.address_secret, door, now), expires_at=now + TICKET_LASTS)


@router.post("/v1/attendances", status_code=201)
@operation(
    permission=ATTENDANCES_CHECK_IN,
    problems=[problems.NOT_AT_THE_DOOR, problems.DOORS_CLOSED, problems.NOT_REGISTERED],
    existing="The caller has checked in already.",
    remembered=KEPT_LONG,
)
async def check_in_at_door(body: CheckIn, work: Write, response: Response) -> AttendancePublic:
    """Check in at the door with a ticket."""
    return await _answered(work, await service.check_in(work, body), response)


@router.post("/v1/attendances/record", status_code=201)
@operation(
    permission=ATTENDANCES_MANAGE,
    problems=[problems.DOORS_CLOSED, CONFLICT_OF_INTEREST],
    existing="It was recorded already.",
)
async def record_attendance(body: AttendanceRecord, work: Write, response: Response) -> AttendancePublic:
    """Record that a member was there. After the activity is completed, points and hours follow at once."""
    return await _answered(work, await service.record(work, body), response)


@router.get("/v1/attendances")
@operation(permission=ACTIVITIES_READ)
async def list_attendances(
    activity_id: Annotated[UUID, Query()], work: Read, page: PageQuery
) -> Page[AttendancePublic]:
    """List who was at an activity; those who do not run it see only themselves."""
    found = await seen_activity(work, activity_id)
    only = None if found.may(ATTENDANCES_MANAGE.to_read) else found.standing.member_id or found.activity.id
    return await paginate_together(
        work.session,
        queries.listing(activity_id, only),
        page=page,
        to=lambda rows: with_members(AttendancePublic, rows, lambda ids: embedded(work.session, ids)),
    )


@router.get("/v1/attendances/bursts")
@operation(permission=ATTENDANCES_MANAGE.to_read)
async def list_bursts(
    activity_id: Annotated[UUID, Query(description="The activity.")], work: Read, page: PageQuery
) -> Page[BurstPublic]:
    """List the seconds in which more members checked in by code than there are doors, the first first."""
    activity = (await seen_activity(work, activity_id, of=ATTENDANCES_MANAGE.to_read)).activity
    return await paginate_together(
        work.session,
        bursts_of(work.session, activity),
        page=page,
        to=lambda rows: _bursts(work, activity_id, [Burst(*row) for row in rows]),
    )


@router.get(ONE)
@operation(permission=ACTIVITIES_READ)
async def read_attendance(attendance_id: UUID, work: Read) -> AttendancePublic:
    """Read an attendance: your own, or one at an activity that you run."""
    return await _shown(work, (await service.seen_attendance(work, attendance_id)).attendance)


@router.post(f"{ONE}/check-out")
@operation(permission=ATTENDANCES_CHECK_IN, problems=[ILLEGAL_TRANSITION])
async def check_out_at_door(attendance_id: UUID, work: Write) -> AttendancePublic:
    """Check out of an activity where that is asked for. The last time counts."""
    return await _shown(work, (await service.check_out(work, attendance_id)).attendance)


@router.post(f"{ONE}/revoke")
@operation(permission=ATTENDANCES_MANAGE, problems=[CONFLICT_OF_INTEREST])
async def revoke_attendance(attendance_id: UUID, work: Write) -> AttendancePublic:
    """Revoke an attendance: the member was not there. What it earned is taken back."""
    return await _shown(work, (await service.revoke(work, attendance_id)).attendance)


@router.post("/v1/activities/{activity_id}/complete")
@operation(permission=ACTIVITIES_WRITE, problems=[ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED])
async def complete_activity(
    activity_id: UUID, if_match: IfMatch, work: Write, response: Response, body: ActivityComplete | None = None
) -> ActivityPublic:
    """Complete an activity that has ended. The clock does it a day after the end."""
    found = await completing.complete(work, activity_id, if_match, body.summary if body is not None else None)
    set_etag(response, found.activity.version)
    return await shown(work, found)


async def _bursts(work: Work, activity_id: UUID, bursts: Sequence[Burst]) -> list[BurstPublic]:
    rows = await check_ins_of(work.session, activity_id, bursts)
    shown = await with_members(AttendancePublic, rows, lambda ids: embedded(work.session, ids))
    return [
        BurstPublic(
            at=one.second,
            count=one.many,
            check_ins=[row for row in shown if row.in_at.replace(microsecond=0) == one.second],
        )
        for one in bursts
    ]


async def _answered(work: Work, done: service.Attended, response: Response) -> AttendancePublic:
    created(response, f"/v1/attendances/{done.attendance.id}")
    if not done.new:
        response.status_code = 200
    return await _shown(work, done.attendance)


async def _shown(work: Work, row: Attendance) -> AttendancePublic:
    return (await with_members(AttendancePublic, [row], lambda ids: embedded(work.session, ids)))[0]

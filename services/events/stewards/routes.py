"""HTTP of stewards and scans."""

from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import CONFLICT_OF_INTEREST
from chassis.projections.members import embedded
from chassis.web.batch import BatchResult, run_batch
from chassis.web.dependencies import CallerDep, Localised, Now, Read, RuntimeDep, Write
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.attendances.problems import DOORS_CLOSED
from services.events.permissions import ATTENDANCES_SCAN, STEWARDS_WRITE
from services.events.stewards import problems, service
from services.events.stewards.queries import stewards_of
from services.events.stewards.schemas import DoorCounts, Scan, ScanBatch, ScanPublic, StewardsPublic

router = api_router(tags=["Attendances"])

STEWARDS = "/v1/activities/{activity_id}/stewards"


@router.get(STEWARDS)
@operation(permission=STEWARDS_WRITE)
async def list_stewards(activity_id: UUID, work: Read) -> StewardsPublic:
    """List who scans at the door of an activity."""
    await seen_activity(work, activity_id, of=STEWARDS_WRITE)
    return await _stewards(work, activity_id)


@router.put(f"{STEWARDS}/{{member_id}}")
@operation(permission=STEWARDS_WRITE)
async def add_steward(activity_id: UUID, member_id: UUID, work: Write) -> StewardsPublic:
    """Let a member scan passes at the door, and nothing else. Again, it changes nothing."""
    await service.name_steward(work, activity_id, member_id)
    return await _stewards(work, activity_id)


@router.delete(f"{STEWARDS}/{{member_id}}")
@operation(permission=STEWARDS_WRITE)
async def remove_steward(activity_id: UUID, member_id: UUID, work: Write) -> StewardsPublic:
    """Let a member no longer scan. Again, it changes nothing."""
    await service.dismiss_steward(work, activity_id, member_id)
    return await _stewards(work, activity_id)


@router.get("/v1/activities/{activity_id}/counts")
@operation(permission=ATTENDANCES_SCAN.to_read)
async def count_attendances(activity_id: UUID, work: Read) -> DoorCounts:
    """Read how many came to an activity so far, as its stewards may: no names."""
    activity, came = await service.counts(work, activity_id)
    return DoorCounts(
        activity_id=activity_id, expected=activity.confirmed, present=came.present, walk_ins=came.walk_ins
    )


@router.post("/v1/attendances/scan")
@operation(permission=ATTENDANCES_SCAN, problems=[problems.NO_PASS, DOORS_CLOSED, CONFLICT_OF_INTEREST], located=False)
async def scan_pass(body: Scan, work: Write) -> ScanPublic:
    """Scan the pass of somebody at the door. The same scan again is the same; whoever has no seat is let in by `walk_in`."""
    return await _shown(work, await service.scan(work, body.activity_id, body, method="code"))


@router.post("/v1/attendances/batch")
@operation(permission=ATTENDANCES_SCAN, problems=[problems.NO_PASS, DOORS_CLOSED, CONFLICT_OF_INTEREST])
async def batch_scans(
    body: ScanBatch, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised, request: Request
) -> BatchResult:
    """Send up to 500 passes that were scanned without a network, with when they were. Each is handled like a scan of its own."""
    scans = {one.client_id: one for one in body.scans}

    async def apply(session: AsyncSession, client_id: UUID) -> Any:
        work = Work(session, now, caller, ATTENDANCES_SCAN)
        done = await service.scan(work, body.activity_id, scans[client_id], method="batch")
        return (await _shown(work, done)).model_dump(mode="json")

    return await run_batch(
        runtime, caller, list(scans), apply, locale=locale, request_id=getattr(request.state, "request_id", None)
    )


async def _stewards(work: Work, activity_id: UUID) -> StewardsPublic:
    ids = await stewards_of(work.session, activity_id)
    members = await embedded(work.session, ids)
    return StewardsPublic(activity_id=activity_id, stewards=[members[one] for one in ids])


async def _shown(work: Work, done: service.Scanned) -> ScanPublic:
    members = await embedded(work.session, [done.member_id]) if done.member_id is not None else {}
    return ScanPublic(
        result=done.result,
        attendance_id=done.attendance.id if done.attendance is not None else None,
        member=members.get(done.member_id) if done.member_id is not None else None,
    )

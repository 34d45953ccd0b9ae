"""A small service of these tests' own: things in a community, with seats to take, made on a fresh schema without migrations."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    asc,
    desc,
    func,
    insert,
    select,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.audit import audit
from chassis.contributions import DeskQueue, HomePart, Reader, Task, Visit, Waiting
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.feature import Feature
from chassis.ids import new_id
from chassis.jobs import JobFailed, JobRun, Jobs, packed, start_job
from chassis.messaging.outbox import emit
from chassis.problems import (
    ILLEGAL_TRANSITION,
    PRECONDITION_FAILED,
    ProblemType,
    problem_response,
)
from chassis.projections import (
    ProjectionAuthority,
    follow_history,
    follow_membership,
)
from chassis.security.authority import authorize
from chassis.security.permissions import permission
from chassis.service import Service
from chassis.timers import Late, Timer, Timers
from chassis.web.batch import BatchResult, run_batch
from chassis.web.dependencies import CallerDep, IfMatch, Localised, MaybeCaller, Now, Reading, RuntimeDep, Transaction
from chassis.web.etags import created, require_match, set_etag
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.schemas import ResponseModel
from chassis.web.uploads import EMPTY_UPLOAD, receive_upload
from contracts.belonging import GROUP_MEMBER_STATES, GROUP_STATES
from contracts.conduct import ACKNOWLEDGEMENT_STATES, RULE_SET_STATES
from contracts.membership import (
    COMMUNITY_STATES,
    DEPARTMENT_STATES,
    MEMBER_STATES,
    PERSON_STATES,
    SANCTION_STATES,
    WORK_CALENDAR_STATES,
)
from tests.service.chassis.workshop_things import (
    COLOUR_SHOWN,
    LABELLED,
    PLACE_TAKEN,
    Base,
    Label,
    LabelCreate,
    Thing,
    ThingCreate,
    ThingMade,
    ThingPatch,
    ThingPublic,
    ThingsBatch,
    seats_taken,
    tables,
)
from tests.support.declarations import of_tests_only

with of_tests_only():
    THINGS_READ = permission("things.read", "v v – y y y y y y – y")
    THINGS_WRITE = permission("things.write", "– – – – o o o o y – y")
    THINGS_CLOSE = permission("things.close", "– – – – – – – – y – y")
    THINGS_RESET = permission("things.reset", "– – – – – – – – – y –")
    FULL = ProblemType("workshop_full", 409, en="No seat is left", zh="没有空位")


@dataclass
class Switches:
    """What a test changes about the service's behaviour."""

    entered: int = 0
    hold: asyncio.Event | None = None
    entered_event: asyncio.Event = field(default_factory=asyncio.Event)
    fails: list[BaseException] = field(default_factory=list)
    fired: list[Timer] = field(default_factory=list)
    swept: list[Timer] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


switches = Switches()

router = api_router(tags=["Things"])


async def _make(session: AsyncSession, caller: Any, body: ThingCreate, now: datetime) -> Thing:
    standing = await authorize(session, caller, THINGS_WRITE, body.community_id, own=True, now=now)
    thing = Thing(
        community_id=body.community_id, member_id=standing.member_id, name=body.name, seats=body.seats, made_at=now
    )
    session.add(thing)
    await session.flush()
    made = ThingMade(thing_id=thing.id, community_id=thing.community_id, name=thing.name)
    await emit(session, made, version=thing.bump(), occurred_at=now)
    return thing


@router.post("/v1/things", status_code=201)
@operation(permission=THINGS_WRITE)
async def make_thing(
    body: ThingCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ThingPublic:
    """Make a thing."""
    thing = await _make(session, caller, body, now)
    switches.entered += 1
    switches.entered_event.set()
    if switches.hold is not None:
        await switches.hold.wait()
    created(response, f"/v1/things/{thing.id}")
    return ThingPublic.model_validate(thing)


@router.get("/v1/things")
@operation(permission=THINGS_READ)
async def list_things(
    caller: MaybeCaller, session: Reading, now: Now, page: PageQuery, community_id: UUID, name: str | None = None
) -> Page[ThingPublic]:
    """List things, the heaviest first, those of one weight by name and then the newest."""
    await authorize(session, caller, THINGS_READ, community_id, now=now)
    statement = select(Thing).where(col(Thing.community_id) == community_id)
    if name is not None:
        statement = statement.where(col(Thing.name) == name)
    order: list[Any] = [desc(col(Thing.weight)), asc(col(Thing.name)), desc(col(Thing.made_at)), asc(col(Thing.id))]
    return await paginate(session, Listing(statement, order), page=page, to=ThingPublic.model_validate)


@router.get("/v1/other-things")
@operation(permission=THINGS_READ)
async def list_other_things(
    caller: MaybeCaller, session: Reading, now: Now, page: PageQuery, community_id: UUID
) -> Page[ThingPublic]:
    """List things in the same order, by another operation."""
    return await list_things(caller, session, now, page, community_id)


@router.post("/v1/things/batch")
@operation(permission=THINGS_CLOSE, problems=[ILLEGAL_TRANSITION])
async def batch_things(
    body: ThingsBatch, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised
) -> BatchResult:
    """Close several things."""

    async def close(session: AsyncSession, thing_id: UUID) -> None:
        await _close(session, caller, thing_id, now)

    return await run_batch(runtime, caller, body.ids, close, of=Thing, locale=locale)


IMPORTS = "/v1/things/imports"


@router.post(IMPORTS, status_code=202)
@operation(permission=THINGS_WRITE, problems=[EMPTY_UPLOAD], max_body=100_000)
async def import_things(
    request: Request, response: Response, caller: CallerDep, session: Transaction, now: Now, community_id: UUID
) -> JobPublic:
    """Import things, one name a line."""
    content = (await receive_upload(request, accepted=["text/csv"])).content()
    await authorize(session, caller, THINGS_WRITE, community_id, own=True, now=now)
    job_id = await start_job(
        session,
        "things.import",
        {"community_id": str(community_id)},
        caller=caller,
        now=now,
        upload=packed(content),
        community_id=community_id,
        total=len(content.split()),
    )
    return await accepted_job(session, job_id, response, IMPORTS)


job_routes(router, prefix=IMPORTS, kind="things.import", permission=THINGS_WRITE, name="things_import")


@router.get("/v1/things/{thing_id}")
@operation(permission=THINGS_READ)
async def read_thing(
    thing_id: UUID, caller: MaybeCaller, session: Reading, now: Now, response: Response
) -> ThingPublic:
    """Read a thing."""
    thing = await existing(session, Thing, thing_id)
    await authorize(session, caller, THINGS_READ, thing.community_id, now=now)
    set_etag(response, thing.version)
    return ThingPublic.model_validate(thing)


@router.patch("/v1/things/{thing_id}")
@operation(permission=THINGS_WRITE, problems=[ILLEGAL_TRANSITION])
async def patch_thing(
    thing_id: UUID,
    body: ThingPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> ThingPublic:
    """Rename a thing that is open."""
    thing = await existing(session, Thing, thing_id, lock=True)
    standing = await authorize(session, caller, THINGS_READ, thing.community_id, now=now)
    await authorize(
        session, caller, THINGS_WRITE, thing.community_id, own=standing.member_id == thing.member_id, now=now
    )
    require_match(thing.version, if_match)
    if thing.status != "open":
        raise ILLEGAL_TRANSITION(state=thing.status)
    await audit(session, caller, thing, "rename", {"name": [thing.name, body.name], "secret": ["old", "new"]}, now)
    thing.name, thing.version = body.name, thing.version + 1
    set_etag(response, thing.version)
    return ThingPublic.model_validate(thing)


async def _close(session: AsyncSession, caller: Any, thing_id: UUID, now: datetime) -> Thing:
    thing = await existing(session, Thing, thing_id, lock=True)
    await authorize(session, caller, THINGS_CLOSE, thing.community_id, now=now)
    if thing.status == "closed":
        raise ILLEGAL_TRANSITION(state="closed")
    thing.status = "closed"
    return thing


@router.post("/v1/things/{thing_id}/close")
@operation(permission=THINGS_CLOSE, problems=[ILLEGAL_TRANSITION])
async def close_thing(thing_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> ThingPublic:
    """Close a thing."""
    return ThingPublic.model_validate(await _close(session, caller, thing_id, now))


@router.post("/v1/things/{thing_id}/seats", status_code=201)
@operation(permission=THINGS_WRITE, problems=[FULL], located=False)
async def take_seat(thing_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> dict[str, int]:
    """Take a seat, as long as there are any."""
    thing = await existing(session, Thing, thing_id, lock=True)
    await authorize(session, caller, THINGS_WRITE, thing.community_id, own=True, now=now)
    taken = (
        await session.execute(select(func.count()).select_from(seats_taken).where(seats_taken.c.thing_id == thing_id))
    ).scalar_one()
    if taken >= thing.seats:
        raise FULL()
    await session.execute(insert(seats_taken).values(id=new_id(), thing_id=thing_id, position=taken + 1))
    return {"position": taken + 1}


@router.post("/v1/labels", status_code=201, response_class=Response)
@operation(logged_in=True, problems=[LABELLED, PLACE_TAKEN, COLOUR_SHOWN], located=False)
async def make_label(body: LabelCreate, session: Transaction) -> Response:
    """Label a thing, without a look at what there is."""
    session.add(Label(**body.model_dump()))
    return Response(status_code=201)


@router.post("/v1/labels/batch")
@operation(logged_in=True)
async def batch_labels(body: ThingsBatch, caller: CallerDep, runtime: RuntimeDep, locale: Localised) -> BatchResult:
    """Label several things alike."""

    async def label(session: AsyncSession, thing_id: UUID) -> None:
        session.add(Label(thing_id=thing_id, code="alike", place=0, colour="red", shown=False, serial=None))

    return await run_batch(runtime, caller, body.ids, label, locale=locale)


@router.post("/v1/things/reset")
@operation(permission=THINGS_RESET)
async def reset_things(body: ThingPatch, caller: CallerDep, session: Transaction) -> Response:
    """What only the platform may do."""
    return Response(status_code=204)


@router.post("/v1/failures/{kind}", status_code=201)
@operation(logged_in=True, problems=[FULL, PRECONDITION_FAILED], located=False)
async def fail(kind: str, session: Transaction, now: Now, community_id: UUID) -> Any:
    """Write something, then go wrong."""
    session.add(Thing(community_id=community_id, member_id=None, name=f"left by {kind}", made_at=now))
    await session.flush()
    match kind:
        case "refused":
            raise PRECONDITION_FAILED()
        case "bug":
            raise ZeroDivisionError("secret detail")
        case "at_commit":
            await session.execute(insert(seats_taken).values(id=new_id(), thing_id=new_id(), position=1))
        case "declined":
            return problem_response(FULL(), "en")
        case "waits":
            switches.entered_event.set()
            assert switches.hold is not None
            await switches.hold.wait()
    return {"done": kind}


jobs = Jobs()


@jobs.kind("things.import")
async def run_import(job: JobRun) -> None:
    names = (await job.content()).decode().split()
    if names == ["hopeless"]:
        raise JobFailed("nothing_to_do")
    job.total = len(names)
    while job.done < len(names):
        row = job.done
        async with job.step() as session:
            if names[row] == "bad":
                job.error(row + 2, "bad_name", "No good.")
                job.advance(failed=1)
            else:
                session.add(
                    Thing(
                        community_id=UUID(job.params["community_id"]),
                        member_id=None,
                        name=names[row],
                        weight=row,
                        made_at=job.runtime.clock(),
                    )
                )
                job.advance(done=1)
            if switches.fails:
                raise switches.fails.pop()
            switches.entered_event.set()
            if switches.hold is not None:
                await switches.hold.wait()
        job.result["last"] = names[row]


timers = Timers()


@timers.on("thing.close", late=Late.ENDING)
async def close_by_clock(session: AsyncSession, timer: Timer) -> None:
    switches.fired.append(timer)
    if switches.fails:
        raise switches.fails[0]
    thing = await existing(session, Thing, timer.subject_id, lock=True)
    thing.status = "closed"


@timers.on("thing.weigh", late=Late.ENDING)
async def weigh(session: AsyncSession, timer: Timer) -> None:
    switches.fired.append(timer)


@timers.on("thing.remind", late=Late.TELLING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    switches.fired.append(timer)


@timers.on("thing.offer", late=Late.BEGINNING)
async def offer(session: AsyncSession, timer: Timer) -> None:
    switches.fired.append(timer)


@timers.every(timedelta(hours=1), kind="things.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    switches.swept.append(timer)


async def to_weigh(session: AsyncSession, reader: Reader) -> list[Task]:
    return [Task(code="weigh", title=f"weigh, in {reader.locale}", href="/v1/things"), *switches.tasks]


def waiting_with(status: str) -> Any:
    async def waiting(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
        these = (col(Thing.community_id) == community_id, col(Thing.status) == status)
        count, oldest = (await session.execute(select(func.count(), func.min(col(Thing.made_at))).where(*these))).one()
        return Waiting(count=count, oldest_at=oldest, href=f"/v1/things?community_id={community_id}")

    return waiting


class Seen(ResponseModel):
    community: str | None
    member: bool


async def seen_at_home(session: AsyncSession, visit: Visit) -> Seen:
    return Seen(community=visit.community.name if visit.community else None, member=visit.member is not None)


async def own_at_home(session: AsyncSession, visit: Visit) -> str:
    return "mine"


handlers = follow_membership(
    people=PERSON_STATES,
    departments=DEPARTMENT_STATES,
    communities=COMMUNITY_STATES,
    members=MEMBER_STATES,
    sanctions=SANCTION_STATES,
    rule_sets=RULE_SET_STATES,
    acknowledgements=ACKNOWLEDGEMENT_STATES,
    work_calendars=WORK_CALENDAR_STATES,
    groups=GROUP_STATES,
    group_members=GROUP_MEMBER_STATES,
)
handlers.include(follow_history(communities=COMMUNITY_STATES, members=MEMBER_STATES))

workshop = Service(
    name="workshop",
    base=Base,
    tables=tables,
    migrations="services.content.migrations",
    features=[
        Feature(
            "things",
            routers=[router],
            timers=[timers],
            jobs=[jobs],
            tasks=[to_weigh],
            desk=[
                DeskQueue("to_read", THINGS_READ, waiting_with("open")),
                DeskQueue("to_close", THINGS_CLOSE, waiting_with("closing")),
            ],
            home=[HomePart("seen", THINGS_READ, Seen, seen_at_home), HomePart("own", THINGS_WRITE, Seen, own_at_home)],
        )
    ],
    projections=handlers,
    authority=ProjectionAuthority,
    publishes=["qunxue.workshop"],
)

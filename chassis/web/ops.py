"""What operators look at: metrics, and the state of a service in figures.

On a service's own port they need `ops.read`; on the ops port (127.0.0.1 unless told otherwise) nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.database.context import context_of
from chassis.database.migrations import is_at_head
from chassis.messaging.envelope import is_ours
from chassis.messaging.holes import State, holes
from chassis.messaging.lag import outbox_backlog, progress
from chassis.messaging.restating import missing as to_restate
from chassis.metrics import metrics_text
from chassis.security.permissions import permission
from chassis.service import RunningService
from chassis.timers import next_due
from chassis.turns import Turns
from chassis.web.dependencies import CallerDep, RunningDep
from chassis.web.jobs import waiting_jobs
from chassis.web.named import Closed, Named
from chassis.web.operations import api_router, operation
from chassis.web.schemas import ResponseModel

OPS_READ = permission("ops.read", "– – – – – – – – – y y")

ops_router = api_router(tags=["Operations"])


class Missing(ResponseModel):
    """A hole: messages recorded after `known_until` were deleted from the log before this service had read them.

    `state`: `waiting` for a word (`qunxue republish`, `qunxue holes accept`), else on the way to be whole again. `to_restate`: what must be
    republished for that.
    """

    state: Annotated[State, Closed("HoleState", State)]
    known_until: datetime | None
    noticed_at: datetime
    to_restate: list[str]


class Follows(ResponseModel):
    """How far a consumer of this service follows a topic: it has applied everything that was recorded until `caught_up_at`.

    `consumer`: the service itself, or one of its further groups as `<service>.<group>`.
    """

    consumer: str | None = None
    topic: str
    caught_up_at: datetime | None
    behind_seconds: float | None
    hole: Missing | None = None


class ServiceStatus(ResponseModel):
    """Figures of a service. `outbox_age_seconds` is the age of the oldest message that is not sent yet; `figures` is what else of the service is
    counted, by name.
    """

    service: str
    ready: bool
    outbox_backlog: int
    outbox_age_seconds: float
    follows: list[Follows]
    dead_letters: int
    jobs_waiting: int
    timers_overdue_seconds: float
    alarms: Annotated[list[str], Field(description="What somebody has to see to, as codes.")] = []
    figures: Annotated[dict[str, int], Named("StatusFigures")] = {}


async def status_of(runtime: RunningService) -> ServiceStatus:
    """The figures, read from the service's own database."""
    now = runtime.clock()
    ready = await is_at_head(runtime.database, runtime.service)
    async with runtime.database.reading() as session:
        tables = context_of(session).tables.messaging
        backlog = await outbox_backlog(session)
        letters = (
            select(func.count()).select_from(tables.dead_letters).where(tables.dead_letters.c.replayed_at.is_(None))
        )
        follows = await progress(session)
        missing = await _holes(session, runtime)
        due = await next_due(session)
        return ServiceStatus(
            service=runtime.name,
            ready=ready,
            outbox_backlog=backlog.count,
            outbox_age_seconds=round(backlog.age_seconds(now), 3),
            follows=[
                Follows(
                    consumer=one.consumer,
                    topic=one.topic,
                    caught_up_at=one.caught_up_at,
                    behind_seconds=round((now - one.caught_up_at).total_seconds(), 3) if one.caught_up_at else None,
                    hole=missing.get((one.consumer, one.topic)),
                )
                for one in follows
                if is_ours(one.topic) or (one.consumer, one.topic) in missing
            ],
            dead_letters=(await session.execute(letters)).scalar_one(),
            jobs_waiting=await waiting_jobs(session),
            timers_overdue_seconds=max(0.0, (now - due).total_seconds()) if due else 0.0,
            alarms=[
                code
                for feature in runtime.service.features
                for alarm in feature.alarms
                if (code := await alarm(session, now)) is not None
            ],
            figures={
                name: await figure(session)
                for feature in runtime.service.features
                for name, figure in feature.figures.items()
            },
        )


async def _holes(session: AsyncSession, runtime: RunningService) -> dict[tuple[str, str], Missing]:
    return {
        (hole.consumer, hole.topic): Missing(
            state=hole.state,
            known_until=hole.known_until,
            noticed_at=hole.noticed_at,
            to_restate=await to_restate(
                session, hole.consumer, hole.topic, runtime.service.consumers[hole.consumer], since=hole.noticed_at
            ),
        )
        for hole in await holes(session)
    }


@ops_router.get("/internal/status", include_in_schema=False)
@operation(permission=OPS_READ)
async def read_service_status(caller: CallerDep, runtime: RunningDep) -> ServiceStatus:
    """Read the service's backlog, lag, dead letters and jobs."""
    return await status_of(runtime)


@ops_router.get("/internal/metrics", include_in_schema=False)
@operation(permission=OPS_READ)
async def read_service_metrics(caller: CallerDep) -> Response:
    """Read the process's metrics in the text format of Prometheus."""
    return Response(metrics_text(), media_type=CONTENT_TYPE_LATEST)


def liveness(turns: Sequence[Turns]) -> Response:
    """The answer of `/livez`: a process with a loop that hangs is to be started again."""
    if loops := [loop for one in turns for loop in one.hanging()]:
        return JSONResponse({"status": "hanging", "loops": loops}, status_code=503)
    return JSONResponse({"status": "ok"})


def ops_app(runtimes: Sequence[RunningService], turns: Sequence[Turns] = ()) -> Starlette:
    """The application of an ops port, for the given services in this process and the loops of their workers."""

    async def livez(_request: Request) -> Response:
        return liveness(turns)

    async def readyz(_request: Request) -> Response:
        for runtime in runtimes:
            if not await is_at_head(runtime.database, runtime.service):
                return JSONResponse({"status": "not ready", "service": runtime.name}, status_code=503)
        return JSONResponse({"status": "ok"})

    async def metrics(_request: Request) -> Response:
        return Response(metrics_text(), media_type=CONTENT_TYPE_LATEST)

    async def status(_request: Request) -> Response:
        return JSONResponse([(await status_of(runtime)).model_dump(mode="json") for runtime in runtimes])

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/status", status),
        ]
    )

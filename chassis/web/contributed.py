"""This service's part of what the gateway puts together: tasks, desk, home. Never routed from outside."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.contributions import Queue, Reader, Task, Visit
from chassis.problems import SESSION_REVOKED
from chassis.security.authority import SEE_DRAFTS, authorize, columns_of
from chassis.security.permissions import Column, Reach, permission
from chassis.service import RunningService
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, RunningDep
from chassis.web.operations import api_router, operation

PEOPLE_SELF = permission("people.self", "– o o o o o o o o o –")
DESK_READ = permission("desk.read", "– – – – – – y y y – y")
"""Who may see the desk; which queues, each queue's own permission says."""

contributed_router = api_router(tags=["Internal"])


def _nothing() -> Response:
    """Says that no feature of this service has any, whoever asks: the gateway then asks others."""
    return Response(status_code=204)


@contributed_router.get("/internal/tasks", response_model=list[Task], include_in_schema=False)
@operation(permission=PEOPLE_SELF)
async def list_service_tasks(
    caller: CallerDep, session: Reading, runtime: RunningDep, now: Now, locale: Localised
) -> list[Task] | Response:
    """List what waits for the caller in this service."""
    if not any(feature.tasks for feature in runtime.service.features):
        return _nothing()
    return await _tasks(session, runtime, Reader(caller, now, locale))


async def _tasks(session: AsyncSession, runtime: RunningService, reader: Reader) -> list[Task]:
    return [
        task for feature in runtime.service.features for tasks in feature.tasks for task in await tasks(session, reader)
    ]


@contributed_router.get("/internal/desk", response_model=list[Queue], include_in_schema=False)
@operation(permission=DESK_READ)
async def list_service_desk(
    community_id: UUID, caller: CallerDep, session: Reading, runtime: RunningDep, now: Now, locale: Localised
) -> list[Queue] | Response:
    """List the queues of a community in this service that the caller may work."""
    if not any(feature.desk for feature in runtime.service.features):
        return _nothing()
    standing = await authorize(session, caller, DESK_READ, community_id, now=now)
    found = []
    for feature in runtime.service.features:
        for queue in feature.desk:
            if Reach.ALL in queue.permission.reach(standing.columns):
                waiting = await queue.read(session, community_id, now, standing.member_id)
                found.append(Queue(code=queue.code, title=queue.title(locale), **waiting.model_dump()))
    return found


@contributed_router.get("/internal/home", response_model=dict[str, Any], include_in_schema=False)
@operation(permission=PEOPLE_SELF)
async def read_service_home(
    community_id: UUID, caller: CallerDep, session: Reading, runtime: RunningDep, now: Now, locale: Localised
) -> dict[str, Any] | Response:
    """Read this service's parts of the caller's home in a community, and what waits for them there."""
    parts = [part for feature in runtime.service.features for part in feature.home]
    if not parts and not any(feature.tasks for feature in runtime.service.features):
        return _nothing()
    facts = await runtime.authority.facts(
        session, person_id=caller.id, community_id=community_id, guarded=False, now=now
    )
    if facts is not None and facts.person_status not in {None, "active"}:
        raise SESSION_REVOKED()
    columns: frozenset[Column] = frozenset({"S"}) if facts is None else columns_of(caller, facts, now)
    seen = facts if facts and (facts.community.status != "draft" or columns & SEE_DRAFTS) else None
    community, member = (seen.community, seen.member if "S" not in columns else None) if seen else (None, None)
    visit = Visit(caller, now, locale, community_id, community, member)
    found = {part.name: await part.read(session, visit) if part.permission.reach(columns) else None for part in parts}
    waiting = [] if member is None else await _tasks(session, runtime, visit)
    return found | {"tasks": [task for task in waiting if task.community and task.community.id == community_id]}

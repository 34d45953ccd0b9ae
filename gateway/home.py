"""What the caller sees first: `GET /v1/me/home` in one community, `GET /v1/me/tasks` in all of them."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.contributions import Task
from chassis.problems import AUTHORITY_UNAVAILABLE
from chassis.web.contributed import PEOPLE_SELF
from chassis.web.dependencies import CallerDep
from chassis.web.operations import api_router, operation
from chassis.web.schemas import JsonObject, ResponseModel
from gateway.composing import compose

router = api_router(tags=["Home"])

_WHENEVER: Final = datetime.max.replace(tzinfo=UTC)


class HomeCheckin(ResponseModel):
    """Today's check-in, today being the member's own day."""

    today: date
    time_zone: str
    checked_in: bool
    checkin_id: UUID | None
    streak: JsonObject
    next_milestone: int | None


class Home(ResponseModel):
    """What a member sees first. A part that is null and whose service is in `missing` could not be had just now.

    Parts of features still to come are null.
    """

    community_id: UUID
    person: JsonObject | None = Field(description="As `GET /v1/people/me`, without the memberships.")
    membership: JsonObject | None = Field(description="The caller's membership in this community; null without one.")
    checkin: HomeCheckin | None
    wallet: JsonObject | None = Field(description="As `GET /v1/wallets/{member_id}`.")
    tasks: list[JsonObject] | None = None
    upcoming: list[JsonObject] | None = None
    unread: int | None = None
    goals: list[JsonObject] | None = None
    missing: list[str] = Field(description="Services that did not answer.")


class TaskList(ResponseModel):
    """Everything that waits for the caller, what is due first before what is due later or never."""

    items: list[Task]
    missing: list[str] = Field(description="Services that did not answer.")


@router.get("/v1/me/home", response_model=Home)
@operation(permission=PEOPLE_SELF, problems=[AUTHORITY_UNAVAILABLE])
async def read_home(community_id: UUID, caller: CallerDep, request: Request) -> Home | Response:
    """Read one's home in a community: today's check-in, wallet, membership.

    Put together from the services in parallel; one that does not answer is named in `missing`, and its parts are null.
    """
    found = await compose(request, "/internal/home", {"community_id": community_id})
    if found.refusal is not None:
        return found.refusal
    parts = dict.fromkeys(Home.model_fields)
    for answer in found.answers:
        parts |= answer
    return Home.model_validate(parts | {"community_id": community_id, "missing": found.missing})


@router.get("/v1/me/tasks", response_model=TaskList)
@operation(permission=PEOPLE_SELF)
async def list_my_tasks(caller: CallerDep, request: Request) -> TaskList | Response:
    """List what waits for the caller, in all communities, by due date.

    Put together from the services in parallel; one that does not answer is named in `missing`.
    """
    found = await compose(request, "/internal/tasks")
    if found.refusal is not None:
        return found.refusal
    items = [Task.model_validate(task) for answer in found.answers for task in answer]
    return TaskList(items=sorted(items, key=lambda task: task.due_at or _WHENEVER), missing=found.missing)

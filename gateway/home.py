"""What the caller sees first: `GET /v1/me/home` in one community, `GET /v1/me/tasks` in all of them."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Header
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.contributions import Task
from chassis.problems import AUTHORITY_UNAVAILABLE
from chassis.web.contributed import PEOPLE_SELF
from chassis.web.dependencies import CallerDep
from chassis.web.etags import has_tag
from chassis.web.operations import api_router, operation
from chassis.web.schemas import JsonObject, ResponseModel
from gateway.composing import compose

router = api_router(tags=["Home"])

_SHOWN: Final = 5
_POLL_AFTER: Final = 30
"""Seconds; who wants to know sooner reads the stream."""
_WHENEVER: Final = datetime.max.replace(tzinfo=UTC)


class Home(ResponseModel):
    """What a member sees first. If a part is null and its service is in `missing`, the part was unavailable.

    Each part has the form that its service says, which the merged document shows. Parts of future features are null.
    """

    community_id: UUID
    person: JsonObject | None = Field(description="The answer of `GET /v1/people/me`, without the memberships.")
    membership: JsonObject | None = Field(description="The caller's membership in this community, or null.")
    checkin: JsonObject | None = Field(description="Today's check-in, by the member's own day.")
    wallet: JsonObject | None = Field(description="The answer of `GET /v1/wallets/{member_id}`.")
    progress: JsonObject | None = Field(
        default=None,
        description="The answer of `GET /v1/promotions/progress`: the level, the next, and what is missing.",
    )
    tasks: list[Task] | None = Field(
        default=None, description="What waits for the caller in this community: the five that are due first."
    )
    announcements: JsonObject | None = Field(
        default=None, description="What waits for the member to confirm: `to_confirm` and the most urgent `items`."
    )
    upcoming: list[JsonObject] | None = None
    unread: JsonObject | None = Field(
        default=None,
        description="How many discussions and announcements are new to the caller, and how many notifications of this community.",
    )
    notifications: JsonObject | None = Field(
        default=None, description="How many lines of the inbox are unread that belong to this community."
    )
    plans: list[JsonObject] | None = Field(
        default=None, description="The check-in plans in which the member takes part, as they stand today."
    )
    goals: list[JsonObject] | None = None
    missing: list[str] = Field(description="The services that did not answer.")


class TaskList(ResponseModel):
    """Everything that waits for the caller: by due date, then what has none."""

    items: list[Task]
    missing: list[str] = Field(description="The services that did not answer.")


@router.get("/v1/me/home", response_model=Home)
@operation(permission=PEOPLE_SELF, problems=[AUTHORITY_UNAVAILABLE], conditional=True)
async def read_home(
    community_id: UUID,
    caller: CallerDep,
    request: Request,
    response: Response,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` that you have.")] = None,
) -> Home | Response:
    """Read your home in a community: today's check-in, wallet, membership, what is unread, announcements to confirm, and tasks.

    All services are asked in parallel. A service that does not answer is named in `missing`, and its parts are null.
    Who polls sends the `ETag` that they have, and asks again after the seconds of `Poll-After`.
    """
    found = await compose(request, "/internal/home", {"community_id": community_id})
    if found.refusal is not None:
        return found.refusal
    parts = dict.fromkeys(Home.model_fields)
    for answer in found.answers:
        parts |= answer
    # A service of an earlier release says nothing of tasks here.
    waiting = [answer["tasks"] for answer in found.answers if answer.get("tasks") is not None]
    if parts["unread"] is not None and parts["notifications"] is not None:
        parts["unread"] = parts["unread"] | {"notifications": parts["notifications"]["unread"]}
    parts["tasks"] = _by_due(waiting)[:_SHOWN] if waiting else None
    home = Home.model_validate(parts | {"community_id": community_id, "missing": found.missing})
    headers = {"Poll-After": str(_POLL_AFTER)}
    if not home.missing:
        # Of all that is shown, and of nothing else: what differs in one word has another.
        headers["ETag"] = f'W/"{hashlib.sha256(home.model_dump_json().encode()).hexdigest()[:32]}"'
        if has_tag(if_none_match, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return home


@router.get("/v1/me/tasks", response_model=TaskList)
@operation(permission=PEOPLE_SELF)
async def list_my_tasks(caller: CallerDep, request: Request) -> TaskList | Response:
    """List what waits for you in all communities, by due date.

    All services are asked in parallel. A service that does not answer is named in `missing`.
    """
    found = await compose(request, "/internal/tasks")
    if found.refusal is not None:
        return found.refusal
    return TaskList(items=_by_due(found.answers), missing=found.missing)


def _by_due(answers: Iterable[Any]) -> list[Task]:
    """What several services say: by due date, then what has none."""
    items = [Task.model_validate(task) for answer in answers for task in answer]
    return sorted(items, key=lambda task: task.due_at or _WHENEVER)

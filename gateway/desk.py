"""`GET /v1/desk`: the queues of those who run a community."""

from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.contributions import Queue
from chassis.web.contributed import DESK_READ
from chassis.web.dependencies import CallerDep
from chassis.web.operations import api_router, operation
from chassis.web.schemas import ResponseModel
from gateway.composing import compose

router = api_router(tags=["Desk"])


class Desk(ResponseModel):
    """The queues that the caller may work on, including empty ones."""

    items: list[Queue]
    missing: list[str] = Field(description="The services that did not answer.")


@router.get("/v1/desk", response_model=Desk)
@operation(permission=DESK_READ)
async def read_desk(community_id: UUID, caller: CallerDep, request: Request) -> Desk | Response:
    """Read how much work waits for those who run a community, and since when.

    All services are asked in parallel. A service that does not answer is named in `missing`.
    """
    found = await compose(request, "/internal/desk", {"community_id": community_id})
    if found.refusal is not None:
        return found.refusal
    return Desk(items=[queue for answer in found.answers for queue in answer], missing=found.missing)

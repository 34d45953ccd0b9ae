"""HTTP for the other services."""

from chassis.web.dependencies import Now, Reading
from chassis.web.operations import api_router, operation
from services.membership.standing import service
from services.membership.standing.schemas import ResolveAnswer, ResolveRequest

router = api_router(tags=["Internal"])


@router.post("/internal/members/resolve")
@operation(internal=True, idempotent=False)
async def resolve_members(body: ResolveRequest, session: Reading, now: Now) -> ResolveAnswer:
    """Read what people are in communities, for services that do not know it yet."""
    return await service.resolve(session, body, now)

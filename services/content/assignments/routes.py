"""HTTP of assignments."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from services.content.assignments import service
from services.content.assignments.schemas import AssignmentCreate
from services.content.discussions.schemas import DiscussionPublic
from services.content.discussions.views import shown
from services.content.permissions import DISCUSSIONS_MODERATE

router = api_router(tags=["Discussions"])


@router.post("/v1/discussions/{discussion_id}/assign")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def assign_discussion(
    discussion_id: UUID, body: AssignmentCreate, work: Write, response: Response
) -> DiscussionPublic:
    """Ask a member to answer a question or a request for help: it is among their tasks until they reply."""
    found = await service.assign(work, discussion_id, body.member_id)
    set_etag(response, found.discussion.version)
    return await shown(work, found)

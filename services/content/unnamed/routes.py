"""HTTP of what is unnamed."""

from uuid import UUID

from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from services.content.permissions import DISCUSSIONS_POLICY, DISCUSSIONS_READ
from services.content.unnamed import policy
from services.content.unnamed.schemas import QuestionPolicyPublic, QuestionPolicyPut

router = api_router(tags=["Discussions"])


@router.get("/v1/discussions/policy")
@operation(permission=DISCUSSIONS_READ)
async def read_question_policy(community_id: UUID, work: Read) -> QuestionPolicyPublic:
    """Read what a community says about questions."""
    return await policy.read(work, community_id)


@router.put("/v1/discussions/policy")
@operation(permission=DISCUSSIONS_POLICY)
async def put_question_policy(body: QuestionPolicyPut, work: Write) -> QuestionPolicyPublic:
    """Say whether members may ask without being named."""
    return await policy.put(work, body)

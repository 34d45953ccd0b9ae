"""HTTP of what is unnamed."""

from uuid import UUID

from fastapi import Response

from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.said import said, say
from services.content.permissions import DISCUSSIONS_POLICY, DISCUSSIONS_READ
from services.content.unnamed.models import QuestionPolicy
from services.content.unnamed.schemas import QuestionPolicyPatch, QuestionPolicyPublic

router = api_router(tags=["Discussions"])


@router.get("/v1/discussions/policy")
@operation(permission=DISCUSSIONS_READ)
async def read_question_policy(community_id: UUID, work: Read, response: Response) -> QuestionPolicyPublic:
    """Read what a community says about questions."""
    await work.permit(community_id)
    return _shown(await said(work.session, QuestionPolicy, community_id), response)


@router.patch("/v1/discussions/policy")
@operation(permission=DISCUSSIONS_POLICY)
async def update_question_policy(
    community_id: UUID, body: QuestionPolicyPatch, if_match: IfMatch, work: Write, response: Response
) -> QuestionPolicyPublic:
    """Say whether members may ask without being named. What was asked before stays as it was asked."""
    return _shown(await say(work, QuestionPolicy, community_id, body, if_match), response)


def _shown(policy: QuestionPolicy, response: Response) -> QuestionPolicyPublic:
    set_etag(response, policy.version)
    return QuestionPolicyPublic.model_validate(policy)

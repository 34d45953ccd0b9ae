"""What a community says about questions."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import upsert_many
from chassis.web.work import Work
from services.content.unnamed.models import QuestionPolicy
from services.content.unnamed.schemas import QuestionPolicyPublic, QuestionPolicyPut


async def allows_unnamed(session: AsyncSession, community_id: UUID) -> bool:
    """Whether members may ask without being named; at first they may not."""
    found = await session.get(QuestionPolicy, community_id)
    return found is not None and found.unnamed


async def read(work: Work, community_id: UUID) -> QuestionPolicyPublic:
    """What it says."""
    await work.permit(community_id)
    return QuestionPolicyPublic(community_id=community_id, unnamed=await allows_unnamed(work.session, community_id))


async def put(work: Work, body: QuestionPolicyPut) -> QuestionPolicyPublic:
    """Say it from now on."""
    before = await read(work, body.community_id)
    values = body.model_dump()
    table = QuestionPolicy.__table__  # type: ignore[attr-defined]
    await upsert_many(work.session, table, [values], key=["community_id"], update=["unnamed"])
    about = AuditObject("question_policy", body.community_id, body.community_id)
    await audit(work.session, work.caller, about, "update", {"unnamed": [before.unnamed, body.unnamed]}, work.now)
    return QuestionPolicyPublic(**values)

"""What a community says about reviews."""

from uuid import UUID

from chassis.audit import AuditObject, audit
from chassis.database.bulk import upsert_many
from chassis.web.work import Work
from services.content.articles.models import ReviewPolicy
from services.content.articles.schemas import ReviewPolicyPublic, ReviewPolicyPut


async def read(work: Work, community_id: UUID) -> ReviewPolicyPublic:
    """What it says; at first that everything is reviewed."""
    await work.permit(community_id)
    found = await work.session.get(ReviewPolicy, community_id)
    return ReviewPolicyPublic(
        community_id=community_id, experience_unreviewed=found is not None and found.experience_unreviewed
    )


async def put(work: Work, body: ReviewPolicyPut) -> ReviewPolicyPublic:
    """Say it from now on."""
    before = await read(work, body.community_id)
    values = body.model_dump()
    await upsert_many(
        work.session,
        ReviewPolicy.__table__,  # type: ignore[attr-defined]
        [values],
        key=["community_id"],
        update=["experience_unreviewed"],
    )
    changes = {"experience_unreviewed": [before.experience_unreviewed, body.experience_unreviewed]}
    about = AuditObject("review_policy", body.community_id, body.community_id)
    await audit(work.session, work.caller, about, "update", changes, work.now)
    return ReviewPolicyPublic(**values)

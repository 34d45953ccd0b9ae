"""HTTP of learning records."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.messaging.lag import as_of
from chassis.web.dependencies import CallerDep, Read
from chassis.web.operations import api_router, operation
from chassis.web.pages import PageQuery, paginate_together
from chassis.web.spans import SpanQuery
from services.analytics.learning import queries, service
from services.analytics.learning.schemas import LearningRecordPage
from services.analytics.permissions import LEARNING_RECORDS_READ

router = api_router(tags=["Learning records"])


@router.get("/v1/learning-records")
@operation(permission=LEARNING_RECORDS_READ)
async def list_learning_records(
    work: Read,
    caller: CallerDep,
    page: PageQuery,
    span: SpanQuery,
    person_id: UUID | None = None,
    department: Annotated[
        str | None,
        Query(min_length=1, max_length=64, description="The code of a department: who works there and below it."),
    ] = None,
    community_id: UUID | None = None,
) -> LearningRecordPage:
    """List learning records, the latest first, with what all of them come to.

    Without a person, a department or a community these are the caller's own. A manager reads those of who works in their department and below,
    operators and owners those of their community, HR everybody's. Days of `from` and `to` are the community's; without one, UTC's.
    """
    wanted = await service.wanted(
        work, caller, person_id=person_id, department=department, community_id=community_id, span=span
    )
    listed = queries.listing(wanted)
    found = await paginate_together(work.session, listed, page=page, to=lambda rows: queries.shown(work.session, rows))
    return LearningRecordPage(
        **dict(found), totals=await queries.totals(work.session, wanted), as_of=await as_of(work.session, work.now)
    )

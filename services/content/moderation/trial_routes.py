"""HTTP of trying a list of words."""

from uuid import UUID

from fastapi import Response

from chassis.web.dependencies import Write
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.operations import api_router, operation
from services.content.company import authorize_company
from services.content.moderation import trying
from services.content.permissions import WORD_LISTS_WRITE

router = api_router(tags=["Word lists"])

DRY_RUNS = "/v1/word-lists/dry-runs"


@router.post("/v1/word-lists/{word_list_id}/dry-run", status_code=202)
@operation(permission=WORD_LISTS_WRITE)
async def try_word_list(word_list_id: UUID, work: Write, response: Response) -> JobPublic:
    """Try a list on what was written in the last 90 days, enabled or not; nothing is changed.

    `result` says how many texts it would have held and refused, by which words, with examples; `whole`: all of them were looked through, of
    very many only the newest. A list of the company is tried on all communities and on people's names.
    """
    job_id = await trying.try_list(work, word_list_id)
    return await accepted_job(work.session, job_id, response, DRY_RUNS)


job_routes(
    router,
    prefix=DRY_RUNS,
    kind=trying.TRYING,
    permission=WORD_LISTS_WRITE,
    name="word_list_dry_run",
    authorize_platform_job=authorize_company,
    errors=False,
)

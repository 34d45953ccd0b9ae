"""HTTP of question banks."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.permissions import QUESTION_BANKS_READ, QUESTION_BANKS_WRITE
from services.events.question_banks import queries, service
from services.events.question_banks.access import SeenBank, seen_bank
from services.events.question_banks.rules import Status
from services.events.question_banks.schemas import STATUS, QuestionBankCreate, QuestionBankPatch, QuestionBankPublic
from services.events.question_banks.views import listed_banks, shown_bank

router = api_router(tags=["Question banks"])

BANKS = "/v1/question-banks"
ONE = f"{BANKS}/{{question_bank_id}}"


@router.post(BANKS, status_code=201)
@operation(permission=QUESTION_BANKS_WRITE)
async def create_question_bank(body: QuestionBankCreate, work: Write, response: Response) -> QuestionBankPublic:
    """Make a question bank."""
    seen = await service.create(work, body)
    created(response, f"{BANKS}/{seen.bank.id}")
    return await _shown(work, seen, response)


@router.get(BANKS)
@operation(permission=QUESTION_BANKS_READ)
async def list_question_banks(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[QuestionBankPublic]:
    """List a community's question banks, the newest first: all for operators and owners, for lecturers those to which they are appointed."""
    standing = await authorize(
        work.session, work.caller, QUESTION_BANKS_READ, community_id, assigned=True, now=work.now
    )
    only = None if standing.sees_all else standing.member_id
    return await paginate_together(
        work.session,
        queries.listing(community_id, editor_id=only, status=status),
        page=page,
        to=lambda rows: listed_banks(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=QUESTION_BANKS_READ)
async def read_question_bank(question_bank_id: UUID, work: Read, response: Response) -> QuestionBankPublic:
    """Read what a question bank is for, and who is appointed to it."""
    return await _shown(work, await seen_bank(work, question_bank_id), response)


@router.patch(ONE)
@operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_question_bank(
    question_bank_id: UUID, body: QuestionBankPatch, if_match: IfMatch, work: Write, response: Response
) -> QuestionBankPublic:
    """Change a question bank. Operators and owners say who is appointed to it."""
    return await _shown(work, await service.edit(work, question_bank_id, body, if_match), response)


@router.post(f"{ONE}/archive")
@operation(permission=QUESTION_BANKS_WRITE)
async def archive_question_bank(question_bank_id: UUID, work: Write, response: Response) -> QuestionBankPublic:
    """Archive a question bank: nothing is drawn from it any more, and it stays readable. Again, it changes nothing."""
    return await _shown(work, await service.turn(work, question_bank_id, "archived"), response)


@router.post(f"{ONE}/restore")
@operation(permission=QUESTION_BANKS_WRITE)
async def restore_question_bank(question_bank_id: UUID, work: Write, response: Response) -> QuestionBankPublic:
    """Take up an archived question bank again. Again, it changes nothing."""
    return await _shown(work, await service.turn(work, question_bank_id, "active"), response)


async def _shown(work: Work, seen: SeenBank, response: Response) -> QuestionBankPublic:
    set_etag(response, seen.bank.version)
    return await shown_bank(work, seen)

"""HTTP of questions. Reading one is kept: who has read a bank does not compete with its questions."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from assessment.questions import Kind
from assessment.questions import Question as Content
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.values import Version
from chassis.web.work import Work
from services.events.permissions import QUESTION_BANKS_READ, QUESTION_BANKS_WRITE
from services.events.question_banks import queries, questions
from services.events.question_banks.access import seen_bank
from services.events.question_banks.models import Question
from services.events.question_banks.problems import BANK_FULL
from services.events.question_banks.question_schemas import (
    KIND,
    QuestionCreate,
    QuestionListed,
    QuestionPatch,
    QuestionPublic,
    QuestionVersionListed,
    QuestionVersionPublic,
)
from services.events.question_banks.rules import Status, category_in
from services.events.question_banks.schemas import STATUS
from services.events.question_banks.service import note_reading
from services.events.question_banks.views import listed_question, listed_versions, shown_question, shown_version

router = api_router(tags=["Question banks"])

QUESTIONS = "/v1/question-banks/{question_bank_id}/questions"
ONE = f"{QUESTIONS}/{{question_id}}"


@router.post(QUESTIONS, status_code=201)
@operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION, BANK_FULL])
async def create_question(
    question_bank_id: UUID, body: QuestionCreate, work: Write, response: Response
) -> QuestionPublic:
    """Write a question with its solution."""
    row, content = await questions.add(work, question_bank_id, body)
    created(response, f"/v1/question-banks/{question_bank_id}/questions/{row.id}")
    return _shown(work, row, content, response)


@router.get(QUESTIONS)
@operation(permission=QUESTION_BANKS_READ)
async def list_questions(
    question_bank_id: UUID,
    work: Write,
    page: PageQuery,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    category: Annotated[
        str | None,
        Query(
            max_length=900,
            description="Only those of a category and what is below it: names with `/` between them, `//` for a stroke in a name.",
        ),
    ] = None,
    tag: Annotated[str | None, Query(max_length=60)] = None,
    difficulty: Annotated[int | None, Query(ge=1, le=5)] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
    q: Annotated[str | None, Query(max_length=200, description="What stands in its text or its name.")] = None,
) -> Page[QuestionListed]:
    """List the questions of a bank, in the order in which they came into it. Whoever does so has read the bank."""
    await seen_bank(work, question_bank_id)
    wanted = queries.Wanted(
        kinds=[kind] if kind is not None else [],
        difficulties=[difficulty] if difficulty is not None else [],
        category=category_in(category or ""),
        tags=[tag] if tag else [],
        status=status,
        q=(q or "").strip(),
    )
    found = await paginate(
        work.session, queries.questions(work.session, question_bank_id, wanted), page=page, to=listed_question
    )
    if found.items:
        await note_reading(work, [question_bank_id])
    return found


@router.get(ONE)
@operation(permission=QUESTION_BANKS_READ)
async def read_question(question_bank_id: UUID, question_id: UUID, work: Write, response: Response) -> QuestionPublic:
    """Read a question with its solution. Whoever does so has read the bank."""
    row, content = await questions.read(work, question_bank_id, question_id)
    return _shown(work, row, content, response)


@router.patch(ONE)
@operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_question(
    question_bank_id: UUID,
    question_id: UUID,
    body: QuestionPatch,
    if_match: IfMatch,
    work: Write,
    response: Response,
) -> QuestionPublic:
    """Change or correct a question. What changes makes a new version; papers that were published keep theirs, see where it is used."""
    row, content = await questions.edit(work, question_bank_id, question_id, body, if_match)
    return _shown(work, row, content, response)


@router.post(f"{ONE}/archive")
@operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def archive_question(
    question_bank_id: UUID, question_id: UUID, work: Write, response: Response
) -> QuestionPublic:
    """Put a question away: nothing draws it any more, and its versions stay. Again, it changes nothing."""
    row, content = await questions.turn(work, question_bank_id, question_id, "archived")
    return _shown(work, row, content, response)


@router.post(f"{ONE}/restore")
@operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def restore_question(
    question_bank_id: UUID, question_id: UUID, work: Write, response: Response
) -> QuestionPublic:
    """Take up a question again that was put away. Again, it changes nothing."""
    row, content = await questions.turn(work, question_bank_id, question_id, "active")
    return _shown(work, row, content, response)


@router.get(f"{ONE}/versions")
@operation(permission=QUESTION_BANKS_READ)
async def list_question_versions(
    question_bank_id: UUID, question_id: UUID, work: Read, page: PageQuery
) -> Page[QuestionVersionListed]:
    """List who changed a question when and why, the latest version first."""
    await questions.seen_question(work, question_bank_id, question_id)
    return await paginate_together(
        work.session, queries.versions(question_id), page=page, to=lambda rows: listed_versions(work, rows)
    )


@router.get(f"{ONE}/versions/{{version}}")
@operation(permission=QUESTION_BANKS_READ)
async def read_question_version(
    question_bank_id: UUID, question_id: UUID, version: Annotated[Version, Path()], work: Write
) -> QuestionVersionPublic:
    """Read a version of a question with its solution: what graded somebody is read for ever. Whoever does so has read the bank."""
    row, content = await questions.read_version(work, question_bank_id, question_id, version)
    return await shown_version(work, row, content)


def _shown(work: Work, row: Question, content: Content, response: Response) -> QuestionPublic:
    set_etag(response, row.edition)
    return shown_question(work, row, content)

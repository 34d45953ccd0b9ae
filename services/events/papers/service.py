"""Use cases of papers: writing one, publishing a version, and what a contest or a test takes of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.frozen import Paper as Frozen
from assessment.frozen import paper_of
from chassis.audit import audit
from chassis.database.bulk import insert_many
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import Standing, authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.events.papers import problems, queries
from services.events.papers.access import SeenPaper, seen_paper
from services.events.papers.drawing import Drawn, drawn_from
from services.events.papers.models import Paper, PaperEditor, PaperQuestion, PaperVersion
from services.events.papers.rules import MOST_DRAWS, MOST_QUESTIONS
from services.events.papers.schemas import PaperCreate, PaperPatch, PaperSectionGiven
from services.events.permissions import PAPERS_WRITE, QUESTION_BANKS_READ
from services.events.question_banks import queries as banks
from services.events.question_banks.access import reaches
from services.events.question_banks.service import note_reading, require_members


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a paper as it is given. It never changes.

    `document` and `fingerprint` as in `assessment.frozen`; `bank_ids`: who has read one of these banks does not compete; `attachment_ids`: the
    files that its questions show.
    """

    community_id: UUID
    paper: Frozen
    document: dict[str, Any]
    fingerprint: str
    bank_ids: list[UUID]
    attachment_ids: list[UUID]


async def published(session: AsyncSession, paper_id: UUID, version: int) -> Published:
    """A version of a paper, for whoever gives or grades it; the caller's rights are theirs to check. Raises `NOT_FOUND`."""
    row = await queries.version_of(session, paper_id, version)
    if row is None:
        raise NOT_FOUND()
    paper = await existing(session, Paper, paper_id)
    return Published(
        community_id=paper.community_id,
        paper=paper_of(row.document),
        document=row.document,
        fingerprint=row.fingerprint,
        bank_ids=[UUID(one) for one in row.bank_ids],
        attachment_ids=[UUID(one) for one in row.attachment_ids],
    )


async def files_of(session: AsyncSession, given: Published) -> dict[UUID, UUID]:
    """The files that a version shows, and who named each first: they sent it."""
    if not given.attachment_ids:
        return {}
    questions = [UUID(one.id) for one in given.paper.questions()]
    return await queries.senders(session, questions, given.attachment_ids)


async def create(work: Work, body: PaperCreate) -> SeenPaper:
    """Write a paper. Raises `INVALID` where a bank or a question is not there for the caller."""
    standing = await authorize(work.session, work.caller, PAPERS_WRITE, body.community_id, now=work.now)
    await require_members(work.session, body.community_id, body.editor_ids)
    await _require_sections(work, standing, body.community_id, body.sections, [])
    paper = Paper(**body.model_dump(mode="json") | {"community_id": body.community_id}, created_at=work.now)
    paper.created_by_id = standing.member_id
    work.session.add(paper)
    await work.session.flush()
    await _appoint(work.session, paper)
    await audit(work.session, work.caller, paper, "create", {"title": [None, paper.title]}, work.now)
    return SeenPaper(paper, standing)


async def edit(work: Work, key: UUID, body: PaperPatch, if_match: int) -> SeenPaper:
    """Change a paper as it is written. Raises `INVALID`, and `FORBIDDEN` for who may not say who is appointed."""
    seen = await seen_paper(work, key, lock=True, open_only=True)
    paper = seen.paper
    require_match(paper.version, if_match)
    values = body.model_dump(mode="json", include=body.model_fields_set)
    if "editor_ids" in values:
        if not seen.appoints:
            raise FORBIDDEN("Operators and owners say who is appointed.", "仅运营者与群主可指定编辑者。")
        new = body.editor_ids - {UUID(one) for one in paper.editor_ids}
        await require_members(work.session, paper.community_id, new)
    if "sections" in values:
        await _require_sections(work, seen.standing, paper.community_id, body.sections, paper.sections)
    changes = changed_by(values, paper)
    if changes:
        paper.sqlmodel_update(values)
        paper.version += 1
        if "editor_ids" in changes:
            await _appoint(work.session, paper)
        await audit(work.session, work.caller, paper, "update", {"fields": [None, sorted(changes)]}, work.now)
    return seen


async def turn(work: Work, key: UUID, status: str) -> SeenPaper:
    """Archive a paper, or take it up again: its versions stay in either case. Again, it changes nothing."""
    seen = await seen_paper(work, key, lock=True)
    paper = seen.paper
    if paper.status != status:
        before = paper.status
        paper.sqlmodel_update({"status": status, "version": paper.version + 1})
        action = "archive" if status == "archived" else "restore"
        await audit(work.session, work.caller, paper, action, {"status": [before, status]}, work.now)
    return seen


async def preview(work: Work, key: UUID) -> tuple[SeenPaper, Drawn]:
    """What would be published now; that the caller has read its banks is kept."""
    seen = await seen_paper(work, key)
    found = await drawn_from(work.session, seen.paper)
    await note_reading(work, found.bank_ids)
    return seen, found


async def publish(work: Work, key: UUID, if_match: int) -> tuple[SeenPaper, PaperVersion]:
    """Make a version of the paper as it is now: its questions are drawn and copied. Raises what `drawn_from` raises."""
    seen = await seen_paper(work, key, lock=True, open_only=True)
    paper = seen.paper
    require_match(paper.version, if_match)
    found = await drawn_from(work.session, paper)
    row = PaperVersion(
        paper_id=paper.id,
        version=found.paper.version,
        document=found.document,
        fingerprint=found.fingerprint,
        count=found.paper.count,
        full=found.paper.full,
        bank_ids=[str(one) for one in found.bank_ids],
        attachment_ids=[str(one) for one in found.attachment_ids],
        published_by_id=seen.standing.member_id,
        published_at=work.now,
    )
    work.session.add(row)
    paper.sqlmodel_update({"published": row.version, "version": paper.version + 1})
    await work.session.flush()
    table: Any = PaperQuestion.__table__  # type: ignore[attr-defined]
    rows = [
        {
            "paper_id": paper.id,
            "paper_version": row.version,
            "question_id": UUID(one.id),
            "question_version": one.version,
        }
        for one in found.paper.questions()
    ]
    await insert_many(work.session, table, rows)
    told: dict[str, list[Any]] = {"published": [row.version - 1, row.version], "fingerprint": [None, row.fingerprint]}
    await audit(work.session, work.caller, paper, "publish", told, work.now)
    return seen, row


async def read_version(work: Work, key: UUID, version: int) -> tuple[SeenPaper, PaperVersion, Frozen]:
    """A version with its questions and solutions; that the caller has read its banks is kept. Raises `NOT_FOUND`."""
    seen = await seen_paper(work, key)
    row = await queries.version_of(work.session, seen.paper.id, version)
    if row is None:
        raise NOT_FOUND()
    await note_reading(work, [UUID(one) for one in row.bank_ids])
    return seen, row, paper_of(row.document)


async def _require_sections(
    work: Work,
    standing: Standing,
    community_id: UUID,
    sections: Collection[PaperSectionGiven],
    before: Collection[dict[str, Any]],
) -> None:
    """Raises `INVALID` with all that is wrong. What the paper had before may stay, whoever may read it."""
    draws = [one for section in sections for one in section.draws]
    fixed = [one.question_id for section in sections for one in section.questions]
    wrong: list[FieldError] = []
    if len(fixed) + sum(one.count for one in draws) > MOST_QUESTIONS:
        wrong.append(problems.TOO_MANY_QUESTIONS)
    if len(draws) > MOST_DRAWS:
        wrong.append(problems.TOO_MANY_DRAWS)
    if wrong:
        raise INVALID(errors=wrong)
    had_banks = {UUID(one["question_bank_id"]) for section in before for one in section["draws"]}
    had = {UUID(one["question_id"]) for section in before for one in section["questions"]}
    known = await banks.banks_of(work.session, fixed) if fixed else {}
    of_these = {one.question_bank_id for one in draws} | {row.bank_id for row in known.values()}
    theirs = {
        key
        for key, bank in (await banks.banks(work.session, of_these)).items()
        if bank.community_id == community_id and reaches(standing, QUESTION_BANKS_READ, bank.editor_ids)
    }
    seen: set[UUID] = set()
    for place, section in enumerate(sections):
        for number, question in enumerate(section.questions):
            row = known.get(question.question_id)
            if question.question_id in seen:
                wrong.append(problems.asked_twice(place, number))
            elif question.question_id not in had and (
                row is None or row.bank_id not in theirs or row.status != "active"
            ):
                wrong.append(problems.unknown_question(place, number))
            seen.add(question.question_id)
        for number, one in enumerate(section.draws):
            if one.question_bank_id not in theirs | had_banks:
                wrong.append(problems.unknown_bank(place, number))
    if wrong:
        raise INVALID(errors=wrong)


async def _appoint(session: AsyncSession, paper: Paper) -> None:
    await session.execute(delete(PaperEditor).where(col(PaperEditor.paper_id) == paper.id))
    table: Any = PaperEditor.__table__  # type: ignore[attr-defined]
    await insert_many(session, table, [{"paper_id": paper.id, "member_id": UUID(one)} for one in paper.editor_ids])

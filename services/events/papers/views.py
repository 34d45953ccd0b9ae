"""How papers become answers."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from assessment.frozen import Asked
from assessment.frozen import Paper as Frozen
from chassis.projections.members import embedded
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.papers.access import SeenPaper
from services.events.papers.models import PaperVersion
from services.events.papers.queries import LISTED
from services.events.papers.schemas import (
    AskedPublic,
    FrozenPaperPublic,
    FrozenSectionPublic,
    PaperDrawPublic,
    PaperPublic,
    PaperQuestionPublic,
    PaperSectionPublic,
    PaperUsePublic,
    PaperVersionListed,
    PaperVersionPublic,
    PoolPublic,
)
from services.events.question_banks.models import QuestionBank
from services.events.question_banks.naming import KnownQuestion, known_banks, known_questions
from services.events.question_banks.service import note_reading
from services.events.question_banks.views import named, refusal, shown_content


async def shown(work: Work, seen: SeenPaper) -> PaperPublic:
    """A paper as it is written."""
    paper = seen.paper
    members = await embedded(work.session, {UUID(one) for one in paper.editor_ids})
    return PaperPublic(
        **paper.model_dump() | {"sections": await _sections(work, seen)},
        editors=[members[UUID(one)] for one in paper.editor_ids],
        viewer=Viewer.of(_refusals(seen)),
    )


async def _sections(work: Work, seen: SeenPaper) -> list[PaperSectionPublic]:
    """The parts as they are written. Whoever is shown the beginning of a question has read its bank."""
    sections = seen.paper.sections
    fixed = {UUID(one["question_id"]) for section in sections for one in section["questions"]}
    drawn = {UUID(one["question_bank_id"]) for section in sections for one in section["draws"]}
    questions = await known_questions(work.session, seen.standing, fixed)
    banks = await known_banks(work.session, seen.standing, drawn)
    await note_reading(work, [one.bank_id for one in questions.values()])
    return [
        PaperSectionPublic(
            title=section["title"],
            questions=[_fixed(one, questions) for one in section["questions"]],
            draws=[_draw(one, banks) for one in section["draws"]],
        )
        for section in sections
    ]


def _fixed(one: Mapping[str, Any], known: Mapping[UUID, KnownQuestion]) -> PaperQuestionPublic:
    question = known.get(UUID(one["question_id"]))
    return PaperQuestionPublic(
        **one,
        question_bank_id=question.bank_id if question is not None else None,
        excerpt=question.excerpt if question is not None else None,
    )


def _draw(one: Mapping[str, Any], known: Mapping[UUID, QuestionBank]) -> PaperDrawPublic:
    bank = known.get(UUID(one["question_bank_id"]))
    return PaperDrawPublic(**one, question_bank_title=bank.title if bank is not None else None)


def _refusals(seen: SeenPaper) -> dict[str, str | None]:
    there = refusal(seen.writes, seen.standing)
    is_open = there or (None if seen.paper.status == "active" else "illegal_transition")
    return {
        "update": is_open,
        "publish": is_open,
        "appoint": is_open or (None if seen.appoints else "forbidden"),
        "archive" if seen.paper.status == "active" else "restore": there,
    }


async def frozen(work: Work, seen: SeenPaper, paper: Frozen) -> FrozenPaperPublic:
    """A paper as it is or would be given."""
    return FrozenPaperPublic(**await _given(work, seen, paper))


async def version_shown(work: Work, seen: SeenPaper, row: PaperVersion, paper: Frozen) -> PaperVersionPublic:
    """A version with its questions and solutions."""
    return PaperVersionPublic(
        **await _given(work, seen, paper), **(await version_listed(work, row)).model_dump(include=_OWN)
    )


_OWN = {"paper_id", "version", "fingerprint", "published_by", "published_at"}


async def versions_listed(work: Work, rows: Iterable[Any]) -> list[PaperVersionListed]:
    """Versions as lists show them, of the columns of `LISTED`."""
    found = [dict(zip(LISTED, row, strict=True)) for row in rows]
    members = await named(work.session, (row["published_by_id"] for row in found))
    return [PaperVersionListed(**row, published_by=members.get(row["published_by_id"])) for row in found]


async def version_listed(work: Work, row: PaperVersion) -> PaperVersionListed:
    """The same of one."""
    return (await versions_listed(work, [[getattr(row, name) for name in LISTED]]))[0]


def used(row: Any) -> PaperUsePublic:
    """Where a question is used."""
    paper_id, title, paper_version, question_version, published_at = row[:5]
    return PaperUsePublic(
        paper_id=paper_id,
        title=title,
        paper_version=paper_version,
        question_version=question_version,
        published_at=published_at,
    )


async def _given(work: Work, seen: SeenPaper, paper: Frozen) -> dict[str, Any]:
    known = await known_questions(work.session, seen.standing, {UUID(one.id) for one in paper.questions()})
    return {
        "title": paper.title,
        "drawn_for": paper.drawn_for,
        "shuffle_questions": paper.shuffle_questions,
        "shuffle_choices": paper.shuffle_choices,
        "count": paper.count,
        "full": paper.full,
        "sections": [
            FrozenSectionPublic(
                title=section.title,
                pools=[
                    PoolPublic(
                        count=pool.count,
                        marks=pool.marks,
                        questions=[_asked(work, one, known) for one in pool.questions],
                    )
                    for pool in section.pools
                ],
            )
            for section in paper.sections
        ],
    }


def _asked(work: Work, one: Asked, known: Mapping[UUID, KnownQuestion]) -> AskedPublic:
    key = UUID(one.id)
    bank_id = known[key].bank_id if key in known else None
    return AskedPublic(
        question_id=key, question_bank_id=bank_id, version=one.version, **shown_content(work, one.question)
    )

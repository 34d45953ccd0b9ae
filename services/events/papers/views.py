"""How papers become answers."""

from collections.abc import Iterable
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
    PaperPublic,
    PaperUsePublic,
    PaperVersionListed,
    PaperVersionPublic,
    PoolPublic,
)
from services.events.question_banks.views import named, refusal, shown_content


async def shown(work: Work, seen: SeenPaper) -> PaperPublic:
    """A paper as it is written."""
    paper = seen.paper
    members = await embedded(work.session, {UUID(one) for one in paper.editor_ids})
    return PaperPublic(
        **paper.model_dump(),
        editors=[members[UUID(one)] for one in paper.editor_ids],
        viewer=Viewer.of(_refusals(seen)),
    )


def _refusals(seen: SeenPaper) -> dict[str, str | None]:
    there = refusal(seen.writes, seen.standing)
    is_open = there or (None if seen.paper.status == "active" else "illegal_transition")
    return {
        "update": is_open,
        "publish": is_open,
        "appoint": is_open or (None if seen.appoints else "forbidden"),
        "archive" if seen.paper.status == "active" else "restore": there,
    }


def frozen(work: Work, paper: Frozen) -> FrozenPaperPublic:
    """A paper as it is or would be given."""
    return FrozenPaperPublic(**_given(work, paper))


async def version_shown(work: Work, row: PaperVersion, paper: Frozen) -> PaperVersionPublic:
    """A version with its questions and solutions."""
    return PaperVersionPublic(**_given(work, paper), **(await version_listed(work, row)).model_dump(include=_OWN))


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


def _given(work: Work, paper: Frozen) -> dict[str, Any]:
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
                        count=pool.count, marks=pool.marks, questions=[_asked(work, one) for one in pool.questions]
                    )
                    for pool in section.pools
                ],
            )
            for section in paper.sections
        ],
    }


def _asked(work: Work, one: Asked) -> AskedPublic:
    return AskedPublic(question_id=UUID(one.id), version=one.version, **shown_content(work, one.question))

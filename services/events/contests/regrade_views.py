"""How corrections of contests become answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from assessment.scoring import Change
from chassis.projections.members import embedded
from chassis.web.schemas import MemberEmbed
from chassis.web.work import Work
from services.events.contests.access import SeenContest
from services.events.contests.models import ContestRegrade, ContestRegradeLine
from services.events.contests.schemas import ContestRegradeLinePublic, ContestRegradePublic, CorrectedQuestion
from services.events.question_banks.naming import KnownQuestion, known_questions
from services.events.question_banks.service import note_reading


async def regrades_shown(work: Work, seen: SeenContest, rows: Sequence[ContestRegrade]) -> list[ContestRegradePublic]:
    """Corrections with who asked for them and who decided. Whoever is shown the beginning of a question has read its bank."""
    corrected = {UUID(one["question_id"]) for row in rows for one in row.corrected}
    known = await known_questions(work.session, seen.standing, corrected)
    await note_reading(work, [one.bank_id for one in known.values()])
    ids = [one for row in rows for one in (row.asked_by_id, row.decided_by_id) if one is not None]
    members = await embedded(work.session, ids)
    return [
        ContestRegradePublic(
            **row.model_dump()
            | {
                "corrected": [_corrected(one, known) for one in row.corrected],
                "asked_by": members.get(row.asked_by_id),
                "decided_by": _embed(members, row.decided_by_id),
            }
        )
        for row in rows
    ]


def _corrected(one: Mapping[str, Any], known: Mapping[UUID, KnownQuestion]) -> CorrectedQuestion:
    question = known.get(UUID(one["question_id"]))
    return CorrectedQuestion(
        **one,
        question_bank_id=question.bank_id if question is not None else None,
        excerpt=question.excerpt if question is not None else None,
    )


def _embed(members: Mapping[UUID, MemberEmbed], key: UUID | None) -> MemberEmbed | None:
    return None if key is None else members.get(key)


async def regrade_lines_shown(work: Work, rows: Sequence[ContestRegradeLine]) -> list[ContestRegradeLinePublic]:
    """Whose marks change."""
    members = await embedded(work.session, [row.member_id for row in rows])
    return [
        ContestRegradeLinePublic(
            member=members[row.member_id],
            before=row.before,
            after=row.after,
            difference=Change(row.before, row.after).difference,
        )
        for row in rows
    ]

"""How banks and questions become answers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.questions import Question as Content
from chassis.avatars import ANYBODY
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.events.base import links
from services.events.question_banks import contents
from services.events.question_banks.access import SeenBank
from services.events.question_banks.models import Question, QuestionBank
from services.events.question_banks.question_schemas import (
    PicturePublic,
    QuestionListed,
    QuestionPublic,
    QuestionVersionListed,
    QuestionVersionPublic,
)
from services.events.question_banks.rules import pictures_of
from services.events.question_banks.schemas import QuestionBankPublic

EXCERPT: Final = 200
_SPACE: Final = re.compile(r"\s+")


async def shown_bank(work: Work, seen: SeenBank) -> QuestionBankPublic:
    """A bank as it is answered."""
    return (await listed_banks(work, [seen.bank], seen.standing))[0]


async def listed_banks(work: Work, rows: Sequence[QuestionBank], standing: Standing) -> list[QuestionBankPublic]:
    """Banks as they are answered."""
    members = await embedded(work.session, {UUID(one) for row in rows for one in row.editor_ids})
    return [
        QuestionBankPublic(
            **row.model_dump(),
            editors=[members[UUID(one)] for one in row.editor_ids],
            viewer=Viewer.of(_refusals(SeenBank(row, standing))),
        )
        for row in rows
    ]


def _refusals(seen: SeenBank) -> dict[str, str | None]:
    """What keeps the caller from each action: `appoint` and `write_questions` beside those that have a path."""
    there = refusal(seen.writes, seen.standing)
    is_open = there or (None if seen.bank.status == "active" else "illegal_transition")
    return {
        "update": is_open,
        "write_questions": is_open,
        "appoint": is_open or (None if seen.appoints else "forbidden"),
        "archive" if seen.bank.status == "active" else "restore": there,
    }


def refusal(may: bool, standing: Standing) -> str | None:
    """What keeps the caller from any change at all."""
    if not may:
        return "forbidden"
    return "community_archived" if standing.community.status == "archived" else None


def listed_question(row: Question) -> QuestionListed:
    """A question as lists show it."""
    return QuestionListed(**row.model_dump(), question_bank_id=row.bank_id, excerpt=excerpt_of(row.text))


def excerpt_of(text: str) -> str:
    """The beginning of a question, in one line."""
    line = _SPACE.sub(" ", text).strip()
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def shown_question(work: Work, row: Question, content: Content) -> QuestionPublic:
    """A question with its solution."""
    plain = row.model_dump(include={"id", "number", "id_number", "version", "status", "created_at", "changed_at"})
    return QuestionPublic(**plain, question_bank_id=row.bank_id, **shown_content(work, content))


def shown_content(work: Work, content: Content) -> dict[str, Any]:
    """What a question asks and how it is graded, with addresses of its pictures."""
    reader = work.caller.id if work.caller is not None else ANYBODY
    pictures = [
        PicturePublic(attachment_id=one, url=links.address(work.session, one, "large", now=work.now, reader=reader))
        for one in pictures_of(content)
    ]
    return contents.shown(content) | {"pictures": pictures}


async def listed_versions(work: Work, rows: Iterable[Any]) -> list[QuestionVersionListed]:
    """Versions as lists show them: version, reason, by whom and when."""
    found = list(rows)
    members = await named(work.session, (made_by_id for _, _, made_by_id, _ in found))
    return [
        QuestionVersionListed(version=version, reason=reason, made_by=members.get(made_by_id), made_at=made_at)
        for version, reason, made_by_id, made_at in found
    ]


async def shown_version(work: Work, row: Any, content: Content) -> QuestionVersionPublic:
    """A version of a question."""
    members = await named(work.session, [row.made_by_id])
    return QuestionVersionPublic(
        question_id=row.question_id,
        version=row.version,
        reason=row.reason,
        made_by=members.get(row.made_by_id),
        made_at=row.made_at,
        **shown_content(work, content),
    )


async def named(session: AsyncSession, ids: Iterable[UUID | None]) -> Mapping[UUID | None, MemberEmbed]:
    """Members by id, of those that are named at all."""
    wanted = {one for one in ids if one is not None}
    members = await embedded(session, wanted) if wanted else {}
    return {key: members[key] for key in wanted}

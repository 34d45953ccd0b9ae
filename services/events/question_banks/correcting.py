"""Questions that come again in a file under their number: what changes of them, and the versions that come of it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import document_of, question_of
from assessment.limits import CODES, wrongs
from assessment.questions import Question as Content
from chassis.budget import check, in_thread
from chassis.database.base import new_row
from chassis.database.bulk import among, insert_many
from chassis.jobs import JobRun
from chassis.locale import Locale
from services.events.question_banks import queries, rules
from services.events.question_banks.corrections import corrected, echo_of
from services.events.question_banks.files import Item, Note
from services.events.question_banks.models import Question, QuestionVersion
from services.events.question_banks.problems import TOO_MANY_PICTURES
from services.events.question_banks.questions import columns, keep_files

_REASON: Final = ("Corrected by a file.", "由导入的文件更正。")
_CHANGED: Final = ("Question {number} becomes what the file says.", "第 {number} 题按文件更正。")
_OTHER_KIND: Final = (
    "Question {number} has this id number, and is of another kind: a question keeps its kind.",
    "该编号属于第 {number} 题，其题型不同：题型不可更改。",
)


@dataclass(frozen=True, slots=True)
class Again:
    """A question of the bank that a file has again. `after`: what it becomes, None if it stays; `refused`: why it cannot, as a code and its words."""

    item: Item
    row: Question
    after: Content | None = None
    refused: tuple[str, str, str] | None = None

    @property
    def changes(self) -> bool:
        """Whether it becomes another."""
        return self.after is not None

    def wrong(self, locale: Locale) -> list[Note]:
        """What is told where it cannot become what the file says."""
        return [] if self.refused is None else [self._note(self.refused[0], self.refused[1:], locale)]

    def notes(self, locale: Locale) -> list[Note]:
        """What is told beside what the file's own notes say."""
        return [self._note("changed", _CHANGED, locale)] if self.changes else []

    def _note(self, code: str, words: Sequence[str], locale: Locale) -> Note:
        chinese = locale == "zh-CN"
        said = words[chinese].format(number=self.row.number)
        return Note(self.item.row, code, f"{self.item.said}：{said}" if chinese else f"{self.item.said}: {said}")


async def again(
    session: AsyncSession, bank_id: UUID, items: Sequence[Item], form: str, *, stop: asyncio.Event | None
) -> dict[str, Again]:
    """By id number the questions that a locked bank has already. The id of a question here is a number, too: exports give it where there is no other.

    One that asks the same and has no number yet gets the one of the file, and stays as it is.
    """
    numbered = {one.number: one for one in items if one.question is not None and one.number}
    if not numbered:
        return {}
    known = await _rows(session, bank_id, numbered.values())
    same = [
        (number, row)
        for number, row in known.items()
        if row.file_digest != numbered[number].file_digest and number in (row.id_number, str(row.id))
    ]
    documents = await queries.documents(session, [row.id for _, row in same])
    found = await in_thread(
        lambda: {number: _again(numbered[number], row, documents[row.id], form) for number, row in same}, stop=stop
    )
    return {number: found.get(number) or Again(numbered[number], row) for number, row in known.items()}


async def _rows(session: AsyncSession, bank_id: UUID, items: Collection[Item]) -> dict[str, Question]:
    """By the number of a file the question that it means, locked, whoever has the number first."""
    numbers = {one.number for one in items}
    here = select(Question).where(col(Question.bank_id) == bank_id).order_by(col(Question.id)).with_for_update()
    by_number = or_(
        among(session, col(Question.id_number), numbers), among(session, col(Question.id), _ids_among(numbers))
    )
    rows = list(await session.scalars(here.where(by_number).execution_options(populate_existing=True)))
    # One question by both: its own number counts.
    found = {row.id_number: row for row in rows if row.id_number in numbers}
    found |= {str(row.id): row for row in rows if str(row.id) in numbers and row.id_number not in numbers}
    digests = {one.digest: one.number for one in items if one.number not in found}
    if digests:
        now, once = col(Question.digest), col(Question.source_digest)
        asks = or_(among(session, now, digests), among(session, once, digests))
        for row in await session.scalars(here.where(asks, col(Question.id_number).is_(None))):
            number = digests.get(row.digest) or digests.get(row.source_digest or "")
            if number is not None:
                found.setdefault(number, row)
    return found


def _ids_among(numbers: Collection[str]) -> list[UUID]:
    found = []
    for one in numbers:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def _again(item: Item, row: Question, document: Mapping[str, Any], form: str) -> Again:
    check()
    before = question_of(document)
    if item.question is None or item.question.kind != before.kind:
        return Again(item, row, refused=("other_kind", *_OTHER_KIND))
    after = corrected(item.question, before, echo_of(before, form), choices=row.choices_named, stems=row.stems_named)
    if after == before:
        return Again(item, row)
    for one in wrongs(after):
        return Again(item, row, refused=(one.code, *CODES[one.code]))
    if len(rules.union(row.picture_ids, map(str, rules.pictures_of(after)))) > rules.MOST_PICTURES:
        return Again(item, row, refused=(TOO_MANY_PICTURES.code, TOO_MANY_PICTURES.detail, TOO_MANY_PICTURES.zh))
    return Again(item, row, after)


async def keep(job: JobRun, session: AsyncSession, coming: Collection[Again]) -> None:
    """Write what becomes of them: a new version of each that changes."""
    now, member_id, sender = job.runtime.clock(), job.params["member_id"], UUID(job.started_by.rpartition(":")[2])
    versions = []
    named: list[Question] = []
    own = {key for one in coming for key in one.item.pictures}
    for one in coming:
        if one.refused is not None:
            continue
        row = one.row
        row.sqlmodel_update({"id_number": row.id_number or one.item.number, "file_digest": one.item.file_digest})
        if one.after is None:
            continue
        choices, stems = rules.furthest(one.after)
        pictures = rules.union(row.picture_ids, map(str, rules.pictures_of(one.after)))
        if pictures != row.picture_ids:
            named.append(row)
        row.sqlmodel_update(
            columns(one.after)
            | {
                "version": row.version + 1,
                "edition": row.edition + 1,
                "choices_named": max(row.choices_named, choices),
                "stems_named": max(row.stems_named, stems),
                "picture_ids": pictures,
                "source_digest": one.item.digest,
                "changed_at": now,
            }
        )
        versions.append(
            new_row(
                QuestionVersion,
                question_id=row.id,
                version=row.version,
                document=document_of(replace(one.after, pictures=())),
                reason=_REASON[job.params["locale"] == "zh-CN"],
                made_by_id=UUID(member_id) if member_id else None,
                made_at=now,
            )
        )
    await session.flush()
    await insert_many(session, QuestionVersion.__table__, versions)  # type: ignore[attr-defined]
    for row in named:
        await keep_files(session, row.id, row.community_id, row.picture_ids, sender, now, own=own)

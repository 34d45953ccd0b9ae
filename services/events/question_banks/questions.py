"""Use cases of questions: writing one, changing it, which makes a new version, and putting it away."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import document_of
from assessment.limits import wrongs
from assessment.questions import Question as Content
from chassis.audit import audit
from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.problems import INVALID, NOT_FOUND
from chassis.secrets import account_id
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.events.base import links
from services.events.question_banks import queries, rules
from services.events.question_banks.access import SeenBank, seen_bank
from services.events.question_banks.contents import changed, question_from
from services.events.question_banks.models import Question, QuestionVersion
from services.events.question_banks.problems import BANK_FULL, TOO_MANY_PICTURES, key_of_another, wrong_fields
from services.events.question_banks.question_schemas import QuestionCreate, QuestionPatch
from services.events.question_banks.service import note_reading

KIND = "question"
"""What names pictures."""


async def add(work: Work, bank_id: UUID, body: QuestionCreate) -> tuple[Question, Content]:
    """Write a question. Raises `INVALID` with all that is wrong with it, `BANK_FULL`."""
    seen = await seen_bank(work, bank_id, lock=True, open_only=True)
    content = checked(question_from(body), None)
    bank = seen.bank
    if bank.questions >= rules.MOST_QUESTIONS:
        raise BANK_FULL(limit=rules.MOST_QUESTIONS)
    bank.questions += 1
    key = new_id()
    question = Question(
        **columns(content),
        id=key,
        community_id=bank.community_id,
        bank_id=bank.id,
        number=bank.questions,
        lot=rules.lot_of(key),
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(question)
    await work.session.flush()
    await _keep(work, seen, question, content, "")
    await audit(work.session, work.caller, question, "create", {"number": [None, question.number]}, work.now)
    await note_reading(work, [bank_id])
    return question, content


async def edit(work: Work, bank_id: UUID, key: UUID, body: QuestionPatch, if_match: int) -> tuple[Question, Content]:
    """Change a question: where it asks or grades otherwise then, that is a new version. Raises `INVALID`."""
    seen, question = await seen_question(work, bank_id, key, lock=True)
    require_match(question.edition, if_match)
    before = (await content_of(work, question))[1]
    after = checked(changed(before, body), before, question)
    if after != before:
        named = sorted(one for one in body.model_fields_set - {"reason"} if getattr(after, one) != getattr(before, one))
        question.sqlmodel_update(
            columns(after) | {"version": question.version + 1, "edition": question.edition + 1, "changed_at": work.now}
        )
        await work.session.flush()
        await _keep(work, seen, question, after, body.reason or "")
        told: dict[str, list[Any]] = {"fields": [None, named], "version": [question.version - 1, question.version]}
        await audit(work.session, work.caller, question, "update", told, work.now)
    # Also where nothing changed: the answer shows all of it.
    await note_reading(work, [bank_id])
    return question, after


async def turn(work: Work, bank_id: UUID, key: UUID, status: str) -> tuple[Question, Content]:
    """Put a question away, so that nothing draws it any more, or take it up again. Again, it changes nothing."""
    _, question = await seen_question(work, bank_id, key, lock=True)
    if question.status != status:
        before = question.status
        question.sqlmodel_update({"status": status, "edition": question.edition + 1, "changed_at": work.now})
        action = "archive" if status == "archived" else "restore"
        await audit(work.session, work.caller, question, action, {"status": [before, status]}, work.now)
    await note_reading(work, [bank_id])
    return question, (await content_of(work, question))[1]


async def read(work: Work, bank_id: UUID, key: UUID) -> tuple[Question, Content]:
    """A question with its solution; that the caller has read it is kept."""
    _, question = await seen_question(work, bank_id, key)
    await note_reading(work, [bank_id])
    return question, (await content_of(work, question))[1]


async def read_version(work: Work, bank_id: UUID, key: UUID, version: int) -> tuple[QuestionVersion, Content]:
    """One version of a question; that the caller has read it is kept. Raises `NOT_FOUND`."""
    _, question = await seen_question(work, bank_id, key)
    row = await queries.version_of(work.session, question.id, version)
    if row is None:
        raise NOT_FOUND()
    await note_reading(work, [bank_id])
    return row, queries.content_in(row)


async def seen_question(work: Work, bank_id: UUID, key: UUID, *, lock: bool = False) -> tuple[SeenBank, Question]:
    """A question of a bank that the caller may read, or, where it is locked, change. Raises `NOT_FOUND`, and what `seen_bank` raises."""
    seen = await seen_bank(work, bank_id, open_only=lock)
    question = await existing(work.session, Question, key, lock=lock)
    if question.bank_id != bank_id:
        raise NOT_FOUND()
    return seen, question


async def content_of(work: Work, question: Question) -> tuple[QuestionVersion, Content]:
    """What its newest version says."""
    row = await queries.version_of(work.session, question.id, question.version)
    if row is None:
        raise LookupError("a question has the version that it names")
    return row, queries.content_in(row)


def checked(content: Content, before: Content | None, row: Question | None = None) -> Content:
    """The question with a key for every part, if it can be asked and graded. Raises `INVALID` with all that is wrong with it."""
    used = {"choices": row.choices_named, "stems": row.stems_named} if row is not None else {}
    try:
        keyed = rules.named(content, before, **used)
    except rules.UnknownKey as error:
        raise INVALID(errors=[key_of_another(error.pointer)]) from None
    found = wrongs(keyed)
    if found:
        raise INVALID(errors=wrong_fields(found))
    pictures = [str(one) for one in rules.pictures_of(keyed)]
    if len(rules.union(row.picture_ids if row is not None else [], pictures)) > rules.MOST_PICTURES:
        raise INVALID(errors=[TOO_MANY_PICTURES])
    return keyed


def columns(content: Content) -> dict[str, Any]:
    """What a row has of a question, to look for it."""
    return {
        "kind": content.kind,
        "name": content.name,
        "text": content.text,
        "category": list(content.category),
        "category_path": rules.path_of(content.category),
        "tags": list(content.tags),
        "difficulty": content.difficulty,
        "marks": content.marks,
        "digest": rules.digest(content),
    }


def documented(content: Content) -> dict[str, Any]:
    """A question as a version keeps it: pictures are files."""
    return document_of(replace(content, pictures=()))


async def _keep(work: Work, seen: SeenBank, question: Question, content: Content, reason: str) -> None:
    """Write the version of a locked or new question, and have the files kept that any version names."""
    choices, stems = rules.furthest(content)
    question.choices_named = max(question.choices_named, choices)
    question.stems_named = max(question.stems_named, stems)
    before = list(question.picture_ids)
    question.picture_ids = rules.union(before, (str(one) for one in rules.pictures_of(content)))
    work.session.add(
        QuestionVersion(
            question_id=question.id,
            version=question.version,
            document=documented(content),
            reason=reason,
            made_by_id=seen.standing.member_id,
            made_at=work.now,
        )
    )
    await work.session.flush()
    if question.picture_ids != before and work.caller is not None:
        await keep_files(
            work.session, question.id, question.community_id, question.picture_ids, work.caller.id, work.now
        )


async def keep_files(
    session: AsyncSession,
    question_id: UUID,
    community_id: UUID,
    picture_ids: Collection[str],
    person_id: UUID,
    now: datetime,
    *,
    own: Collection[UUID] = (),
) -> None:
    """Have the files kept that any version of a question names; those of its `own` came inside a file, and are this service's."""
    await links.keep(
        session,
        kind=KIND,
        object_id=question_id,
        person_id=person_id,
        files={UUID(one) for one in picture_ids},
        now=now,
        community_id=community_id,
        senders=dict.fromkeys(own, account_id("events")),
    )

"""Questions and their answers. The rows of questions are locked before those of answers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.messaging.envelope import Received
from contracts import content
from services.analytics.processes.models import Answer, QuestionCourse
from services.analytics.processes.rules import ANSWERS, QUESTIONS, Row
from services.analytics.processes.store import Told, keep, lock, table_of, write

_QUESTIONS, _ANSWERS = table_of(QuestionCourse), table_of(Answer)

_QUESTIONS_OF: Prepared[Any] = Prepared(
    lambda on: select(_ANSWERS.c.question_id).where(on.among(_ANSWERS.c.id, "ids"), _ANSWERS.c.question_id.is_not(None))
)
_COUNTED_IN: Prepared[Any] = Prepared(
    lambda on: select(_QUESTIONS.c.id).where(on.among(_QUESTIONS.c.counted_in, "ids"))
)
_MOVE_QUESTION: Prepared[Any] = Prepared(
    update(_QUESTIONS).where(_QUESTIONS.c.id == bindparam("moved")).values(counted_in=bindparam("into"))
)


def _placed(on: Spelling, where: Any) -> Any:
    """Answers are counted where their question is."""
    there = select(_QUESTIONS.c.counted_in).where(_QUESTIONS.c.id == _ANSWERS.c.question_id).scalar_subquery()
    return update(_ANSWERS).where(on.among(where, "ids")).values(counted_in=there)


_MOVE_ANSWERS: Prepared[Any] = Prepared(lambda on: _placed(on, _ANSWERS.c.counted_in))
_PLACE_ANSWERS: Prepared[Any] = Prepared(lambda on: _placed(on, _ANSWERS.c.id))
_COUNT: Prepared[Any] = Prepared(
    update(_QUESTIONS)
    .where(_QUESTIONS.c.id == bindparam("counted"))
    .values(answers=_QUESTIONS.c.answers + bindparam("more"))
)


def _first(*where: Any) -> Any:
    visible = and_(_ANSWERS.c.posted_at.is_not(None), ~_ANSWERS.c.removed)
    return select(func.min(_ANSWERS.c.posted_at)).where(_ANSWERS.c.counted_in == _QUESTIONS.c.id, visible, *where)


_RECKON: Prepared[Any] = Prepared(
    lambda on: (
        update(_QUESTIONS)
        .where(on.among(_QUESTIONS.c.id, "ids"))
        .values(
            first_answer_at=_first().scalar_subquery(),
            first_by_other_at=_first(_ANSWERS.c.author_id.is_distinct_from(_QUESTIONS.c.author_id)).scalar_subquery(),
            accepted_at=select(func.min(_ANSWERS.c.accepted_at))
            .where(
                _ANSWERS.c.counted_in == _QUESTIONS.c.id,
                _ANSWERS.c.accepted,
                _ANSWERS.c.posted_at.is_not(None),
                ~_ANSWERS.c.removed,
            )
            .scalar_subquery(),
        )
    )
)


async def questions_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """That something was asked, changed, removed or restored."""
    changes = await keep(session, QuestionCourse, QUESTIONS, [_said_of_question(message) for message in messages])
    # Which answer is another's is known with the asker.
    asked = [key for key, (before, after) in changes.items() if before["author_id"] != after["author_id"]]
    await _reckon(session, asked)


async def questions_merged(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """That questions are duplicates: from then on their answers count where they went in the end."""
    pairs = [(message.data.discussion_id, message.data.into_id) for message in messages]
    locked = await _lock_with_ends(session, (key for pair in pairs for key in pair))
    ends = {key: row["counted_in"] for key, row in locked.items()}
    turned: dict[UUID, UUID] = {}
    for source, target in pairs:
        end = _end(turned, ends[target])
        if ends[source] == source and source not in turned and end != source:
            turned[source] = end
    if not turned:
        return
    moving = await lock(session, QuestionCourse, await _COUNTED_IN.all(session, ids=list(turned)))
    moves = [{"moved": key, "into": _end(turned, row["counted_in"])} for key, row in moving.items()]
    await _MOVE_QUESTION.run_many(session, moves)
    await _MOVE_ANSWERS.run(session, ids=list(turned))
    counts = {source: locked[source]["answers"] for source in turned}
    more: dict[UUID, int] = {}
    for source, count in counts.items():
        more[source] = more.get(source, 0) - count
        end = _end(turned, source)
        more[end] = more.get(end, 0) + count
    await _count(session, more)
    await _reckon(session, more.keys())


async def answers_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """That something was answered, and what became of answers. Comments are none."""
    told: Told = [said for message in messages if (said := _said_of_answer(message)) is not None]
    if not told:
        return
    known = await _QUESTIONS_OF.all(session, ids=[key for key, _ in told])
    asked = set(known) | {news["question_id"] for _, news in told if "question_id" in news}
    questions = await _lock_with_ends(session, asked)
    before = await lock(session, Answer, (key for key, _ in told))
    # Somebody else told of these meanwhile.
    questions |= await _lock_with_ends(session, _questions_in(before.values()) - questions.keys())
    changes = await write(session, Answer, ANSWERS, before, told)
    ends = {key: row["counted_in"] for key, row in questions.items()}
    more: dict[UUID, int] = {}
    moves = []
    for key, (old, new) in changes.items():
        if new["question_id"] is None:
            continue
        end = ends[new["question_id"]]
        more[end] = more.get(end, 0) + _is_seen(new) - _is_seen(old)
        if old["counted_in"] != end:
            moves.append(key)
    if moves:
        await _PLACE_ANSWERS.run(session, ids=moves)
    await _count(session, more)
    await _reckon(session, more.keys())


def _is_seen(answer: Row) -> int:
    return int(answer["posted_at"] is not None and not answer["removed"])


def _questions_in(answers: Iterable[Row]) -> set[UUID]:
    return {answer["question_id"] for answer in answers if answer["question_id"] is not None}


def _end(turned: Mapping[UUID, UUID], key: UUID) -> UUID:
    """Where it goes in the end; what is turned never leads back to itself."""
    while key in turned:
        key = turned[key]
    return key


async def _lock_with_ends(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Questions, and those in which they count."""
    locked = await lock(session, QuestionCourse, ids)
    ends = {row["counted_in"] for row in locked.values()} - locked.keys()
    return locked | await lock(session, QuestionCourse, ends)


async def _count(session: AsyncSession, more: Mapping[UUID, int]) -> None:
    rows = [{"counted": key, "more": count} for key, count in sorted(more.items()) if count]
    await _COUNT.run_many(session, rows)


async def _reckon(session: AsyncSession, ids: Collection[UUID]) -> None:
    if ids:
        await _RECKON.run(session, ids=list(ids))


def _said_of_question(message: Received[Any]) -> tuple[UUID, Row]:
    data = message.data
    if isinstance(data, content.ContentRemoval):
        removed = isinstance(data, content.DiscussionRemoved)
        return data.id, {
            "community_id": data.community_id,
            "removed": removed,
            "removal_version": message.version,
        }
    news: Row = {
        "community_id": data.community_id,
        "author_id": data.author_id,
        "kind": data.kind,
        "state_version": message.version,
    }
    if isinstance(data, content.DiscussionStarted):
        news["asked_at"] = message.occurred_at
    return data.discussion_id, news


def _said_of_answer(message: Received[Any]) -> tuple[UUID, Row] | None:
    data = message.data
    match data:
        case content.ReplyPosted():
            if data.kind != "answer":
                return None
            return data.reply_id, {
                "question_id": data.discussion_id,
                "author_id": data.author_id,
                "posted_at": message.occurred_at,
            }
        case content.ContentRemoval():
            removed = isinstance(data, content.ReplyRemoved)
            return data.id, {"removed": removed, "removal_version": message.version}
        case _:
            accepted = isinstance(data, content.AnswerAccepted)
            return data.reply_id, {
                "accepted": accepted,
                "accepted_at": message.occurred_at if accepted else None,
                "accept_version": message.version,
            }

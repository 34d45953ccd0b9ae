"""Use cases of attempts: beginning, going on, saving, handing in."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.attempts import Course, Saved, Window, beginning_refusal, ends_at, handed_in, saved
from assessment.documents import answer_document, answer_of
from assessment.grading import grade
from assessment.questions import Answer
from chassis.database.bulk import insert_new, upsert_many
from chassis.database.context import context_of
from chassis.problems import INVALID, FieldError, Problem, refused
from chassis.web.work import Work
from services.events.activities.eligibility import unmet_by
from services.events.activities.models import Activity
from services.events.contests import problems, queries, source
from services.events.contests.access import (
    SeenAttempt,
    SeenContest,
    member_of,
    own_attempt,
    seen_contest,
    state_of,
    times_of,
)
from services.events.contests.frozen_papers import banks_of, paper_at
from services.events.contests.models import (
    Contest,
    ContestAnswer,
    ContestAttempt,
    ContestCompetitor,
)
from services.events.contests.rules import NO_MARKS, shown_on_board
from services.events.contests.schemas import AnswerGiven, AnswersSave, AttemptBegin, AttemptClient
from services.events.contests.scoring import put_on_board, result_of
from services.events.contests.sheets import OnSheet, asked_of, fits, sheet
from services.events.permissions import QUESTION_BANKS_READ
from services.events.registrations.queries import seated

_COMPETITORS: Any = ContestCompetitor.__table__  # type: ignore[attr-defined]
_ATTEMPTS: Any = ContestAttempt.__table__  # type: ignore[attr-defined]
_ANSWERS: Any = ContestAnswer.__table__  # type: ignore[attr-defined]
_SAVED = ("answer", "sequence", "received_at", "marks")


async def begin(work: Work, body: AttemptBegin) -> tuple[SeenAttempt, bool]:
    """Begin, or go on with what was begun, on this device from now on; whether it is new."""
    seen = await seen_contest(work, body.contest_id)
    contest, member_id = seen.contest, member_of(seen.standing)
    present = await queries.attempt_of(work.session, contest.id, member_id, lock=True)
    if present is not None:
        present.client_id = body.client_id
        return SeenAttempt(present, contest, seen.standing), False
    if refusal := await beginning(work, seen):
        raise refusal
    attempt = await _new(work, contest, member_id, body.client_id)
    if attempt is None:
        # Another device began at the same moment: this one goes on with that.
        return await begin(work, body)
    return SeenAttempt(attempt, contest, seen.standing), True


async def beginning(work: Work, seen: SeenContest) -> Problem | None:
    """Why the caller cannot begin now; None where they can."""
    contest, member_id = seen.contest, member_of(seen.standing)
    state = state_of(contest, work.now)
    if state in {"draft", "cancelled"}:
        return refused("illegal_transition", state=state)
    extra = timedelta(minutes=await queries.extra_minutes(work.session, contest.id, member_id))
    if code := beginning_refusal(window_of(contest), work.now, extra=extra):
        return problems.NOT_OPEN_YET() if code == "not_open_yet" else problems.WINDOW_CLOSED()
    if not await may_enter(work.session, contest, member_id):
        return problems.NOT_ENTERED()
    if contest.team_size is not None and await queries.team_of(work.session, contest.id, member_id) is None:
        return problems.NO_TEAM()
    return problems.READS_THE_BANK() if await _reads_the_bank(work, contest) else None


async def _reads_the_bank(work: Work, contest: Contest) -> bool:
    banks = await banks_of(work.session, contest.id)
    return work.caller is not None and await source.has_read(work.session, work.caller.id, banks)


async def may_enter(session: AsyncSession, contest: Contest, member_id: UUID) -> bool:
    """Whether a member is one of those for whom a contest is."""
    if contest.entry == "registered":
        return bool(await seated(session, contest.activity_id, [member_id]))
    activity = await session.get_one(Activity, contest.activity_id)
    return not (await unmet_by(session, [activity], [member_id])).get(activity.id)


async def _new(work: Work, contest: Contest, member_id: UUID, client_id: UUID) -> ContestAttempt | None:
    """A new attempt; None where there is one already, of another request at the same moment."""
    session = work.session
    paper = await paper_at(session, contest.id, 0, contest.fingerprint)
    who_id = member_id
    if contest.team_size is not None:
        team = await queries.team_of(session, contest.id, member_id)
        who_id = team.id if team is not None else member_id
    on_board = contest.answers_final and shown_on_board(times_of(contest), work.now)
    line = ContestCompetitor(
        contest_id=contest.id, who_id=who_id, reached_at=NO_MARKS, board_reached_at=NO_MARKS, on_board=on_board
    )
    await insert_new(session, _COMPETITORS, [line.model_dump()], key=["contest_id", "who_id"])
    present = await queries.competitor(session, contest.id, who_id)
    extra = await queries.extra_minutes(session, contest.id, member_id)
    seed = secrets.token_hex(32)
    course = Course(work.now, timedelta(minutes=extra))
    attempt = ContestAttempt(
        community_id=contest.community_id,
        contest_id=contest.id,
        member_id=member_id,
        competitor_id=present.id if present is not None else line.id,
        client_id=client_id,
        seed=seed,
        asked=asked_of(paper, seed),
        started_at=work.now,
        moved_us=extra * 60_000_000,
        ends_at=ends_at(window_of(contest), course) or contest.closes_at,
    )
    new = await insert_new(session, _ATTEMPTS, [attempt.model_dump()], key=["contest_id", "member_id"])
    return await session.get(ContestAttempt, attempt.id) if new else None


async def save(work: Work, key: UUID, body: AnswersSave) -> tuple[SeenAttempt, Sequence[ContestAnswer]]:
    """Keep answers as they are given: of each question the greatest sequence, and none that comes at the end or later."""
    seen = await own_attempt(work, key, lock=True)
    attempt, contest = seen.attempt, seen.contest
    _require_running(seen, body.client_id, work.now)
    if QUESTION_BANKS_READ.reach(seen.standing.columns) and await _reads_the_bank(work, contest):
        # Whoever may look may have looked since they began.
        raise problems.READS_THE_BANK()
    on_sheet = await _named(work.session, seen, body.answers)
    before = (await queries.answers_of(work.session, [attempt.id]))[attempt.id]
    kept: dict[UUID, ContestAnswer] = {}
    for given, (question, answer) in zip(body.answers, on_sheet, strict=True):
        kept[question.id] = _kept(contest, attempt, question, before.get(question.id), given, answer, work.now)
    changed = [one for question_id, one in kept.items() if one is not before.get(question_id)]
    if changed:
        rows = sorted((one.model_dump() for one in changed), key=lambda row: row["question_id"])
        await upsert_many(work.session, _ANSWERS, rows, key=["attempt_id", "question_id"], update=_SAVED)
        await _count(work.session, contest, attempt, before | kept)
    return seen, [kept[question.id] for question, _ in on_sheet]


async def hand_in(work: Work, key: UUID, body: AttemptClient) -> SeenAttempt:
    """Hand in. What is handed in already stays so."""
    seen = await own_attempt(work, key, lock=True)
    attempt, contest = seen.attempt, seen.contest
    if over_since(contest, attempt, work.now) is not None:
        return seen
    _require_running(seen, body.client_id, work.now)
    attempt.handed_in_at, attempt.handed_in_by = work.now, "member"
    await _count(work.session, contest, attempt, None)
    return seen


def window_of(contest: Contest) -> Window:
    """When a contest may be begun, and how long an attempt takes."""
    return Window(contest.opens_at, contest.closes_at, timedelta(minutes=contest.minutes))


def course_of(attempt: ContestAttempt) -> Course:
    """What happened to an attempt."""
    return Course(attempt.started_at, timedelta(microseconds=attempt.moved_us), attempt.handed_in_at)


def over_since(contest: Contest, attempt: ContestAttempt, now: datetime) -> datetime | None:
    """Since when an attempt is handed in, by its member or by the clock; None while answers are taken."""
    return handed_in(window_of(contest), course_of(attempt), now)


def _require_running(seen: SeenAttempt, client_id: UUID, now: datetime) -> None:
    over = over_since(seen.contest, seen.attempt, now)
    if over is not None:
        raise problems.ATTEMPT_OVER(handed_in_at=over)
    if seen.contest.status == "cancelled":
        raise refused("illegal_transition", state="cancelled")
    if seen.attempt.client_id != client_id:
        raise problems.TAKEN_OVER()


async def _named(
    session: AsyncSession, seen: SeenAttempt, given: Sequence[AnswerGiven]
) -> list[tuple[OnSheet, Answer]]:
    """The questions that are answered, and the answers by their keys. Raises `INVALID`."""
    attempt, contest = seen.attempt, seen.contest
    wrong: list[FieldError] = []
    numbers = [one.number for one in given]
    for place, number in enumerate(numbers):
        if number > len(attempt.asked):
            wrong.append(problems.wrong(f"/answers/{place}/number", "unknown_question"))
        if number in numbers[:place]:
            wrong.append(problems.wrong(f"/answers/{place}/number", "answered_twice"))
    if wrong:
        raise INVALID(errors=wrong)
    paper = await paper_at(session, contest.id, contest.revision, contest.fingerprint)
    found: list[tuple[OnSheet, Answer]] = []
    for place, (one, question) in enumerate(
        zip(given, sheet(paper, attempt.asked, attempt.seed, numbers), strict=True)
    ):
        pairs = tuple((pair.stem, pair.choice) for pair in one.pairs)
        answer = question.letters.kept(Answer(tuple(one.choices), tuple(one.texts), pairs))
        if answer is None:
            wrong.append(problems.wrong(f"/answers/{place}", "unknown_part"))
        elif not fits(question.question, answer):
            wrong.append(problems.wrong(f"/answers/{place}", "not_this_kind"))
        else:
            found.append((question, answer))
    if wrong:
        raise INVALID(errors=wrong)
    return found


def _kept(
    contest: Contest,
    attempt: ContestAttempt,
    question: OnSheet,
    before: ContestAnswer | None,
    given: AnswerGiven,
    answer: Answer,
    now: datetime,
) -> ContestAnswer:
    """What stands of an answer; what stood before itself where nothing changes. Raises `ANSWER_FINAL`."""
    stood = None if before is None else Saved(answer_of(before.answer), before.sequence, before.received_at)
    stands = saved(stood, Saved(answer, given.sequence, now))
    if before is not None and stands is stood:
        return before
    if contest.answers_final and stood is not None and not stood.answer.empty and stands.answer != stood.answer:
        raise problems.ANSWER_FINAL()
    return ContestAnswer(
        attempt_id=attempt.id,
        question_id=question.id,
        answer=answer_document(stands.answer),
        sequence=stands.sequence,
        received_at=stands.received_at,
        marks=grade(question.question, stands.answer).marks or 0,
    )


async def _count(
    session: AsyncSession,
    contest: Contest,
    attempt: ContestAttempt,
    answers: dict[UUID, ContestAnswer] | None,
) -> None:
    """Write what the attempt comes to, and its line of the board."""
    if answers is not None:
        attempt.score, attempt.reached_at = result_of(answers.values())
    await session.flush()
    line = await session.get_one(ContestCompetitor, attempt.competitor_id, with_for_update=True, populate_existing=True)
    # Who waited for the line until the board was frozen is not on it.
    shown = shown_on_board(times_of(contest), context_of(session).runtime.clock())
    await put_on_board(session, contest, {line.id: [attempt]}, [line], shown=shown)

"""Corrected questions: tried on all attempts first, then decided, then graded anew, 500 attempts at a time.

Nothing of it is in force before the last attempt is graded: until then the contest says that it is being graded anew. Each attempt
is read with the paper that graded it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import answer_of
from assessment.frozen import Paper, fingerprint
from assessment.grading import grade
from chassis.audit import audit
from chassis.database.bulk import insert_many, upsert_many
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, refused
from chassis.timers import Late, Timer, Timers, again, schedule
from chassis.web.work import Work
from services.events.contests import problems, queries, source
from services.events.contests.access import SeenContest, member_of, require_state, seen_contest, seen_through
from services.events.contests.closing import count_again, tell_standings
from services.events.contests.frozen_papers import document_at, parsed
from services.events.contests.models import (
    Contest,
    ContestAnswer,
    ContestAttempt,
    ContestPaper,
    ContestRegrade,
    ContestRegradeLine,
)
from services.events.contests.rules import TOGETHER
from services.events.contests.schemas import RegradeCreate, RegradeDecide
from services.events.contests.scoring import result_of
from services.events.contests.sheets import questions_of

TRY: Final = "contest.regrade"
_FIRST: Final = UUID(int=0)
_LINES: Any = ContestRegradeLine.__table__  # type: ignore[attr-defined]
_ANSWERS: Any = ContestAnswer.__table__  # type: ignore[attr-defined]

timers = Timers()


async def ask(work: Work, key: UUID, body: RegradeCreate) -> tuple[ContestRegrade, SeenContest]:
    """Try what these questions' newest versions change. Nothing is graded before somebody decides."""
    seen = await seen_contest(work, key, lock=True)
    contest = seen.contest
    require_state(contest, "regrade", work.now)
    if contest.status != "over":
        # Who stands where is being told for the first time.
        raise refused("illegal_transition", state="closed")
    if await queries.under_way(work.session, contest.id):
        raise problems.REGRADE_UNDER_WAY()
    document = await document_at(work.session, contest.id, contest.revision)
    changed, corrected = await _corrected(work.session, document, body.question_ids)
    regrade = ContestRegrade(
        community_id=contest.community_id,
        contest_id=contest.id,
        reason=body.reason,
        corrected=corrected,
        document=changed,
        fingerprint=fingerprint(changed),
        asked_by_id=member_of(seen.standing),
        created_at=work.now,
    )
    work.session.add(regrade)
    await work.session.flush()
    await schedule(work.session, TRY, regrade.id, work.now)
    await audit(work.session, work.caller, regrade, "create", {"corrected": [None, corrected]}, work.now)
    return regrade, seen


async def decide(work: Work, key: UUID, body: RegradeDecide) -> tuple[ContestRegrade, SeenContest]:
    """Grade anew by it. Who competes, or is in a team that does, does not decide about their own marks."""
    regrade, seen = await _locked(work, key)
    contest = seen.contest
    if await queries.competes(work.session, contest.id, member_of(seen.standing)):
        raise CONFLICT_OF_INTEREST()
    if regrade.status != "tried":
        raise refused("illegal_transition", state=regrade.status)
    revision = contest.revision + 1
    paper = ContestPaper(
        contest_id=contest.id, revision=revision, document=regrade.document, fingerprint=regrade.fingerprint
    )
    work.session.add(paper)
    values = {"status": "grading", "prizes": body.prizes, "revision": revision, "upto": None}
    regrade.sqlmodel_update(values | {"decided_by_id": seen.standing.member_id, "decided_at": work.now})
    contest.sqlmodel_update({"status": "regrading", "version": contest.version + 1})
    await work.session.flush()
    await schedule(work.session, TRY, regrade.id, work.now)
    changes: dict[str, list[Any]] = {
        "status": ["tried", "grading"],
        "prizes": [None, body.prizes],
        "changed": [None, regrade.changed],
    }
    await audit(work.session, work.caller, regrade, "apply", changes, work.now)
    return regrade, seen


async def drop(work: Work, key: UUID) -> tuple[ContestRegrade, SeenContest]:
    """Leave everything as it is."""
    regrade, seen = await _locked(work, key)
    if regrade.status not in {"trying", "tried"}:
        raise refused("illegal_transition", state=regrade.status)
    regrade.sqlmodel_update({"status": "dropped"})
    await audit(work.session, work.caller, regrade, "drop", {"status": ["tried", "dropped"]}, work.now)
    return regrade, seen


async def seen_regrade(work: Work, key: UUID) -> tuple[ContestRegrade, SeenContest]:
    """A correction, for whoever may decide about it. Raises `NOT_FOUND`, and what `authorize` raises."""
    regrade = await existing(work.session, ContestRegrade, key)
    return regrade, await seen_through(work, regrade.contest_id)


@timers.on(TRY, late=Late.ENDING)
async def go_on(session: AsyncSession, timer: Timer) -> None:
    """Do the next piece of a correction, and come again until all is done."""
    noted = await session.get(ContestRegrade, timer.subject_id)
    if noted is None:
        return
    contest = await session.get_one(Contest, noted.contest_id, with_for_update=True, populate_existing=True)
    regrade = await session.get_one(ContestRegrade, noted.id, with_for_update=True, populate_existing=True)
    more = False
    if regrade.status == "trying":
        more = await _try(session, regrade)
    elif regrade.status == "grading":
        more = await _grade(session, contest, regrade)
    if more:
        await again(session, timer)


async def _try(session: AsyncSession, regrade: ContestRegrade) -> bool:
    attempts = await queries.next_attempts(session, regrade.contest_id, regrade.upto or _FIRST, TOGETHER)
    if not attempts:
        regrade.sqlmodel_update({"status": "tried", "upto": None})
        return False
    lines = []
    for attempt, answers, _ in await _anew(session, regrade, attempts):
        score, _at = result_of(answers)
        if score != attempt.score:
            lines.append(
                {
                    "regrade_id": regrade.id,
                    "attempt_id": attempt.id,
                    "member_id": attempt.member_id,
                    "before": attempt.score,
                    "after": score,
                }
            )
    await insert_many(session, _LINES, lines)
    regrade.sqlmodel_update(
        {
            "upto": attempts[-1].id,
            "looked_at": regrade.looked_at + len(attempts),
            "changed": regrade.changed + len(lines),
        }
    )
    return True


async def _grade(session: AsyncSession, contest: Contest, regrade: ContestRegrade) -> bool:
    attempts = await queries.next_attempts(session, contest.id, regrade.upto or _FIRST, TOGETHER)
    if attempts:
        await _write(session, contest, regrade, attempts)
        regrade.upto = attempts[-1].id
        return True
    if contest.revision != regrade.revision:
        contest.sqlmodel_update({"revision": regrade.revision, "fingerprint": regrade.fingerprint})
    kept = regrade.prizes == "kept"
    if await tell_standings(session, contest, regrade.decided_at or regrade.created_at, prizes_kept=kept):
        return True
    regrade.sqlmodel_update({"status": "graded"})
    contest.sqlmodel_update({"status": "over", "version": contest.version + 1})
    return False


async def _write(
    session: AsyncSession, contest: Contest, regrade: ContestRegrade, attempts: Sequence[ContestAttempt]
) -> None:
    rows: list[dict[str, Any]] = []
    for attempt, answers, regraded in await _anew(session, regrade, attempts):
        attempt.score, attempt.reached_at = result_of(answers)
        attempt.revision = regrade.revision or attempt.revision
        rows += [one.model_dump() for one in regraded]
    rows.sort(key=lambda row: (row["attempt_id"], row["question_id"]))
    await upsert_many(session, _ANSWERS, rows, key=["attempt_id", "question_id"], update=["marks"])
    await session.flush()
    await count_again(session, contest, attempts, shown=False)


async def _anew(
    session: AsyncSession, regrade: ContestRegrade, attempts: Sequence[ContestAttempt]
) -> list[tuple[ContestAttempt, list[ContestAnswer], list[ContestAnswer]]]:
    """Attempts with their answers as the correction grades them, and which of these it grades anew. Who was erased keeps their marks."""
    asked = [one for one in attempts if not one.erased]
    paper: Paper = parsed(regrade.fingerprint, regrade.document)
    ids = {one["question_id"] for one in regrade.corrected}
    questions = {UUID(key): one.question for key, (_, one) in questions_of(paper, ids).items()}
    answers = await queries.answers_of(session, [one.id for one in asked])
    found = []
    for attempt in asked:
        all_of_it = list(answers[attempt.id].values())
        regraded = [_graded(questions[one.question_id], one) for one in all_of_it if one.question_id in questions]
        untouched = [one for one in all_of_it if one.question_id not in questions]
        found.append((attempt, [*untouched, *regraded], regraded))
    return found


def _graded(question: Any, before: ContestAnswer) -> ContestAnswer:
    marks = grade(question, answer_of(before.answer)).marks or 0
    return ContestAnswer(**before.model_dump() | {"marks": marks})


async def _locked(work: Work, key: UUID) -> tuple[ContestRegrade, SeenContest]:
    noted = await existing(work.session, ContestRegrade, key)
    seen = await seen_through(work, noted.contest_id, lock=True)
    regrade = await existing(work.session, ContestRegrade, key, lock=True)
    return regrade, seen


async def _corrected(
    session: AsyncSession, document: Mapping[str, Any], wanted: Sequence[UUID] | set[UUID]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The paper with the newest versions of these questions, and which they are. Raises `INVALID`, `NOTHING_CORRECTED`."""
    there = {
        one["id"]: one for section in document["sections"] for pool in section["pools"] for one in pool["questions"]
    }
    if any(str(one) not in there for one in wanted):
        raise INVALID(errors=[problems.wrong("/question_ids", "not_in_paper")])
    newest = await source.corrected(session, wanted)
    later = {
        str(key): (version, question)
        for key, (version, question) in newest.items()
        if version > there[str(key)]["version"]
    }
    if not later:
        raise problems.NOTHING_CORRECTED()
    if any(_keys(there[key]["question"]) - _keys(question) for key, (_, question) in later.items()):
        raise INVALID(errors=[problems.wrong("/question_ids", "parts_gone")])
    if any(question["kind"] == "short_text" for _, question in later.values()):
        raise INVALID(errors=[problems.wrong("/question_ids", "graded_by_people")])
    changed = _with(document, later)
    return changed, [
        {"question_id": key, "version_before": there[key]["version"], "version": later[key][0]} for key in sorted(later)
    ]


def _keys(question: Mapping[str, Any]) -> set[str]:
    return {one["key"] for name in ("choices", "stems") for one in question.get(name, [])}


def _with(document: Mapping[str, Any], later: Mapping[str, tuple[int, Mapping[str, Any]]]) -> dict[str, Any]:
    def anew(one: Mapping[str, Any]) -> dict[str, Any]:
        if one["id"] not in later:
            return dict(one)
        version, question = later[one["id"]]
        return {"id": one["id"], "version": version, "question": dict(question)}

    sections = [
        dict(section)
        | {"pools": [dict(pool) | {"questions": [anew(one) for one in pool["questions"]]} for pool in section["pools"]]}
        for section in document["sections"]
    ]
    return dict(document) | {"sections": sections}

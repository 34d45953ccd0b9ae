"""What applicants do: begin an attempt, save answers, hand in."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from sqlalchemy import Table, case
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment import attempts as library
from assessment.attempts import Course, Saved
from assessment.documents import answer_document
from assessment.questions import Answer
from chassis.database.bulk import merge_many
from chassis.database.rows import existing
from chassis.problems import FieldError, refused
from chassis.timers import cancel, schedule
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.moving import facts_of
from services.membership.applications.rules import seen_by_applicant
from services.membership.screening_tests import access
from services.membership.screening_tests.models import Attempt, GivenAnswer
from services.membership.screening_tests.papers import Drawn, drawn_for
from services.membership.screening_tests.problems import ANSWERS_REFUSED, ATTEMPT_OVER, TAKEN_OVER
from services.membership.screening_tests.results import attempts_of, conclude, extra_of, hand_in, test_of
from services.membership.screening_tests.rules import CODES, MICROSECOND, answer_wrong, beginning_refusal, ended
from services.membership.screening_tests.schemas import AnswerSave, AnswersSave, AttemptBegin

END = "test.end"


async def begin(work: Work, body: AttemptBegin) -> tuple[Attempt, bool]:
    """Begin an attempt, or give the one that runs to this client; and whether it is new.

    Raises `ILLEGAL_TRANSITION`, `NOT_OPEN_YET`, `WINDOW_CLOSED`, `ATTEMPTS_USED`.
    """
    session, now = work.session, work.now
    application = await existing(session, Application, body.application_id, lock=True)
    await access.applicants(work, application.person_id, application.community_id)
    campaign = await access.campaign_of(session, application)
    if not access.in_test(application, campaign, now):
        raise refused("illegal_transition", state=seen_by_applicant(facts_of(application, campaign, now), now)[0])
    settings = test_of(campaign)
    before = await attempts_of(session, application)
    live = next((one for one in before if one.handed_in_at is None), None)
    if live is not None:
        over = ended(live.handed_in_at, live.ends_at, now)
        if over is None:
            live.client_id = body.client_id
            return live, False
        # The clock has handed it in without a worker to say so.
        await hand_in(session, live, campaign, by="clock", at=over)
        await conclude(session, application, campaign, before, now)
    extra = extra_of(application)
    code = beginning_refusal(settings, begun=application.test_attempts, extra=extra, now=now)
    if code is not None:
        raise refused(code)
    attempt = Attempt(
        application_id=application.id,
        campaign_id=campaign.id,
        community_id=application.community_id,
        person_id=application.person_id,
        number=application.test_attempts + 1,
        paper_id=settings.paper_id,
        paper_version=settings.paper_version,
        graded_version=campaign.test_graded_version,
        seed=token_hex(32),
        client_id=body.client_id,
        started_at=now,
        moved=extra // MICROSECOND,
        ends_at=library.ends_at(settings.window, Course(now, extra)),
    )
    session.add(attempt)
    application.test_attempts, application.test_attempt_id = attempt.number, attempt.id
    await session.flush()
    if attempt.ends_at is not None:
        await schedule(session, END, attempt.id, attempt.ends_at)
    return attempt, True


async def save(work: Work, attempt_id: UUID, body: AnswersSave) -> Any:
    """Keep answers of the attempt that this client holds; of each question the save with the greatest sequence stands.

    A few statements, whatever there is: hundreds save at the same moment. Raises `ATTEMPT_OVER`, `TAKEN_OVER`, `ANSWERS_REFUSED`.
    """
    attempt, state = await access.running(work.session, attempt_id)
    await access.applicants(work, attempt.person_id, attempt.community_id)
    over = ended(attempt.handed_in_at, attempt.ends_at, work.now)
    if over is not None or state != "testing":
        raise ATTEMPT_OVER(handed_in_at=over)
    if attempt.client_id != body.client_id:
        raise TAKEN_OVER()
    drawn = await drawn_for(work.session, attempt)
    kept = _kept(drawn, body.answers, work.now)
    rows = [
        {
            "attempt_id": attempt.id,
            "question_id": question_id,
            "answer": answer_document(one.answer),
            "sequence": one.sequence,
            "received_at": one.received_at,
        }
        for question_id, one in sorted(kept.items())
    ]
    await merge_many(work.session, GivenAnswer.__table__, rows, _greatest)  # type: ignore[attr-defined]
    return attempt


def _greatest(table: Table, added: Any, _: Sequence[str]) -> Any:
    """As the library's `saved` does it with what is there. What people gave was for what stood there then."""
    new, known = added.excluded, table.c
    same = new.answer == known.answer
    given = {name: case((same, known[name]), else_=None) for name in ("marks", "marked_by", "marked_at")}
    return added.on_conflict_do_update(
        index_elements=[known.attempt_id, known.question_id],
        set_={
            "answer": new.answer,
            "sequence": new.sequence,
            "received_at": case((same, known.received_at), else_=new.received_at),
            **given,
        },
        where=known.sequence < new.sequence,
    )


def _kept(drawn: Drawn, answers: Sequence[AnswerSave], now: datetime) -> dict[str, Saved]:
    """The answers by question, by keys. Raises `ANSWERS_REFUSED` with each that does not fit."""
    kept: dict[str, Saved] = {}
    wrong: list[FieldError] = []
    for place, one in enumerate(answers):
        pointer = f"/answers/{place}"
        asked = drawn.questions.get(one.question_id)
        if asked is None:
            wrong.append(_wrong(f"{pointer}/question_id", "unknown_question"))
            continue
        given = Answer(tuple(one.choices), tuple(one.texts), tuple((pair.stem, pair.choice) for pair in one.pairs))
        found = answer_wrong(asked.letters.sheet(asked.question), given)
        by_keys = asked.letters.kept(given) if found is None else None
        if found is not None or by_keys is None:
            part, code = found or ("pairs" if one.pairs else "choices", "unknown_letter")
            wrong.append(_wrong(f"{pointer}/{part}", code))
            continue
        kept[one.question_id] = library.saved(kept.get(one.question_id), Saved(by_keys, one.sequence, now))
    if wrong:
        raise ANSWERS_REFUSED(errors=wrong)
    return kept


def _wrong(pointer: str, code: str) -> FieldError:
    en, zh = CODES[code]
    return FieldError(pointer, code, en, zh)


async def hand_in_own(work: Work, attempt_id: UUID, client_id: UUID) -> Attempt:
    """Hand in; what is handed in already stays as it is. Raises `TAKEN_OVER`."""
    application, attempts, attempt = await access.locked(work.session, attempt_id)
    await access.applicants(work, attempt.person_id, attempt.community_id)
    over = ended(attempt.handed_in_at, attempt.ends_at, work.now)
    if over is None and attempt.client_id != client_id:
        raise TAKEN_OVER()
    if attempt.handed_in_at is None:
        await close(
            work.session,
            application,
            attempts,
            attempt,
            by="applicant" if over is None else "clock",
            at=over or work.now,
            now=work.now,
        )
        await cancel(work.session, END, attempt.id)
    return attempt


async def close(
    session: AsyncSession,
    application: Application,
    attempts: Sequence[Attempt],
    attempt: Attempt,
    *,
    by: str,
    at: datetime,
    now: datetime,
) -> None:
    """Hand in one of a locked application's attempts, and say what all of them come to."""
    campaign = await access.campaign_of(session, application)
    await hand_in(session, attempt, campaign, by=by, at=at)
    await conclude(session, application, campaign, attempts, now)


async def read(work: Work, attempt_id: UUID) -> tuple[Attempt, Application]:
    """The caller's own attempt."""
    attempt = await existing(work.session, Attempt, attempt_id)
    await access.applicants(work, attempt.person_id, attempt.community_id)
    return attempt, await work.session.get_one(Application, attempt.application_id)

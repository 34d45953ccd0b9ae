"""How a survey ends: answers are counted once and written anew, and who took part is told, piece by piece.

Until then the order of rows could tell whoever reads the database itself when somebody answered, and so who. So answers without names
are written anew in random order and under other ids, and who took part in the order of their ids; then the files are wiped.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import among, insert_many
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, again, cancel, schedule
from chassis.web.work import Work
from contracts.events import Mean, SatisfactionMeasured, SurveyClosed, SurveyParticipated
from services.events.activities.models import Activity
from services.events.surveys import queries, wiping
from services.events.surveys.access import SeenSurvey, seen_survey
from services.events.surveys.models import Survey, SurveyBallot, SurveyMixed, SurveyParticipation, SurveyText
from services.events.surveys.rules import FEWEST, fewest_texts, fold, parts_of, results_of, texts_in, without_texts
from services.events.surveys.service import CLOSE, about_of, refuse

SETTLE: Final = "survey.settle"
TOGETHER: Final = 500
_FIRST: Final = UUID(int=0)
_MIXED: Any = SurveyMixed.__table__  # type: ignore[attr-defined]
_PARTS: Any = SurveyParticipation.__table__  # type: ignore[attr-defined]
_TEXTS: Any = SurveyText.__table__  # type: ignore[attr-defined]

timers = Timers()


async def close(work: Work, key: UUID) -> SeenSurvey:
    """End a survey now. Again, it changes nothing."""
    seen = await seen_survey(work, key, lock=True)
    survey = seen.survey
    if survey.status in {"closing", "closed"}:
        return seen
    refuse(work, seen, "close")
    await cancel(work.session, CLOSE, survey.id)
    await _end(work.session, survey, work.now)
    await audit(work.session, work.caller, survey, "close", {"status": ["open", "closing"]}, work.now)
    return seen


@timers.on(CLOSE, late=Late.ENDING)
async def close_by_itself(session: AsyncSession, timer: Timer) -> None:
    """End a survey when it was due."""
    survey = await _locked(session, timer.subject_id)
    if survey is None or survey.status != "open" or survey.closes_at is None or survey.closes_at > timer.now:
        return
    await _end(session, survey, survey.closes_at)


async def _end(session: AsyncSession, survey: Survey, at: datetime) -> None:
    survey.sqlmodel_update({"status": "closing", "closed_at": at, "version": survey.version + 1})
    await session.flush()
    await schedule(session, SETTLE, survey.id, at)


@timers.on(SETTLE, late=Late.ENDING)
async def settle(session: AsyncSession, timer: Timer) -> None:
    """Do the next piece of what ends a survey, and come again until all is done."""
    survey = await _locked(session, timer.subject_id)
    if survey is None or survey.status != "closing":
        return
    more = (
        await _count_named(session, survey) if survey.anonymity == "named" else await _settle_unnamed(session, survey)
    )
    if more:
        await again(session, timer)
        return
    await _finish(session, survey, timer.now)


async def _settle_unnamed(session: AsyncSession, survey: Survey) -> bool:
    """One piece: ballots first, then who took part. Whether there may be more."""
    return await _settle_ballots(session, survey) or await _tell_participants(session, survey)


async def _count_named(session: AsyncSession, survey: Survey) -> bool:
    rows = await queries.next_answers(session, survey.id, survey.settled_upto or _FIRST, TOGETHER)
    if not rows:
        return False
    survey.tally = fold(survey.tally, survey.questions, [row.given for row in rows])
    survey.settled_upto = rows[-1].id
    await _keep_texts(session, survey, [row.given for row in rows])
    return True


async def _settle_ballots(session: AsyncSession, survey: Survey) -> bool:
    rows = await queries.unsettled(session, survey.id, TOGETHER)
    if not rows:
        return False
    await session.execute(delete(SurveyBallot).where(among(session, col(SurveyBallot.id), [row.id for row in rows])))
    if await queries.answered(session, survey.id) < FEWEST:
        # Nobody will ever read them.
        return True
    survey.tally = fold(survey.tally, survey.questions, [row.given for row in rows])
    anew = [{"id": uuid4(), "survey_id": survey.id, "given": without_texts(row.given)} for row in rows]
    await insert_many(session, _MIXED, sorted(anew, key=_by_id))
    await _keep_texts(session, survey, [row.given for row in rows])
    return True


async def _keep_texts(session: AsyncSession, survey: Survey, answers: list[Any]) -> None:
    if await queries.answered(session, survey.id) < fewest_texts(survey.origin):
        return
    found = [
        {"id": uuid4(), "survey_id": survey.id, "question": question, "text": text, "withheld": False}
        for given in answers
        for question, text in texts_in(survey.questions, given)
    ]
    await insert_many(session, _TEXTS, sorted(found, key=_by_id))


async def _tell_participants(session: AsyncSession, survey: Survey) -> bool:
    ids = list(await queries.untold(session, survey.id, TOGETHER))
    if not ids:
        return False
    part = survey.parts + 1
    of_survey = col(SurveyParticipation.survey_id) == survey.id
    await session.execute(
        delete(SurveyParticipation).where(of_survey, among(session, col(SurveyParticipation.member_id), ids))
    )
    await insert_many(session, _PARTS, [{"survey_id": survey.id, "member_id": one, "part": part} for one in ids])
    of = parts_of(await queries.answered(session, survey.id), TOGETHER)
    survey.parts = part
    await _tell(session, survey, [participated(survey, ids, part, of)])
    return True


async def _finish(session: AsyncSession, survey: Survey, now: datetime) -> None:
    """Say what it came to, once and for all."""
    answered = await queries.answered(session, survey.id)
    survey.results = {
        "asked": max(answered, await queries.asked(session, survey)),
        "answered": answered,
        "questions": results_of(survey.tally, survey.questions) if answered >= FEWEST else [],
    }
    survey.sqlmodel_update({"status": "closed", "tally": {}, "version": survey.version + 1})
    await session.flush()
    messages: list[Any] = [closed(survey)]
    if survey.about_kind == "activity" and survey.about_id is not None and means_of(survey):
        activity = await session.get(Activity, survey.about_id)
        if activity is not None:
            messages.append(satisfaction(survey, activity.kind))
    await _tell(session, survey, messages)
    if survey.anonymity == "anonymous":
        await wiping.begin(session, now)


async def _tell(session: AsyncSession, survey: Survey, messages: list[Any]) -> None:
    """Tell of its end, and keep by which ids. All of it happened when it closed."""
    at = survey.closed_at
    if at is None:
        raise ValueError("it has not closed")
    outgoing = [Outgoing(one, survey.bump() if isinstance(one, SurveyClosed) else 1, at) for one in messages]
    survey.told_as = [*survey.told_as, *(str(one.id) for one in outgoing)]
    await emit_many(session, outgoing)


def participated(survey: Survey, ids: list[UUID], part: int, of: int) -> SurveyParticipated:
    """Who took part, as it is told."""
    return SurveyParticipated(
        community_id=survey.community_id, survey_id=survey.id, member_ids=tuple(ids), part=part, of=of
    )


def closed(survey: Survey) -> SurveyClosed:
    """What is told of a survey that has closed."""
    results = survey.results or {}
    return SurveyClosed(
        community_id=survey.community_id,
        survey_id=survey.id,
        about=about_of(survey),
        anonymity=survey.anonymity,
        asked=results["asked"],
        answered=results["answered"],
        means=means_of(survey),
    )


def satisfaction(survey: Survey, kind: str) -> SatisfactionMeasured:
    """What those who attended an activity thought of it."""
    if survey.about_id is None:
        raise ValueError("it is about no activity")
    return SatisfactionMeasured(
        community_id=survey.community_id,
        activity_id=survey.about_id,
        survey_id=survey.id,
        kind=kind,
        means=means_of(survey),
    )


def means_of(survey: Survey) -> tuple[Mean, ...]:
    """The means of the questions that five or more answered."""
    shown = (survey.results or {}).get("questions", [])
    return tuple(Mean(code=one["code"], mean=one["mean"], n=one["n"]) for one in shown if "mean" in one)


def _by_id(row: Mapping[str, Any]) -> UUID:
    key: UUID = row["id"]
    return key


async def _locked(session: AsyncSession, key: UUID) -> Survey | None:
    return await session.get(Survey, key, with_for_update=True, populate_existing=True)

"""Use cases of surveys: preparing, opening, answering, closing, and showing them to whom they judge."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import among, insert_many, insert_new
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing, emit, emit_many
from chassis.problems import INVALID, FieldError, refused
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.workdays import work_calendar
from chassis.security.authority import authorize
from chassis.timers import schedule
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from chassis.working_time import due_after
from contracts.events import SurveyAbout, SurveyAnswered, SurveyOpened
from services.events.activities.queries import statuses_of
from services.events.base import known
from services.events.permissions import SURVEYS_WRITE
from services.events.surveys import problems
from services.events.surveys.access import SeenSurvey, as_seen, require, seen_survey
from services.events.surveys.models import (
    Survey,
    SurveyAnswer,
    SurveyBallot,
    SurveyInvitee,
    SurveyParticipation,
    SurveyPolicy,
    SurveyText,
)
from services.events.surveys.queries import NOTHING, another_group, asked, is_there
from services.events.surveys.rules import FEWEST, POSSIBLE, WORKDAYS_TO_ANSWER, misfits, wrongs
from services.events.surveys.schemas import (
    AboutGiven,
    SurveyAnswerCreate,
    SurveyCreate,
    SurveyPatch,
    SurveyQuestion,
    SurveyRelease,
)

CLOSE = "survey.close"

_ZONE = Prepared(select(known.communities.c.time_zone).where(known.communities.c.id == bindparam("id")))


async def create(work: Work, body: SurveyCreate) -> SeenSurvey:
    """Prepare a survey."""
    standing = await authorize(work.session, work.caller, SURVEYS_WRITE, body.community_id, now=work.now)
    _check_questions(body.questions)
    about = body.about
    found = [
        problems.wrong(f"/{name}", code) for name, code in misfits(about.kind, body.audience, len(body.member_ids))
    ]
    if found:
        raise INVALID(errors=found)
    await _require_about(work.session, body.community_id, about)
    await _require_members(work.session, body.community_id, body.member_ids)
    _check_end(work, body.closes_at)
    survey = Survey(
        **body.model_dump(include={"community_id", "title", "audience", "anonymity", "closes_at"}),
        about_kind=about.kind,
        about_id=about.id,
        month=about.month,
        questions=[one.model_dump() for one in body.questions],
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    work.session.add(survey)
    await work.session.flush()
    invited = [{"survey_id": survey.id, "member_id": one} for one in sorted(body.member_ids)]
    await insert_many(work.session, SurveyInvitee.__table__, invited)  # type: ignore[attr-defined]
    await audit(work.session, work.caller, survey, "create", {"title": [None, survey.title]}, work.now)
    return as_seen(survey, standing, NOTHING)


async def edit(work: Work, key: UUID, body: SurveyPatch, if_match: int) -> SeenSurvey:
    """Change a draft."""
    seen = await seen_survey(work, key, lock=True)
    survey = seen.survey
    require_match(survey.version, if_match)
    refuse(work, seen, "update")
    if "questions" in body.model_fields_set:
        _check_questions(body.questions)
    _check_end(work, body.closes_at)
    changes = changed_by(body.model_dump(include=body.model_fields_set), survey)
    if changes:
        survey.sqlmodel_update({name: after for name, (_, after) in changes.items()})
        survey.version += 1
        await audit(work.session, work.caller, survey, "update", {"fields": [None, sorted(changes)]}, work.now)
    return seen


async def open_(work: Work, key: UUID, if_match: int) -> SeenSurvey:
    """Ask whom it is for."""
    seen = await seen_survey(work, key, lock=True)
    require_match(seen.survey.version, if_match)
    refuse(work, seen, "open")
    _check_end(work, seen.survey.closes_at)
    await _check_group(work, seen.survey)
    await begin(work, seen.survey)
    await audit(work.session, work.caller, seen.survey, "open", {"status": ["draft", "open"]}, work.now)
    return seen


async def _check_group(work: Work, survey: Survey) -> None:
    """Of those who are not named nobody is to be found by a group that is small, or by the difference of two.

    Raises `TOO_FEW_ASKED`, `ANOTHER_GROUP`. Two that are opened at once wait for each other.
    """
    if survey.anonymity != "anonymous":
        return
    community_id = survey.community_id
    new = SurveyPolicy(community_id=community_id).model_dump()
    await insert_new(work.session, SurveyPolicy.__table__, [new], key=["community_id"])  # type: ignore[attr-defined]
    await existing(work.session, SurveyPolicy, community_id, lock=True)
    if await asked(work.session, survey) < FEWEST:
        raise problems.TOO_FEW_ASKED()
    if await another_group(work.session, survey):
        raise problems.ANOTHER_GROUP()


async def begin(work: Work, survey: Survey) -> None:
    """Open a new or locked survey, and tell of it."""
    closes_at = survey.closes_at
    if closes_at is None:
        calendar = await work_calendar(work.session)
        time_zone = await _ZONE.first(work.session, id=survey.community_id) or "UTC"
        closes_at = due_after(work.now, WORKDAYS_TO_ANSWER, time_zone=time_zone, is_workday=calendar.is_workday)
    values = {"status": "open", "opened_at": work.now, "closes_at": closes_at}
    survey.sqlmodel_update(values | {"version": survey.version + 1})
    await work.session.flush()
    await schedule(work.session, CLOSE, survey.id, closes_at)
    message = SurveyOpened(
        community_id=survey.community_id,
        survey_id=survey.id,
        about=about_of(survey),
        audience=survey.audience,
        closes_at=closes_at,
    )
    await emit(work.session, message, version=survey.bump(), occurred_at=work.now)


async def answer(work: Work, key: UUID, body: SurveyAnswerCreate) -> tuple[SeenSurvey, bool]:
    """Take what the caller answers; the second time it changes nothing, and that is what is returned beside it.

    Of an answer without a name nothing is written but what was said, and, apart from that, that they took part.
    """
    seen = await seen_survey(work, key, lock=True)
    survey, member_id = seen.survey, seen.member_id
    require(seen, "answer")
    if member_id is None or seen.mine.answered:
        return seen, False
    if seen.state(work) != "open":
        raise problems.SURVEY_CLOSED()
    given = [one.model_dump(exclude_none=True) for one in body.answers]
    if found := [_wrong_answer(*one) for one in wrongs(survey.questions, given)]:
        raise INVALID(errors=found)
    part = [{"survey_id": survey.id, "member_id": member_id, "part": None}]
    # The lock of the survey keeps it from coming twice; a row that is there all the same changes nothing.
    new = await insert_new(
        work.session,
        SurveyParticipation.__table__,  # type: ignore[attr-defined]
        part,
        key=["survey_id", "member_id"],
    )
    if not new:
        return seen, False
    if survey.anonymity == "anonymous":
        work.session.add(SurveyBallot(survey_id=survey.id, given=given))
    else:
        await _answer_by_name(work, survey, member_id, given)
    return replace(seen, mine=replace(seen.mine, answered=True)), True


async def release(work: Work, key: UUID, body: SurveyRelease) -> SeenSurvey:
    """Let whom it judges read the results, and the free texts but for those that are withheld. Again, it withholds more."""
    seen = await seen_survey(work, key, lock=True)
    survey = seen.survey
    require(seen, "release")
    refuse(work, seen, "release")
    await _withhold(work.session, survey.id, body.withheld_ids)
    if survey.released_at is None:
        survey.sqlmodel_update({"released_at": work.now, "version": survey.version + 1})
    changes: dict[str, list[Any]] = {"withheld": [None, len(body.withheld_ids)]}
    await audit(work.session, work.caller, survey, "release", changes, work.now)
    return seen


def refuse(work: Work, seen: SeenSurvey, action: str) -> None:
    """Raise what its state says against an action."""
    state = seen.state(work)
    if state not in POSSIBLE[action]:
        raise refused("illegal_transition", state=state)


def about_of(survey: Survey) -> SurveyAbout:
    """What a survey is about, as messages say it."""
    return SurveyAbout(kind=survey.about_kind, id=survey.about_id, month=survey.month)


async def _answer_by_name(work: Work, survey: Survey, member_id: UUID, given: list[dict[str, Any]]) -> None:
    row = SurveyAnswer(survey_id=survey.id, member_id=member_id, given=given, answered_at=work.now)
    work.session.add(row)
    await work.session.flush()
    told = Outgoing(answered_by(survey, row), row.bump(), work.now)
    row.told_as = told.id
    await emit_many(work.session, [told])


def answered_by(survey: Survey, row: SurveyAnswer) -> SurveyAnswered:
    """What is told of an answer by name: that it was given."""
    return SurveyAnswered(
        community_id=survey.community_id,
        survey_id=survey.id,
        answer_id=row.id,
        about=about_of(survey),
        member_id=row.member_id,
    )


async def _withhold(session: AsyncSession, survey_id: UUID, ids: set[UUID]) -> None:
    if not ids:
        return
    those = (col(SurveyText.survey_id) == survey_id, among(session, col(SurveyText.id), ids))
    done = await session.execute(update(SurveyText).where(*those).values(withheld=True))
    if done.rowcount != len(ids):  # type: ignore[attr-defined]
        raise INVALID(errors=[problems.wrong("/withheld_ids", "unknown_text")])


def _check_questions(questions: list[SurveyQuestion]) -> None:
    wrong: list[FieldError] = []
    codes = [one.code for one in questions]
    for place, one in enumerate(questions):
        if one.code in codes[:place]:
            wrong.append(problems.wrong(f"/questions/{place}/code", "same_code"))
        if (one.kind == "choice") != (len(one.choices) >= 2):
            wrong.append(problems.wrong(f"/questions/{place}/choices", "too_many_choices"))
        if len({choice.code for choice in one.choices}) < len(one.choices):
            wrong.append(problems.wrong(f"/questions/{place}/choices", "same_code"))
    if wrong:
        raise INVALID(errors=wrong)


def _check_end(work: Work, closes_at: Any) -> None:
    if closes_at is not None and closes_at <= work.now:
        raise INVALID(errors=[problems.wrong("/closes_at", "in_the_past")])


async def _require_about(session: AsyncSession, community_id: UUID, about: AboutGiven) -> None:
    if (about.kind == "month") != (about.month is not None) or (about.month is None) != (about.id is not None):
        raise INVALID(errors=[problems.wrong("/about", "month_alone")])
    if about.id is not None and not await is_there(session, about.kind, about.id, community_id):
        raise INVALID(errors=[problems.wrong("/about/id", "unknown_object")])


async def _require_members(session: AsyncSession, community_id: UUID, wanted: set[UUID]) -> None:
    if not wanted:
        return
    statuses = await statuses_of(session, community_id, wanted)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in wanted):
        raise INVALID(errors=[problems.wrong("/member_ids", "unknown_member")])


def _wrong_answer(place: int | None, field: str, code: str) -> FieldError:
    return problems.wrong("/answers" if place is None else f"/answers/{place}/{field}", code)

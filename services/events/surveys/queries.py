"""Reading surveys: who is asked, who answered, lists, and what waits for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity, Organiser
from services.events.attendances.models import Attendance
from services.events.base import known
from services.events.meetings.models import ActionItem
from services.events.surveys.models import (
    Survey,
    SurveyAnswer,
    SurveyBallot,
    SurveyInvitee,
    SurveyParticipation,
    SurveyText,
)

_ANSWER = {"en": "Answer the survey: {title}", "zh-CN": "填写问卷：{title}"}
_MOST = 100
_SPEAKS = aliased(Attendance)

_MEMBERS = known.members.c
_STAYING = _MEMBERS.status.not_in(sorted(LEFT_STATUSES))


def _attended(member: Any, *roles: str) -> ColumnElement[bool]:
    found = exists().where(
        col(Attendance.activity_id) == col(Survey.about_id),
        col(Attendance.member_id) == member,
        col(Attendance.revoked_at).is_(None),
    )
    return found.where(col(Attendance.role).in_(roles)) if roles else found


def _named(member: Any) -> ColumnElement[bool]:
    return exists().where(col(SurveyInvitee.survey_id) == col(Survey.id), col(SurveyInvitee.member_id) == member)


def is_asked(member: Any) -> ColumnElement[bool]:
    """Whether a member of its community is asked: `member` is a column, or a parameter. Who spoke judges nobody: they are judged."""
    return or_(
        col(Survey.audience) == "members",
        and_(col(Survey.audience) == "attendees", _attended(member, "attendee"), not_(_attended(member, "speaker"))),
        and_(col(Survey.audience) == "named", _named(member)),
    )


def took_part(member: Any) -> ColumnElement[bool]:
    """Whether they took part."""
    return exists().where(
        col(SurveyParticipation.survey_id) == col(Survey.id), col(SurveyParticipation.member_id) == member
    )


@dataclass(frozen=True, slots=True)
class Own:
    """What a survey is to a member. `runs`: they run the activity that it is about; `judged`: it is about how they did."""

    asked: bool = False
    answered: bool = False
    runs: bool = False
    judged: bool = False

    @property
    def concerned(self) -> bool:
        """Whether it is anything to them."""
        return self.asked or self.runs or self.judged


NOTHING = Own()


def runs_it(member: Any) -> ColumnElement[bool]:
    """Whether a member runs the activity that a survey is about."""
    return exists().where(col(Organiser.activity_id) == col(Survey.about_id), col(Organiser.member_id) == member)


def judges(member: Any) -> ColumnElement[bool]:
    """Whether a survey judges a member: those who spoke at the activity that it is about."""
    return _attended(member, "speaker")


_OWN: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Survey.id),
            is_asked(_MEMBERS.id).label("asked"),
            took_part(_MEMBERS.id).label("answered"),
            runs_it(_MEMBERS.id).label("runs"),
            judges(_MEMBERS.id).label("judged"),
        )
        .select_from(Survey)
        .join(known.members, _MEMBERS.community_id == col(Survey.community_id))
        .where(on.among(col(Survey.id), "survey_ids"), on.among(_MEMBERS.id, "member_ids"))
    )
)


async def own(session: AsyncSession, survey_ids: Collection[UUID], member_ids: Collection[UUID]) -> dict[UUID, Own]:
    """By survey, what it is to the one of these members who belongs to its community."""
    if not survey_ids or not member_ids:
        return {}
    rows = await _OWN.all(session, survey_ids=list(survey_ids), member_ids=list(member_ids))
    return {row[0]: Own(*map(bool, row[1:])) for row in rows}


_COUNTS: dict[str, Prepared[int]] = {
    "members": Prepared(
        select(func.count())
        .select_from(known.members)
        .where(_MEMBERS.community_id == bindparam("community_id"), _STAYING)
    ),
    "attendees": Prepared(
        select(func.count(func.distinct(col(Attendance.member_id)))).where(
            col(Attendance.activity_id) == bindparam("about_id"),
            col(Attendance.role) == "attendee",
            col(Attendance.revoked_at).is_(None),
            ~exists().where(
                col(_SPEAKS.activity_id) == col(Attendance.activity_id),
                col(_SPEAKS.member_id) == col(Attendance.member_id),
                col(_SPEAKS.role) == "speaker",
                col(_SPEAKS.revoked_at).is_(None),
            ),
        )
    ),
    "named": Prepared(
        select(func.count()).select_from(SurveyInvitee).where(col(SurveyInvitee.survey_id) == bindparam("id"))
    ),
}


async def asked(session: AsyncSession, survey: Survey) -> int:
    """How many are asked."""
    given = {"members": "community_id", "attendees": "about_id", "named": "id"}[survey.audience]
    return int(await _COUNTS[survey.audience].one(session, **{given: getattr(survey, given)}))


_OTHER = aliased(Survey)
_MINE, _THEIRS = aliased(SurveyInvitee), aliased(SurveyInvitee)
_SHARED = exists().where(
    col(_MINE.survey_id) == bindparam("id"),
    col(_THEIRS.survey_id) == col(_OTHER.id),
    col(_THEIRS.member_id) == col(_MINE.member_id),
)
_OTHERS_THERE = exists().where(
    col(Attendance.activity_id) == col(_OTHER.about_id),
    or_(col(Attendance.revoked_at) > col(_OTHER.opened_at), col(Attendance.told_at) > col(_OTHER.opened_at)),
)
"""Who was there is not who was there when they were asked before: somebody was recorded since, or is said not to have come."""
_ANOTHER_GROUP: Prepared[UUID] = Prepared(
    select(col(_OTHER.id))
    .where(
        col(_OTHER.community_id) == bindparam("community_id"),
        col(_OTHER.id) != bindparam("id"),
        col(_OTHER.anonymity) == "anonymous",
        col(_OTHER.opened_at).is_not(None),
        col(_OTHER.about_kind) == bindparam("about_kind"),
        func.coalesce(col(_OTHER.month), "") == bindparam("of_month", type_=String),
        or_(col(_OTHER.about_id) == bindparam("about_id"), col(_OTHER.about_id).is_(None)),
        or_(
            col(_OTHER.audience) != bindparam("audience"),
            and_(col(_OTHER.audience) == "named", _SHARED),
            and_(col(_OTHER.audience) == "attendees", _OTHERS_THERE),
        ),
    )
    .limit(1)
)


async def another_group(session: AsyncSession, survey: Survey) -> bool:
    """Whether others were asked about the same without names of whom some are asked now: the difference of both could be one member."""
    found = await _ANOTHER_GROUP.first(
        session,
        id=survey.id,
        community_id=survey.community_id,
        about_kind=survey.about_kind,
        about_id=survey.about_id,
        of_month=survey.month or "",
        audience=survey.audience,
    )
    return found is not None


_TOOK_PART: Prepared[int] = Prepared(
    select(func.count())
    .select_from(SurveyParticipation)
    .where(col(SurveyParticipation.survey_id) == bindparam("survey_id"))
)


async def answered(session: AsyncSession, survey_id: UUID) -> int:
    """How many took part."""
    return int(await _TOOK_PART.one(session, survey_id=survey_id))


_UNSETTLED = Prepared(
    select(SurveyBallot)
    .where(col(SurveyBallot.survey_id) == bindparam("survey_id"))
    .order_by(col(SurveyBallot.id))
    .limit(bindparam("most"))
)
_NEXT_ANSWERS = Prepared(
    select(SurveyAnswer)
    .where(col(SurveyAnswer.survey_id) == bindparam("survey_id"), col(SurveyAnswer.id) > bindparam("after"))
    .order_by(col(SurveyAnswer.id))
    .limit(bindparam("most"))
)
_UNTOLD: Prepared[UUID] = Prepared(
    select(col(SurveyParticipation.member_id))
    .where(col(SurveyParticipation.survey_id) == bindparam("survey_id"), col(SurveyParticipation.part).is_(None))
    .order_by(col(SurveyParticipation.member_id))
    .limit(bindparam("most"))
)


async def unsettled(session: AsyncSession, survey_id: UUID, most: int) -> Sequence[SurveyBallot]:
    """The next ballots that were not yet mixed. By their ids, which are random."""
    return await _UNSETTLED.all(session, survey_id=survey_id, most=most)


async def next_answers(session: AsyncSession, survey_id: UUID, after: UUID, most: int) -> Sequence[SurveyAnswer]:
    """The next answers with names."""
    return await _NEXT_ANSWERS.all(session, survey_id=survey_id, after=after, most=most)


async def untold(session: AsyncSession, survey_id: UUID, most: int) -> Sequence[UUID]:
    """The next members who took part and of whom was not yet told."""
    return await _UNTOLD.all(session, survey_id=survey_id, most=most)


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. `member_ids`: who the caller is; `all_of_it`: also what they are not asked."""

    community_ids: Sequence[UUID]
    member_ids: Sequence[UUID] = ()
    all_of_it: bool = False
    about_id: UUID | None = None
    status: str | None = None
    answered: bool | None = None


def listing(session: AsyncSession, wanted: Wanted, now: datetime) -> Listing:
    """Surveys, the newest first. Drafts are seen by who sees all."""
    found: list[Any] = [among(session, col(Survey.community_id), wanted.community_ids)]
    # A column of the caller's own members, so that each survey is held against the one of its community.
    me = select(_MEMBERS.id).where(
        _MEMBERS.community_id == col(Survey.community_id), among(session, _MEMBERS.id, wanted.member_ids)
    )
    member = me.correlate(Survey).scalar_subquery()
    if not wanted.all_of_it:
        found += [col(Survey.opened_at).is_not(None), or_(is_asked(member), runs_it(member), judges(member))]
    if wanted.answered is not None:
        found.append(took_part(member) if wanted.answered else ~took_part(member))
    if wanted.about_id is not None:
        found.append(col(Survey.about_id) == wanted.about_id)
    over = col(Survey.closes_at) <= now
    match wanted.status:
        case "open":
            found += [col(Survey.status) == "open", ~over]
        case "closing":
            found.append(or_(col(Survey.status) == "closing", and_(col(Survey.status) == "open", over)))
        case str(status):
            found.append(col(Survey.status) == status)
    return Listing(select(Survey).where(*found), [col(Survey.id).desc()])


def texts(survey_id: UUID, *, question: str | None, withheld_too: bool) -> Listing:
    """The free texts of a survey, by question and in no other order: their ids are random."""
    found = select(SurveyText).where(col(SurveyText.survey_id) == survey_id)
    if question is not None:
        found = found.where(col(SurveyText.question) == question)
    if not withheld_too:
        found = found.where(~col(SurveyText.withheld))
    return Listing(found, [col(SurveyText.question).asc(), col(SurveyText.id).asc()])


def answers(survey_id: UUID) -> Listing:
    """The answers with names, in their order."""
    return Listing(select(SurveyAnswer).where(col(SurveyAnswer.survey_id) == survey_id), [col(SurveyAnswer.id).asc()])


# --- what waits, and what a survey is about -------------------------------------------------------------------------------


def _waiting() -> Select[Any]:
    communities = known.communities.c
    return (
        select(
            col(Survey.id),
            col(Survey.title),
            col(Survey.closes_at),
            communities.id.label("community_id"),
            communities.name.label("community_name"),
        )
        .select_from(Survey)
        .join(known.members, _MEMBERS.community_id == col(Survey.community_id))
        .join(known.communities, communities.id == col(Survey.community_id))
        .where(
            _MEMBERS.person_id == bindparam("person_id"),
            _MEMBERS.status.not_in(sorted(LEFT_STATUSES | {"suspended"})),
            communities.status != "archived",
            col(Survey.status) == "open",
            col(Survey.closes_at) > bindparam("now"),
            is_asked(_MEMBERS.id),
            ~took_part(_MEMBERS.id),
        )
        .order_by(col(Survey.closes_at), col(Survey.id))
        .limit(_MOST)
    )


_WAITING: Prepared[Any] = Prepared(_waiting())


async def to_answer(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The surveys that the caller is asked to answer."""
    rows = await _WAITING.all(session, person_id=reader.caller.id, now=reader.now)
    return [task_about(row, reader, "answer_survey", _ANSWER, "survey", "/v1/surveys", row.closes_at) for row in rows]


async def is_there(session: AsyncSession, kind: str, key: UUID, community_id: UUID) -> bool:
    """Whether a community has the thing that a survey is to be about. What other services own is taken as it is named."""
    model: Any = {"activity": Activity, "meeting": Activity, "action_item": ActionItem}.get(kind)
    if model is None:
        return True
    found = await session.get(model, key)
    if found is None or found.community_id != community_id:
        return False
    return kind == "action_item" or (found.kind == "meeting") == (kind == "meeting")

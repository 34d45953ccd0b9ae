"""What waits for somebody in interviews: a time to choose, and to be there."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.interviews.models import DeclaredConflict, Interview, Interviewer
from services.membership.people.access import require_active

_MOST: Final = 100
_CHOOSE: Final = {"en": "Choose a time for your interview: {title}", "zh-CN": "选择面谈时间：{title}"}
_ATTEND: Final = {"en": "You have an interview: {title}", "zh-CN": "你有一场面谈：{title}"}
_HOLD: Final = {"en": "You interview an applicant: {title}", "zh-CN": "你将面谈一位申请人：{title}"}

_PLACE: Final[Any] = (
    col(Campaign.title),
    col(Community.id).label("community_id"),
    col(Community.name).label("community_name"),
)


def _open() -> Any:
    """The last slot that an application may choose, of which none of those who interview must not judge it."""
    conflicted = exists().where(
        col(DeclaredConflict.application_id) == col(Application.id),
        col(DeclaredConflict.person_id) == col(Interviewer.person_id),
        col(Interviewer.interview_id) == col(Interview.id),
    )
    return (
        select(func.max(col(Interview.starts_at)))
        .where(
            col(Interview.campaign_id) == col(Application.campaign_id),
            col(Interview.status) == "offered",
            col(Interview.starts_at) > bindparam("now"),
            or_(
                col(Interview.for_application_id).is_(None),
                col(Interview.for_application_id) == col(Application.id),
            ),
            ~conflicted,
        )
        .correlate(Application)
        .scalar_subquery()
    )


def _has_one() -> Any:
    return exists().where(
        col(Interview.application_id) == col(Application.id),
        col(Interview.status) == "chosen",
        col(Interview.missed_at).is_(None),
    )


_TO_CHOOSE: Prepared[Any] = Prepared(
    select(col(Application.id), *_PLACE, col(Application.campaign_id), _open().label("until"))
    .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
    .join(Community, col(Community.id) == col(Application.community_id))
    .where(
        col(Application.person_id) == bindparam("person_id"),
        col(Application.state) == "interviewing",
        col(Campaign.status) != "archived",
        ~_has_one(),
        _open().is_not(None),
    )
    .order_by(col(Application.id))
    .limit(_MOST)
)
_AHEAD: Prepared[Any] = Prepared(
    select(col(Interview.id), *_PLACE, col(Interview.starts_at), col(Application.person_id))
    .join(Application, col(Application.id) == col(Interview.application_id))
    .join(Campaign, col(Campaign.id) == col(Interview.campaign_id))
    .join(Community, col(Community.id) == col(Interview.community_id))
    .where(
        col(Interview.status) == "chosen",
        col(Interview.starts_at) > bindparam("now"),
        or_(
            col(Application.person_id) == bindparam("person_id"),
            exists().where(
                col(Interviewer.interview_id) == col(Interview.id),
                col(Interviewer.person_id) == bindparam("person_id"),
            ),
        ),
    )
    .order_by(col(Interview.starts_at), col(Interview.id))
    .limit(_MOST)
)


async def own_interviews(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The times that the caller has to choose, and the interviews that are ahead of them. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    person_id = reader.caller.id
    tasks = []
    for row in await _TO_CHOOSE.all(session, person_id=person_id, now=reader.now):
        task = task_about(row, reader, "choose_interview", _CHOOSE, "application", "/v1/applications", row.until)
        task.href = f"/v1/interviews?application_id={row.id}"
        tasks.append(task)
    for row in await _AHEAD.all(session, person_id=person_id, now=reader.now):
        own = row.person_id == person_id
        code, title = ("attend_interview", _ATTEND) if own else ("hold_interview", _HOLD)
        tasks.append(task_about(row, reader, code, title, "interview", "/v1/interviews", row.starts_at))
    return tasks[:_MOST]

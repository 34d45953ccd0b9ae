"""The scorecards that wait for whoever interviewed."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.interviews.models import DeclaredConflict, Interview, Interviewer
from services.membership.people.access import require_active
from services.membership.scorecards.models import Scorecard
from services.membership.scorecards.rules import OPEN_STATES

_WRITE: Final = {"en": "Hand in your scorecard: {title}", "zh-CN": "提交面谈评分表：{title}"}
_MOST: Final = 100
_TO_WRITE: Prepared[Any] = Prepared(
    select(
        col(Application.id),
        col(Campaign.title),
        col(Community.id).label("community_id"),
        col(Community.name).label("community_name"),
    )
    .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
    .join(Community, col(Community.id) == col(Application.community_id))
    .join(Interview, col(Interview.application_id) == col(Application.id))
    .join(Interviewer, col(Interviewer.interview_id) == col(Interview.id))
    .where(
        col(Interviewer.person_id) == bindparam("person_id"),
        col(Interview.status) == "chosen",
        col(Interview.missed_at).is_(None),
        col(Interview.starts_at) <= bindparam("now"),
        col(Application.state).in_(sorted(OPEN_STATES)),
        col(Campaign.status) != "archived",
        ~exists().where(
            col(Scorecard.application_id) == col(Application.id),
            col(Scorecard.person_id) == bindparam("person_id"),
            col(Scorecard.handed_in_at).is_not(None),
        ),
        ~exists().where(
            col(DeclaredConflict.application_id) == col(Application.id),
            col(DeclaredConflict.person_id) == bindparam("person_id"),
        ),
    )
    .group_by(col(Application.id), col(Campaign.title), col(Community.id), col(Community.name))
    .order_by(func.min(col(Interview.starts_at)), col(Application.id))
    .limit(_MOST)
)


async def to_write(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The applicants whom the caller has met and not written of. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    return [
        task_about(row, reader, "write_scorecard", _WRITE, "application", "/v1/applications")
        for row in await _TO_WRITE.all(session, person_id=reader.caller.id, now=reader.now)
    ]

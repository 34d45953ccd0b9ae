"""Reading attempts: which ones wait for people, and what waits for an applicant."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.applications.occasions import StepsAsked
from services.membership.applications.rules import Unfinished
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.screening_tests.models import Attempt
from services.membership.screening_tests.rules import Progress, settings_of, unfinished

MOST_TASKS = 100


def attempts(
    *,
    community_id: UUID | None = None,
    campaign_id: UUID | None = None,
    application_id: UUID | None = None,
    to_grade: bool = False,
    but_of: UUID | None = None,
) -> Listing:
    """Attempts with the campaigns whose test they are at, the newest first; `but_of`: none of this person's."""
    statement = select(Attempt, Campaign, Application)
    statement = statement.join(Campaign, col(Campaign.id) == col(Attempt.campaign_id))
    statement = statement.join(Application, col(Application.id) == col(Attempt.application_id))
    if community_id is not None:
        statement = statement.where(col(Attempt.community_id) == community_id)
    if campaign_id is not None:
        statement = statement.where(col(Attempt.campaign_id) == campaign_id)
    if application_id is not None:
        statement = statement.where(col(Attempt.application_id) == application_id)
    if to_grade:
        statement = statement.where(col(Attempt.ungraded) > 0, col(Application.state) == "testing")
    if but_of is not None:
        statement = statement.where(col(Attempt.person_id) != but_of)
    return Listing(statement, [col(Attempt.started_at).desc(), col(Attempt.id).desc()])


TESTING: Prepared[Any] = Prepared(
    select(
        col(Application.id),
        col(Application.test_attempts),
        col(Application.test_extra_minutes),
        col(Attempt.handed_in_at),
        col(Attempt.ends_at),
        col(Campaign.title),
        col(Campaign.test),
        col(Community.id).label("community_id"),
        col(Community.name).label("community_name"),
    )
    .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
    .join(Community, col(Community.id) == col(Application.community_id))
    .outerjoin(Attempt, col(Attempt.id) == col(Application.test_attempt_id))
    .where(
        col(Application.person_id) == bindparam("person_id"),
        col(Application.state) == "testing",
        col(Campaign.status) != "archived",
        col(Campaign.paper_state) == "there",
    )
    .order_by(col(Application.step_since), col(Application.id))
    .limit(MOST_TASKS)
)
"""A person's applications that stand in the test, each with its last attempt."""


async def to_grade(session: AsyncSession, community_id: UUID, _now: Any, _member_id: UUID | None) -> Waiting:
    """Attempts with answers that wait for people."""
    waiting = (
        select(func.count(), func.min(col(Attempt.handed_in_at)))
        .join(Application, col(Application.id) == col(Attempt.application_id))
        .where(
            col(Attempt.community_id) == community_id, col(Attempt.ungraded) > 0, col(Application.state) == "testing"
        )
    )
    count, oldest_at = (await session.execute(waiting)).one()
    return Waiting(
        count=count, oldest_at=oldest_at, href=f"/v1/test-attempts?community_id={community_id}&to_grade=true"
    )


_RUNS = and_(
    col(Attempt.handed_in_at).is_(None),
    or_(col(Attempt.ends_at).is_(None), col(Attempt.ends_at) > bindparam("now")),
)
_COUNTS: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Attempt.application_id),
            func.count(col(Attempt.handed_in_at)).label("handed_in"),
            func.count(case((_RUNS, 1))).label("running"),
            # What is over by the clock alone has not been graded yet, either.
            func.count(
                case((and_(col(Attempt.handed_in_at).is_(None), ~_RUNS), 1), (col(Attempt.ungraded) > 0, 1))
            ).label("ungraded"),
        )
        .where(on.among(col(Attempt.application_id), "ids"))
        .group_by(col(Attempt.application_id))
    )
)
_TESTS: Prepared[Any] = Prepared(
    lambda on: select(col(Campaign.id), col(Campaign.test)).where(
        on.among(col(Campaign.id), "ids"), col(Campaign.paper_state) == "there"
    )
)


async def what_tests_lack(session: AsyncSession, asked: StepsAsked) -> Mapping[UUID, Unfinished]:
    """What applications at this step lack. Where a campaign has no test that could be taken, nothing is waited for."""
    here = [one for one in asked.applications if one.state == "testing"]
    if not here:
        return {}
    tests = {
        row.id: settings_of(row.test) for row in await _TESTS.all(session, ids=[*{one.campaign_id for one in here}])
    }
    counts = {row.application_id: row for row in await _COUNTS.all(session, ids=[one.id for one in here], now=asked.at)}
    found = {}
    for one in here:
        if one.campaign_id not in tests:
            continue
        row = counts.get(one.id)
        numbers = (0, 0, 0) if row is None else (row.handed_in, row.running, row.ungraded)
        extra = timedelta(minutes=one.test_extra_minutes)
        lacking = unfinished(tests[one.campaign_id], Progress(one.test_result, *numbers), extra=extra, now=asked.at)
        if lacking is not None:
            found[one.id] = lacking
    return found

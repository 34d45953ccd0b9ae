"""Who may do what with an attempt: its applicant, those who run the campaign, and the lecturers whom it names to grade."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import CONFLICT_OF_INTEREST, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.moving import is_applicant
from services.membership.campaigns.models import Campaign
from services.membership.permissions import TEST_ATTEMPTS_GRADE
from services.membership.roster.models import Member
from services.membership.screening_tests.models import Attempt
from services.membership.screening_tests.results import attempts_of

_APPLICATION: Prepared[UUID] = Prepared(
    select(col(Attempt.application_id)).where(col(Attempt.id) == bindparam("attempt_id"))
)
_IS_ONE_OF = Prepared(
    lambda on: select(exists().where(on.among(col(Member.id), "ids"), col(Member.person_id) == bindparam("person_id")))
)
_RUNNING: Prepared[Any] = Prepared(
    select(Attempt, col(Application.state))
    .join(Application, col(Application.id) == col(Attempt.application_id))
    .where(col(Attempt.id) == bindparam("attempt_id"))
    .with_for_update(of=Attempt)
)


async def applicants(work: Work, person_id: UUID, community_id: UUID) -> Standing:
    """Refuse whoever is not this applicant; to those who do not grade, nothing of it is there."""
    caller = work.caller
    mine = caller is not None and caller.kind == "person" and caller.id == person_id
    assert work.permission is not None  # noqa: S101 - the operation declares one
    return await authorize(
        work.session, caller, work.permission, community_id, own=mine, seen_by=TEST_ATTEMPTS_GRADE, now=work.now
    )


async def graders(work: Work, campaign: Campaign, *, applicant_id: UUID | None = None) -> Standing:
    """Refuse whoever does not grade this campaign's test. Raises `CONFLICT_OF_INTEREST` for the applicant themselves."""
    caller, named = work.caller, (campaign.test or {}).get("grader_ids", [])
    assigned = bool(named) and caller is not None and await _is_one_of(work.session, caller, named)
    assert work.permission is not None  # noqa: S101 - the operation declares one
    standing = await authorize(
        work.session,
        caller,
        work.permission,
        campaign.community_id,
        assigned=assigned,
        seen_by=TEST_ATTEMPTS_GRADE,
        now=work.now,
    )
    if applicant_id is not None and caller is not None and caller.id == applicant_id:
        raise CONFLICT_OF_INTEREST()
    return standing


async def _is_one_of(session: AsyncSession, caller: Caller, named: list[str]) -> bool:
    return caller.kind == "person" and await _IS_ONE_OF.one(
        session, ids=[UUID(one) for one in named], person_id=caller.id
    )


async def running(session: AsyncSession, attempt_id: UUID) -> tuple[Any, str]:
    """An attempt, locked alone, and the state of its application: for saving, which many do at the same moment. Raises `NOT_FOUND`."""
    with taking((Attempt.__tablename__, attempt_id)):
        found = await _RUNNING.first(session, attempt_id=attempt_id)
    if found is None:
        raise NOT_FOUND()
    return found[0], found[1]


async def locked(session: AsyncSession, attempt_id: UUID) -> tuple[Application, list[Attempt], Attempt]:
    """The application of an attempt, then all its attempts, locked in this order; and the attempt. Raises `NOT_FOUND`."""
    application_id = await _APPLICATION.first(session, attempt_id=attempt_id)
    if application_id is None:
        raise NOT_FOUND()
    application = await existing(session, Application, application_id, lock=True)
    attempts = await attempts_of(session, application)
    found = next((one for one in attempts if one.id == attempt_id), None)
    if found is None:
        raise NOT_FOUND()
    return application, attempts, found


async def campaign_of(session: AsyncSession, application: Application | Attempt) -> Campaign:
    """The campaign, as it is: what its test asks does not change any more, but it may be corrected. Read it after the application is locked."""
    return await session.get_one(Campaign, application.campaign_id)


def in_test(application: Application, campaign: Campaign, now: datetime) -> bool:
    """Whether the application stands where the test is taken."""
    return application.state == "testing" and campaign.status_at(now) != "archived"


def person_of(work: Work) -> UUID | None:
    """The caller as a person, who may have applied themselves; None for a service."""
    return work.caller.id if work.caller is not None and work.caller.kind == "person" else None


def is_own(caller: Caller | None, application: Application) -> bool:
    """Whether the caller applied."""
    return caller is not None and is_applicant(caller, application)

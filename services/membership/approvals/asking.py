"""Asking for an approval when an application reaches the step, and letting owners answer when nobody else did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SYSTEM_ACTOR
from chassis.timers import Late, Timer, Timers, cancel, schedule
from chassis.working_time import due_after
from services.membership.applications.models import Application
from services.membership.applications.moving import locked
from services.membership.applications.occasions import ApplicationMoved, ApplicationsForgotten, StepsAsked
from services.membership.applications.rules import Unfinished
from services.membership.approvals.models import Approval
from services.membership.approvals.occasions import ApprovalMoved, Step, approval_moved
from services.membership.approvals.queries import answers_of, deputies_of, managers_above
from services.membership.approvals.rules import APPROVE_WITHIN, first_manager, unfinished
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.work_calendars.queries import as_calendar, imported

PASSING = "approval.pass"

timers = Timers()


async def follow_application(session: AsyncSession, moved: ApplicationMoved) -> None:
    """Ask whoever manages the applicant when this step begins; nobody is to answer about what has moved on."""
    if moved.application.state == "approving":
        await _ask(session, moved)
    elif moved.came_from == "approving":
        await cancel(session, PASSING, moved.application.id)


async def _ask(session: AsyncSession, moved: ApplicationMoved) -> None:
    application = moved.application
    applicant = await session.get_one(Person, application.person_id)
    manager = first_manager(await managers_above(session, applicant.department_code), applicant.id)
    asked: dict[str, Any] = {
        "approver_id": manager,
        "asked_by": application.holder or SYSTEM_ACTOR,
        "asked_at": moved.at,
        "due_at": moved.at if manager is None else await _due_at(session, application, moved.at),
        "passed_at": None,
        "outcome": None,
        "reason": None,
        "decided_by": None,
        "decided_at": None,
    }
    approval = await session.get(Approval, application.id)
    if approval is None:
        approval = Approval(application_id=application.id, community_id=application.community_id, **asked)
    approval.sqlmodel_update(asked)
    session.add(approval)
    application.holder = None if manager is None else f"person:{manager}"
    await session.flush()
    people = () if manager is None else await _who_answers(session, manager, application.person_id, moved.at)
    if manager is None:
        approval.passed_at = moved.at
    else:
        await schedule(session, PASSING, application.id, approval.due_at)
    await _tell(session, approval, moved.campaign.title, people, moved.at)


async def _who_answers(session: AsyncSession, manager: UUID, applicant_id: UUID, now: datetime) -> tuple[UUID, ...]:
    deputy = (await deputies_of(session, [manager], now)).get(manager)
    return (manager,) if deputy in (None, applicant_id) else (manager, deputy)


async def _due_at(session: AsyncSession, application: Application, now: datetime) -> datetime:
    found_zone = select(Community.time_zone).where(col(Community.id) == application.community_id)
    zone = (await session.exec(found_zone)).one()
    calendar = as_calendar(await imported(session))
    return due_after(now, APPROVE_WITHIN, time_zone=zone, is_workday=calendar.is_workday)


async def _tell(session: AsyncSession, approval: Approval, title: str, people: tuple[UUID, ...], at: datetime) -> None:
    step: Step = "asked" if people else "passed"
    moved = ApprovalMoved(
        approval.application_id, approval.community_id, title, step, people, approval.due_at, SYSTEM_ACTOR, at
    )
    await approval_moved.happened(session, moved)


@timers.on(PASSING, late=Late.ENDING)
async def pass_to_owners(session: AsyncSession, timer: Timer) -> None:
    """Record that the manager's time is over, and tell the owners: they could answer since then."""
    campaign, application = await locked(session, timer.subject_id)
    approval = await session.get(Approval, application.id)
    if approval is None or approval.outcome is not None or application.state != "approving" or approval.passed_at:
        return
    approval.passed_at = timer.at
    application.holder = None
    await session.flush()
    await _tell(session, approval, campaign.title, (), timer.at)


async def what_approval_lacks(session: AsyncSession, asked: StepsAsked) -> dict[UUID, Unfinished]:
    """What applications at this step lack. About who reached it before anybody was asked nobody has to answer."""
    here = [one.id for one in asked.applications if one.state == "approving"]
    if not here:
        return {}
    answers = await answers_of(session, here)
    return {key: lacking for key, outcome in answers.items() if (lacking := unfinished(outcome)) is not None}


async def forget_reasons(session: AsyncSession, forgotten: ApplicationsForgotten) -> None:
    """What was said with an answer goes; the answer stays."""
    of_these = update(Approval).where(col(Approval.application_id).in_(forgotten.ids))
    await session.execute(of_these.values(reason=None))

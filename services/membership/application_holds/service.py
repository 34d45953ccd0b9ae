"""Placing holds and lifting them. An application's lock orders both, and whoever forgets takes it, too."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.audit import Changes, audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND, refused
from chassis.web.work import Work
from services.membership.application_holds.models import ApplicationHold
from services.membership.application_holds.schemas import ApplicationHoldCreate
from services.membership.applications.models import Application
from services.membership.permissions import APPLICATIONS_HOLD
from services.membership.platform_roles.access import authorize_platform_now

_PLACED: Prepared[UUID] = Prepared(
    select(col(ApplicationHold.id)).where(
        col(ApplicationHold.application_id) == bindparam("application_id"), col(ApplicationHold.lifted_at).is_(None)
    )
)


async def admit(work: Work) -> None:
    """Refuse whoever places no holds."""
    assert work.caller is not None  # noqa: S101 - the operations ask for one
    await authorize_platform_now(work.session, work.caller, APPLICATIONS_HOLD)


async def place(work: Work, body: ApplicationHoldCreate) -> tuple[ApplicationHold, bool]:
    """Hold an application, and whether that is new: one that is held stays so. Raises `ILLEGAL_TRANSITION` where nothing is left to hold."""
    await admit(work)
    application = await existing(work.session, Application, body.application_id, lock=True)
    if application.submitted_at is None:
        raise NOT_FOUND()
    if application.forgotten_at is not None:
        raise refused("illegal_transition", state="forgotten")
    placed = await _PLACED.first(work.session, application_id=application.id)
    if placed is not None:
        return await work.session.get_one(ApplicationHold, placed), False
    hold = ApplicationHold(
        application_id=application.id,
        community_id=application.community_id,
        reason=body.reason,
        held_by=work.actor,
        held_at=work.now,
    )
    work.session.add(hold)
    application.held_since = work.now
    await work.session.flush()
    changes: Changes = {"held_since": [None, work.now], "reason": [None, body.reason]}
    await audit(work.session, work.caller, application, "hold", changes, work.now)
    return hold, True


async def lift(work: Work, hold_id: UUID, reason: str) -> ApplicationHold:
    """Let an application be forgotten again, at once if its time is over. Raises `ILLEGAL_TRANSITION`."""
    await admit(work)
    noted = await existing(work.session, ApplicationHold, hold_id)
    application = await existing(work.session, Application, noted.application_id, lock=True)
    hold = await existing(work.session, ApplicationHold, hold_id, lock=True)
    if hold.lifted_at is not None:
        raise refused("illegal_transition", state="lifted")
    hold.sqlmodel_update({"lifted_at": work.now, "lifted_by": work.actor, "lift_reason": reason})
    application.held_since = None
    changes: Changes = {"held_since": [hold.held_at, None], "reason": [hold.reason, reason]}
    await audit(work.session, work.caller, application, "lift_hold", changes, work.now)
    return hold


def holds(*, application_id: UUID | None, lifted: bool | None) -> Listing:
    """Holds, the newest first."""
    found = select(ApplicationHold)
    if application_id is not None:
        found = found.where(col(ApplicationHold.application_id) == application_id)
    if lifted is not None:
        is_lifted = col(ApplicationHold.lifted_at).is_not(None)
        found = found.where(is_lifted if lifted else ~is_lifted)
    return Listing(found, [col(ApplicationHold.id).desc()])

"""HTTP of approvals, and of who stands in for a manager."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, NOT_FOUND
from chassis.web.dependencies import CallerDep, Now, Read, Reading, Transaction, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.approvals import absences, queries, service, views
from services.membership.approvals.problems import MANAGES_NOTHING, UNKNOWN_DEPUTY
from services.membership.approvals.schemas import AbsencePublic, AbsencePut, ApprovalPublic, Approving, Refusing
from services.membership.campaigns.problems import CAMPAIGN_CLOSED
from services.membership.people.access import require_active
from services.membership.permissions import APPLICATIONS_APPROVE, APPLICATIONS_READ, PEOPLE_SELF

router = api_router(tags=["Approvals"])

ONE = "/v1/applications/{application_id}"
AWAY = "/v1/people/me/absence"

_ANSWERING = [CAMPAIGN_CLOSED, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION]


@router.get(f"{ONE}/approval")
@operation(permission=APPLICATIONS_READ)
async def read_approval(application_id: UUID, work: Read) -> ApprovalPublic:
    """Read for whose approval an application waits, and until when. The applicant reads nothing of what was answered."""
    return views.shown(await service.found(work, application_id))


@router.post(f"{ONE}/approve")
@operation(permission=APPLICATIONS_APPROVE, problems=_ANSWERING)
async def approve_application(application_id: UUID, work: Write, body: Approving | None = None) -> ApprovalPublic:
    """Approve that somebody of your department takes part. After three working days owners of the community may, too."""
    return views.shown(await service.answer(work, application_id, "approved", body.note if body else None))


@router.post(f"{ONE}/refuse")
@operation(permission=APPLICATIONS_APPROVE, problems=_ANSWERING)
async def refuse_application(application_id: UUID, body: Refusing, work: Write) -> ApprovalPublic:
    """Refuse it, and say why to those who decide. You may answer otherwise until they have decided."""
    return views.shown(await service.answer(work, application_id, "refused", body.reason))


@router.get("/v1/people/me/approvals")
@operation(permission=PEOPLE_SELF)
async def list_own_approvals(caller: CallerDep, work: Read, session: Reading, page: PageQuery) -> Page[ApprovalPublic]:
    """List the applications that wait for your approval, the first due first: of your department, and where you stand in for its manager."""
    await require_active(session, caller)

    async def shown(rows: Sequence[Any]) -> list[ApprovalPublic]:
        return await views.shown_many(work, rows)

    return await paginate_together(session, queries.waiting_for(caller.id, work.now), page=page, to=shown)


@router.get(AWAY)
@operation(permission=PEOPLE_SELF, problems=[NOT_FOUND])
async def read_own_absence(caller: CallerDep, session: Reading) -> AbsencePublic:
    """Read when you are away, and who stands in for you."""
    return views.absence(await absences.read_own(session, caller))


@router.put(AWAY)
@operation(permission=PEOPLE_SELF, problems=[MANAGES_NOTHING, UNKNOWN_DEPUTY])
async def put_own_absence(body: AbsencePut, caller: CallerDep, session: Transaction, now: Now) -> AbsencePublic:
    """Say when you are away and who stands in for you, if you manage a department: they approve applications meanwhile."""
    return views.absence(await absences.put_own(session, caller, body, now))


@router.delete(AWAY, status_code=204)
@operation(permission=PEOPLE_SELF)
async def end_own_absence(caller: CallerDep, session: Transaction, now: Now) -> None:
    """Say that you are there again."""
    await absences.end_own(session, caller, now)

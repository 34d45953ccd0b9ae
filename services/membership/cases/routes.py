"""HTTP of reports of conduct and of cases."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.work import Work
from services.membership.cases import queries, service, views, working
from services.membership.cases.models import Case
from services.membership.cases.problems import (
    ALREADY_REPORTED,
    CASE_DECIDED,
    CLAIMED_BY_ANOTHER,
    DEED_TOO_OLD,
    REPORTS_USED_UP,
    UNKNOWN_RULE,
)
from services.membership.cases.rules import Category, Status
from services.membership.cases.schemas import (
    CATEGORY,
    STATUS,
    CaseConfirm,
    CaseDismiss,
    CasePublic,
    CaseReportPublic,
    CaseWithoutReviewer,
    ConductReportCreate,
    ConductReportPublic,
    ReviewerAppoint,
)
from services.membership.cases.working import Seen
from services.membership.permissions import APPEALS_APPOINT, CASES_READ, CASES_WORK, CONDUCT_REPORTS_CREATE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.refusals import UNKNOWN_MEMBER, UNKNOWN_PERSON

router = api_router(tags=["Cases"])
Sort = Literal["-weight", "-opened_at"]


@router.post("/v1/conduct-reports", status_code=201)
@operation(
    permission=CONDUCT_REPORTS_CREATE,
    problems=[CONFLICT_OF_INTEREST, UNKNOWN_MEMBER, DEED_TOO_OLD, ALREADY_REPORTED, CASE_DECIDED, REPORTS_USED_UP],
    existing="You reported it already in the same words; what you said then is answered.",
    located=False,
)
async def report_conduct(body: ConductReportCreate, work: Write, response: Response) -> ConductReportPublic:
    """Report what a member did, with a thing of any service or without one. They do not learn who did, nor does anybody but case workers."""
    made, new = await service.report(work, body)
    response.status_code = 201 if new else 200
    return await views.report(work, made)


@router.get("/v1/cases")
@operation(permission=CASES_READ)
async def list_cases(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[Status, STATUS] | None = None,
    category: Annotated[Category, CATEGORY] | None = None,
    member_id: Annotated[UUID | None, Query(description="Only cases about this member.")] = None,
    sort: Annotated[Sort, Closed("CasesSort", Sort)] = "-weight",
) -> Page[CasePublic]:
    """List the cases of a community. Those that you are a party to, and those that only a reviewer decides, are left out.

    `-weight`: by how much was reported, and by whom. Reviewers see what they were appointed to.
    """
    listing, standing = await working.listing(
        work,
        community_id=community_id,
        status=status,
        category=category,
        about=member_id,
        by_weight=sort == "-weight",
    )
    return await paginate_together(work.session, listing, page=page, to=lambda rows: views.cases(work, standing, rows))


@router.get("/v1/cases/without-reviewer")
@operation(permission=APPEALS_APPOINT)
async def list_cases_without_reviewer(work: Read, page: PageQuery) -> Page[CaseWithoutReviewer]:
    """List the undecided cases, of all communities, about which only a reviewer decides: about owners and operators, and where all others are parties."""
    if work.caller is not None:
        await authorize_platform_now(work.session, work.caller, APPEALS_APPOINT)
    return await paginate(work.session, queries.for_reviewers(), page=page, to=_without)


@router.get("/v1/cases/{case_id}")
@operation(permission=CASES_READ, problems=[CONFLICT_OF_INTEREST], versioned=True)
async def read_case(case_id: UUID, work: Read, response: Response) -> CasePublic:
    """Read a case."""
    return await _shown(work, await working.seen_case(work, case_id), response)


@router.get("/v1/cases/{case_id}/reports")
@operation(permission=CASES_READ, problems=[CONFLICT_OF_INTEREST])
async def list_case_reports(case_id: UUID, work: Read, page: PageQuery) -> Page[CaseReportPublic]:
    """List what members reported of a case, the oldest first. Neither the member nor anybody else learns who did."""
    await working.seen_case(work, case_id)
    return await paginate_together(
        work.session, queries.reports(case_id), page=page, to=lambda rows: views.reports(work, rows)
    )


@router.post("/v1/cases/{case_id}/claim")
@operation(permission=CASES_WORK, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION], versioned=True)
async def claim_case(case_id: UUID, if_match: IfMatch, work: Write, response: Response) -> CasePublic:
    """Take up an open case: you decide about it then. Neither who reported it nor whom it is about can."""
    return await _shown(work, await working.claim(work, case_id, if_match), response)


@router.post("/v1/cases/{case_id}/release")
@operation(
    permission=CASES_WORK, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, CLAIMED_BY_ANOTHER], versioned=True
)
async def release_case(case_id: UUID, if_match: IfMatch, work: Write, response: Response) -> CasePublic:
    """Give a claimed case back. Operators and owners give back what others claimed, too."""
    return await _shown(work, await working.release(work, case_id, if_match), response)


@router.post("/v1/cases/{case_id}/confirm")
@operation(
    permission=CASES_WORK,
    problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, CLAIMED_BY_ANOTHER, UNKNOWN_RULE, DEED_TOO_OLD],
    versioned=True,
)
async def confirm_case(
    case_id: UUID, body: CaseConfirm, if_match: IfMatch, work: Write, response: Response
) -> CasePublic:
    """Find that a rule was broken, as it was in force then. A penalty follows: what the ladder says for all points that count.

    Suspensions and expulsions are only proposed: until a second person agrees the member is muted for 3 days.
    """
    return await _shown(work, await working.confirm(work, case_id, body, if_match), response)


@router.post("/v1/cases/{case_id}/dismiss")
@operation(
    permission=CASES_WORK, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, CLAIMED_BY_ANOTHER], versioned=True
)
async def dismiss_case(
    case_id: UUID, body: CaseDismiss, if_match: IfMatch, work: Write, response: Response
) -> CasePublic:
    """Find that no rule was broken, or that it cannot be shown. Only somebody else with new evidence opens it again."""
    return await _shown(work, await working.dismiss(work, case_id, body.reason, if_match), response)


@router.post("/v1/cases/{case_id}/appoint-reviewer")
@operation(permission=APPEALS_APPOINT, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, UNKNOWN_PERSON])
async def appoint_case_reviewer(case_id: UUID, body: ReviewerAppoint, work: Write) -> CaseWithoutReviewer:
    """Say who decides about a case that nobody in the community may decide: a person who is no member there, and not you."""
    return _without(await working.appoint(work, case_id, body.person_id))


def _without(case: Case) -> CaseWithoutReviewer:
    return CaseWithoutReviewer(
        id=case.id,
        community_id=case.community_id,
        opened_at=case.opened_at,
        status=case.status,
        has_reviewer=case.reviewer_id is not None,
    )


async def _shown(work: Work, seen: Seen, response: Response) -> CasePublic:
    set_etag(response, seen.case.version)
    return await views.case(work, seen)

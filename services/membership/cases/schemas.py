"""Reports of conduct and cases as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.contributions import ObjectRef
from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, Said
from contracts.kinds import ThingKind
from services.membership.cases.rules import Category, Status
from services.membership.penalties.schemas import RuleBrokenPublic

CATEGORY = Closed("RuleCategory", Category)
STATUS = Closed("CaseStatus", Status)
THING = Closed("ThingKind", ThingKind)
Words = Annotated[str, Field(min_length=1, max_length=2000), Said]


class ReportedThing(RequestModel):
    """A thing of any service, by its kind and id."""

    kind: Annotated[ThingKind, THING]
    id: UUID


class ConductReportCreate(RequestModel):
    """What a member did, with one thing or without one, and when, which is now unless you say.

    `new_evidence`: what you write was not known when somebody decided about it.
    """

    community_id: UUID
    member_id: UUID
    object: ReportedThing | None = None
    category: Annotated[Category, CATEGORY]
    words: Words
    happened_at: Moment | None = None
    new_evidence: bool = False


class ConductReportPublic(ResponseModel):
    """What you reported. Nobody but those who work on it learns who did."""

    id: UUID
    community_id: UUID
    member: MemberEmbed
    object: ObjectRef | None
    category: Annotated[str, CATEGORY]
    words: str | None
    """Null after 180 days."""
    reported_at: datetime


class CaseReportPublic(ResponseModel):
    """What a member reported, for those who work on the case."""

    id: UUID
    reporter: MemberEmbed
    category: Annotated[str, CATEGORY]
    words: str | None
    """Null after 180 days."""
    reported_at: datetime


class CasePublic(ResponseModel):
    """What a member is said to have done: all reports of one thing are one case.

    `reports` are those of members, here and of content; `found`: a scanner found it. `for_reviewer`: only a reviewer decides about it, whom
    an administrator appoints. `rule_set_id`: the rules that were in force at the deed, of which one is confirmed; null before the first,
    and in lists.
    """

    id: UUID
    community_id: UUID
    member: MemberEmbed
    object: ObjectRef | None
    category: Annotated[str, CATEGORY]
    status: Annotated[str, STATUS]
    deed_at: datetime
    opened_at: datetime
    reported_at: datetime
    reports: int
    found: bool
    for_reviewer: bool
    has_reviewer: bool
    claimed_by: MemberEmbed | None
    """Null also where the reviewer claimed it, who is no member."""
    claimed_at: datetime | None
    decided_at: datetime | None
    reason: str | None
    rule: RuleBrokenPublic | None
    penalty_id: UUID | None
    rule_set_id: UUID | None = None
    viewer: Viewer | None = None


class CaseConfirm(RequestModel):
    """Which rule was broken, and why you decide so, for those who work on cases.

    `fine` is at most 10, 30 or 60 points by the severity of the rule, which is also what is taken unless you say less. The member reads `words`.
    """

    rule: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    reason: Words
    fine: Annotated[int, Field(ge=0, le=60)] | None = None
    words: Words | None = None


class CaseDismiss(RequestModel):
    """Why no rule was broken, or why it cannot be shown; for those who work on cases."""

    reason: Annotated[str, Field(min_length=1, max_length=1500), Said]


class CaseWithoutReviewer(ResponseModel):
    """A case for which a reviewer is wanted: neither about whom it is, nor what for."""

    id: UUID
    community_id: UUID
    opened_at: datetime
    status: Annotated[str, STATUS]
    has_reviewer: bool


class ReviewerAppoint(RequestModel):
    """Who is to decide: an active person of the company who is no member of the community. They see this, and nothing else there."""

    person_id: UUID

"""Penalties as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.contributions import ObjectRef
from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Said
from services.membership.penalties.rules import Sanction, Severity

SANCTION = Closed("Sanction", Sanction)
SEVERITY = Closed("Severity", Severity)


class RuleBrokenPublic(ResponseModel):
    """A rule, by the version that was in force when it was broken: `rule_set_id` reads what it said then, null where none was written."""

    code: str
    version: int
    rule_set_id: UUID | None = None


class PenaltyPublic(ResponseModel):
    """What followed from a confirmed case. `violation_points` and `fine` are what stands now, 0 when it is undone.

    Without a sanction it is a warning. A sanction lasts from `since` to `until`, exclusive; an expulsion has no end. `proposed` waits for
    the word of a second person; only operators and owners read it.
    """

    id: UUID
    community_id: UUID
    member: MemberEmbed
    case_id: UUID
    rule: RuleBrokenPublic
    severity: Annotated[str, SEVERITY]
    violation_points: int
    decays_at: datetime
    """From then on its points count no more."""
    fine: int
    """In points of the community."""
    sanction: Annotated[str, SANCTION] | None
    since: datetime
    until: datetime | None
    objects: list[ObjectRef]
    words: str | None
    """What the member is told."""
    undone: bool
    imposed_at: datetime
    appeal_until: datetime
    appeal_id: Annotated[
        UUID | None,
        Field(description="The appeal against it, for its member and for operators and owners; null without one."),
    ] = None
    revision: int
    proposed: Annotated[str, SANCTION] | None = None
    proposed_at: datetime | None = None
    viewer: Viewer | None = None


class PenaltyLift(RequestModel):
    """Why it is taken back, which is kept in the audit and not shown to the member; and what they are told instead of the words before."""

    reason: Annotated[str, Field(min_length=1, max_length=2000), Said]
    words: Annotated[str, Field(min_length=1, max_length=2000), Said] | None = None


class DecayPublic(ResponseModel):
    """How many points count until when, exclusive."""

    penalty_id: UUID
    points: int
    until: datetime


class ConductStanding(ResponseModel):
    """What counts against a member now: their points and when they decay, and the penalties that are not old yet, the newest first.

    What was taken back is not among them.
    """

    member_id: UUID
    community_id: UUID
    violation_points: int
    decays: list[DecayPublic]
    """The next one first."""
    sanction: Annotated[str, SANCTION] | None
    until: datetime | None
    penalties: list[PenaltyPublic]
    """At most 100."""

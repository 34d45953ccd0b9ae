"""What the membership service tells of a community's rules, of who broke them, and of what became of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field

from contracts.base import IntegrationEvent
from contracts.fields import ObjectReference, Part, known

# --- rules ---------------------------------------------------------------------------------------------------------


class Measure(Part):
    """What a rule wants of each member in each window, such as three check-ins a week."""

    metric: str
    op: Annotated[str, known("gte", "lte")]
    value: int
    window: Annotated[str, known("day", "week", "month")]


class RuleOfSet(Part):
    """A rule of a rule set. Its title and text are not told."""

    code: str
    category: Annotated[str, known("speech", "etiquette", "learning", "advertising", "other")]
    severity: Annotated[str, known("minor", "serious", "grave")]
    measure: Measure | None = None


class RuleSetState(IntegrationEvent):
    """A version of a community's rules, which members acknowledge by `acknowledge_by`, or within 14 days of joining if that is later."""

    community_id: UUID
    rule_set_id: UUID
    version: Annotated[int, Field(ge=1)]
    rules: tuple[RuleOfSet, ...]
    acknowledge_by: datetime


class RuleSetPublished(RuleSetState, type="membership.rule_set.published", subject="rule_set_id", key="community_id"):
    """A version is in force, in place of the one before."""


class RuleSetSnapshot(RuleSetState, type="membership.rule_set.snapshot", subject="rule_set_id", key="community_id"):
    """The version in force, published again without a change."""


class Acknowledgement(IntegrationEvent):
    """What a member has acknowledged of the rules. The subject is made of the member's id.

    `version` is the greatest that they have acknowledged, 0 where they have none, and `rule_set_id` its rule set. `overdue` is the version
    whose time was over when they last left: coming back does not give them another 14 days for that one.
    """

    community_id: UUID
    member_id: UUID
    rule_set_id: UUID | None = None
    version: Annotated[int, Field(ge=0)]
    overdue: Annotated[int, Field(ge=0)] = 0

    def subject(self) -> str:
        """Made of `member_id`."""
        return str(uuid5(self.member_id, "rules"))


class RuleSetAcknowledged(
    Acknowledgement, type="membership.rule_set.acknowledged", subject="member_id", restricted=True
):
    """A member has acknowledged a version of the rules."""


class RuleSetMissed(Acknowledgement, type="membership.rule_set.missed", subject="member_id", restricted=True):
    """Somebody left whose time to acknowledge a version was over."""


class AcknowledgementSnapshot(
    Acknowledgement, type="membership.acknowledgement.snapshot", subject="member_id", restricted=True
):
    """What a member has acknowledged last, published again without a change."""


# --- cases ---------------------------------------------------------------------------------------------------------


class RuleBroken(Part):
    """A rule by the version that was in force when it was broken."""

    code: str
    version: int


class CaseState(IntegrationEvent):
    """A case of conduct: neither who reported it nor what they wrote."""

    community_id: UUID
    case_id: UUID
    object: ObjectReference | None = None
    rule: RuleBroken | None = None


class CaseOpened(CaseState, type="membership.case.opened", subject="case_id", restricted=True):
    """Something was reported, or found by a scanner, for the first time; or again, after it was dismissed, on new evidence."""


class CaseConfirmed(CaseState, type="membership.case.confirmed", subject="case_id", restricted=True):
    """A rule was broken. A penalty follows, if there is one, as a message of its own."""


class CaseDismissed(CaseState, type="membership.case.dismissed", subject="case_id", restricted=True):
    """No rule was broken, or it cannot be shown."""


# --- penalties -----------------------------------------------------------------------------------------------------


class PenaltyState(IntegrationEvent):
    """The whole penalty as of a revision. Whoever follows it applies the greatest revision, in whatever order they come.

    `violation_points` and `fine` are what stands now: 0 when everything is undone. `fine` is in points, never xp. `sanction` lasts from `from`
    to `until`, exclusive, an expulsion without end. `objects` are what it was imposed for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    community_id: UUID
    penalty_id: UUID
    revision: Annotated[int, Field(ge=1)]
    case_id: UUID
    member_id: UUID
    severity: Annotated[str, known("minor", "serious", "grave")]
    violation_points: Annotated[int, Field(ge=0)]
    fine: Annotated[int, Field(ge=0)] = 0
    sanction: Annotated[str | None, known("mute", "suspend", "expel")] = None
    since: Annotated[datetime, Field(alias="from")]
    until: datetime | None = None
    objects: tuple[ObjectReference, ...] = ()
    undone: bool = False
    """Everything that followed is taken back."""


class PenaltyImposed(
    PenaltyState, type="membership.penalty.imposed", subject="penalty_id", key="member_id", restricted=True
):
    """Revision 1."""


class PenaltyRevised(
    PenaltyState, type="membership.penalty.revised", subject="penalty_id", key="member_id", restricted=True
):
    """Shortened or lessened, of which only the difference is taken back; or a second person agreed to a suspension or an expulsion."""


class PenaltyLifted(
    PenaltyState, type="membership.penalty.lifted", subject="penalty_id", key="member_id", restricted=True
):
    """It should not have been: everything that followed is taken back."""


class PenaltyEnded(
    PenaltyState, type="membership.penalty.ended", subject="penalty_id", key="member_id", restricted=True
):
    """Its sanction is over by the clock, and nothing else changes. `revision` is that before."""


class PenaltySnapshot(
    PenaltyState, type="membership.penalty.snapshot", subject="penalty_id", key="member_id", restricted=True
):
    """The greatest revision, published again without a change."""


PENALTY_STATES: tuple[type[PenaltyState], ...] = (
    PenaltyImposed,
    PenaltyRevised,
    PenaltyLifted,
    PenaltyEnded,
    PenaltySnapshot,
)
"""All that carry the whole state of a penalty."""


class Left(Part):
    """What could not be taken back, and why."""

    kind: str
    id: UUID
    code: str


class PenaltyAnswer(IntegrationEvent):
    """A service has applied a revision of a penalty: how much of each kind it did or took back, and what it left."""

    community_id: UUID
    penalty_id: UUID
    member_id: UUID
    revision: Annotated[int, Field(ge=1)]
    undone: dict[str, int] = {}
    left: tuple[Left, ...] = ()

    def subject(self) -> str:
        """Made of `penalty_id`."""
        return str(uuid5(self.penalty_id, "applied"))


class GamificationApplied(
    PenaltyAnswer, type="gamification.penalty.applied", subject="penalty_id", key="member_id", restricted=True
):
    """Fines, streaks, levels, redemptions and prizes."""


class ContentApplied(
    PenaltyAnswer, type="content.penalty.applied", subject="penalty_id", key="member_id", restricted=True
):
    """What was removed for it, or is seen again."""


class EventsApplied(
    PenaltyAnswer, type="events.penalty.applied", subject="penalty_id", key="member_id", restricted=True
):
    """Registrations that were given up for it, or came back; activities at which nobody is missing any more."""


class AnalyticsApplied(
    PenaltyAnswer, type="analytics.penalty.applied", subject="penalty_id", key="member_id", restricted=True
):
    """Facts of penalties that count no more."""


RULE_SET_STATES: tuple[type[RuleSetState], ...] = (RuleSetPublished, RuleSetSnapshot)
ACKNOWLEDGEMENT_STATES: tuple[type[Acknowledgement], ...] = (
    RuleSetAcknowledged,
    RuleSetMissed,
    AcknowledgementSnapshot,
)

PENALTY_ANSWERS: tuple[type[PenaltyAnswer], ...] = (
    GamificationApplied,
    ContentApplied,
    EventsApplied,
    AnalyticsApplied,
)
"""Those of all services that answer: an appeal shows how far each is."""


# --- appeals -------------------------------------------------------------------------------------------------------


class AppealState(IntegrationEvent):
    """An appeal against a penalty, a removal or a short mute. `revision` is that of the penalty which follows from the decision."""

    community_id: UUID
    appeal_id: UUID
    object: ObjectReference
    member_id: UUID
    revision: int | None = None


class AppealLodged(
    AppealState, type="membership.appeal.lodged", subject="appeal_id", key="member_id", restricted=True
): ...


class AppealGranted(
    AppealState, type="membership.appeal.granted", subject="appeal_id", key="member_id", restricted=True
):
    """Everything that followed is taken back."""


class AppealReduced(
    AppealState, type="membership.appeal.reduced", subject="appeal_id", key="member_id", restricted=True
):
    """Granted in part: shortened or lessened."""


class AppealDenied(
    AppealState, type="membership.appeal.denied", subject="appeal_id", key="member_id", restricted=True
): ...

"""Messages of gamification: check-ins, streaks, points, levels, certificates, kudos.

A member's wallet, streak and level are one thing here, with the member's id as subject: `points.*`, `streak.*` and `level.*`
share the count of its messages.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field

from contracts.attachments import AttachmentLink
from contracts.base import IntegrationEvent
from contracts.fields import ObjectReference, Part, known
from contracts.texts import WrittenText


class CheckinRecorded(IntegrationEvent, type="gamification.checkin.recorded", subject="checkin_id", key="member_id"):
    """A member checked in for a day in their own time zone."""

    community_id: UUID
    checkin_id: UUID
    member_id: UUID
    day: date
    time_zone: str
    origin: Annotated[str, known("now", "made_up", "imported")]


class StreakReached(IntegrationEvent, type="gamification.streak.reached", subject="member_id"):
    """A streak reached a milestone, on its `day`."""

    community_id: UUID
    member_id: UUID
    length: int
    day: date


class RuleReference(Part):
    """The version of the earning rule that paid."""

    code: str
    version: int


class Cause(Part):
    """The reason for the change: a message, or a deed inside gamification with its own id."""

    event_id: UUID
    type: str
    object: ObjectReference | None = None


class Balance(Part):
    """A wallet after the change."""

    points: int
    xp: int


class PointsChange(IntegrationEvent):
    """A change of a member's wallet. `points` and `xp` are the amounts; a loss is below zero."""

    community_id: UUID
    transfer_ids: tuple[UUID, ...]
    member_id: UUID
    points: int
    xp: int
    rule: RuleReference | None = None
    kind: str
    cause: Cause
    balance: Balance


class PointsAwarded(PointsChange, type="gamification.points.awarded", subject="member_id"):
    """A wallet was credited."""


class PointsReversed(PointsChange, type="gamification.points.reversed", subject="member_id"):
    """Earlier transfers were reversed."""

    reverses: tuple[UUID, ...]


class PointsLeft(IntegrationEvent):
    """Points left a member's wallet; `points` is how many, above zero. `object` is what they were for."""

    community_id: UUID
    transfer_ids: tuple[UUID, ...]
    member_id: UUID
    points: int
    kind: str
    object: ObjectReference | None = None
    balance: Balance


class PointsSpent(PointsLeft, type="gamification.points.spent", subject="member_id"):
    """A member spent points: what they asked for is theirs. Points that are only set aside are not spent."""


class PointsExpired(PointsLeft, type="gamification.points.expired", subject="member_id"):
    """A member's points ran out; one message per member and day."""


class RedemptionChange(IntegrationEvent):
    """What has become of what a member asked for. `to` is its state, `cost` the points that it takes."""

    community_id: UUID
    redemption_id: UUID
    member_id: UUID
    reward_id: UUID
    reward_kind: Annotated[str, known("voucher", "physical", "certificate", "course", "privilege")]
    cost: int
    to: Annotated[str, known("requested", "approved", "fulfilled", "rejected", "cancelled", "expired")]


class RedemptionRequested(
    RedemptionChange, type="gamification.redemption.requested", subject="redemption_id", key="member_id"
):
    """A member asked for a reward: its points are set aside, one is taken from stock."""


class RedemptionApproved(
    RedemptionChange, type="gamification.redemption.approved", subject="redemption_id", key="member_id"
):
    """They can have it."""


class RedemptionFulfilled(
    RedemptionChange, type="gamification.redemption.fulfilled", subject="redemption_id", key="member_id"
):
    """They have it, and the points are spent."""


class RedemptionRefunded(
    RedemptionChange, type="gamification.redemption.refunded", subject="redemption_id", key="member_id"
):
    """They do not have it: points and stock went back."""

    cause: Annotated[str, known("cancelled", "rejected", "left", "not_collected", "refused")]


class Rung(Part):
    """A step of the community's ladder; positions count from 0."""

    code: str
    position: int


class BadgeOfMessage(Part):
    """A badge of the community, in the version by which it was awarded."""

    code: str
    version: int


class BadgeChange(IntegrationEvent):
    """A badge was given to a member or taken back."""

    community_id: UUID
    member_id: UUID
    badge: BadgeOfMessage
    cause: Annotated[str, known("reached", "past", "by_hand")] | None = None


class BadgeAwarded(BadgeChange, type="gamification.badge.awarded", subject="member_id"):
    """A member was awarded a badge: they reached it, had reached it in the past, or were given it by hand."""


class BadgeRevoked(BadgeChange, type="gamification.badge.revoked", subject="member_id"):
    """A badge was taken back by hand. Nothing else takes one back."""


class LevelChange(IntegrationEvent):
    """A member's move on the ladder."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    community_id: UUID
    member_id: UUID
    from_: Rung = Field(validation_alias="from", serialization_alias="from")
    to: Rung
    xp: int
    granted_roles: tuple[str, ...] = ()


class LevelPromoted(LevelChange, type="gamification.level.promoted", subject="member_id"):
    """A member reached a level, at the time of the entry that crossed it."""


class LevelDemoted(LevelChange, type="gamification.level.demoted", subject="member_id"):
    """A member lost a level, after the days of grace."""


class PerksChanged(IntegrationEvent, type="gamification.perks.changed", subject="member_id"):
    """The level that a member keeps grants other roles than before: their community's ladder changed. `granted_roles` are all that it grants now."""

    community_id: UUID
    member_id: UUID
    level: Rung
    granted_roles: tuple[str, ...] = ()


class KudosChange(IntegrationEvent):
    """Kudos from one member to another, never what was said; `value_code` names a value of the charter."""

    community_id: UUID
    kudos_id: UUID
    giver_id: UUID
    receiver_id: UUID
    value_code: str | None = None


class KudosGiven(KudosChange, type="gamification.kudos.given", subject="kudos_id", key="receiver_id"):
    """A member said what a colleague did well."""


class KudosRemoved(KudosChange, type="gamification.kudos.removed", subject="kudos_id", key="receiver_id"):
    """Kudos are held by moderation, or were removed: they count no more."""


class KudosRestored(KudosChange, type="gamification.kudos.restored", subject="kudos_id", key="receiver_id"):
    """Kudos count again, as moderation released them."""


class StarConfirmed(IntegrationEvent, type="gamification.star.confirmed", subject="star_id", key="community_id"):
    """An owner confirmed the star of a month, whom members voted for in secret. `month` is its first day."""

    community_id: UUID
    star_id: UUID
    winner_id: UUID
    month: date


class PlanCompleted(IntegrationEvent, type="gamification.plan.completed", subject="plan_id", key="member_id"):
    """A member did as many days of a check-in plan as complete it. It is told once, and not taken back."""

    community_id: UUID
    plan_id: UUID
    member_id: UUID
    days: int
    """Done so far."""

    def subject(self) -> str:
        """Made of `plan_id` and `member_id`."""
        return str(uuid5(self.plan_id, str(self.member_id)))


class RemindedPlan(Part):
    """What somebody is reminded of; `points` are those of the community that has the `id`."""

    kind: Annotated[str, known("checkin_plan", "redemption", "points")] = "checkin_plan"
    id: UUID


class ReminderDue(IntegrationEvent, type="gamification.reminder.due", subject="object", restricted=True):
    """Members are reminded: of a day of a check-in plan on which they are missing, of what they redeemed and can collect,
    of points that run out; in parts of 500.

    The subject is made of the object, when it is due, how long before that is, and the part: each is told once.
    """

    community_id: UUID
    object: RemindedPlan
    title: str
    due_at: datetime
    """When the day is over; when what is not collected goes back; when the points are gone."""
    lead: Annotated[str, known("today", "23_days", "16_days", "30_days", "7_days")]
    """How long before: on that day itself, or so many days."""
    member_ids: tuple[UUID, ...]
    part: int = 1
    of: int = 1

    def subject(self) -> str:
        """Made of the `id` of the `object`, `due_at`, `lead` and `part`."""
        return str(uuid5(self.object.id, f"reminder {self.due_at.isoformat()} {self.lead} {self.part}"))

    def partition_key(self) -> str:
        return str(self.object.id)


class SeasonPlace(Part):
    """Who came where on the frozen board of a season."""

    rank: int
    member_id: UUID
    score: int


class SeasonClosed(IntegrationEvent, type="gamification.season.closed", subject="season_id", key="community_id"):
    """A season is over and its prizes are paid. `standings` are the first 100."""

    community_id: UUID
    season_id: UUID
    standings: tuple[SeasonPlace, ...]


class Votes(Part):
    """How a committee voted."""

    in_favour: int = Field(validation_alias="for", serialization_alias="for")
    against: int

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)


class PromotionChange(IntegrationEvent):
    """A member is proposed for a level that is given by decision."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    community_id: UUID
    promotion_id: UUID
    member_id: UUID
    from_: Rung = Field(validation_alias="from", serialization_alias="from")
    to: Rung


class PromotionNominated(PromotionChange, type="gamification.promotion.nominated", subject="member_id"):
    """A member was nominated, and the committee is to vote."""


class PromotionDecided(PromotionChange, type="gamification.promotion.decided", subject="member_id"):
    """A nomination was decided. If it was granted, `level.promoted` tells of the level."""

    outcome: Annotated[str, known("granted", "declined")]
    votes: Votes


class TextWritten(WrittenText, type="gamification.text.written", subject="object", restricted=True):
    """A member wrote a note."""

    community_id: UUID


class CertificateState(IntegrationEvent):
    """A certificate: whose it is, and for what. Who has the serial can verify it."""

    community_id: UUID
    certificate_id: UUID
    serial: str
    kind: Annotated[str, known("activity", "level", "certification", "other")]
    object: ObjectReference
    member_id: UUID
    person_id: UUID
    valid_until: datetime | None = None


class CertificateIssued(CertificateState, type="gamification.certificate.issued", subject="certificate_id"):
    """A member has a certificate."""


class CertificateRevoked(CertificateState, type="gamification.certificate.revoked", subject="certificate_id"):
    """A certificate was revoked: it counts no more."""


class CertificateExpired(CertificateState, type="gamification.certificate.expired", subject="certificate_id"):
    """A certificate was valid until that moment."""


class CertificationDue(
    IntegrationEvent, type="gamification.certification.due", subject="certification_id", restricted=True
):
    """Members are reminded of what they are to show by a moment; at most 500 in a message, whose subject names the first."""

    community_id: UUID
    certification_id: UUID
    title: str
    due_at: datetime
    lead_days: int
    """How many days before that is."""
    member_ids: tuple[UUID, ...]

    def subject(self) -> str:
        """Made of `certification_id`, `due_at`, `lead_days` and the first of `member_ids`."""
        of = f"due {self.due_at.isoformat()} {self.lead_days} {self.member_ids[:1]}"
        return str(uuid5(self.certification_id, of))


class CertificationOverdue(
    IntegrationEvent, type="gamification.certification.overdue", subject="certification_id", restricted=True
):
    """Members of a department have not shown what was due; who manages the department is to know. At most 500 in a message."""

    community_id: UUID
    certification_id: UUID
    title: str
    due_at: datetime
    department_code: str | None = None
    member_ids: tuple[UUID, ...]

    def subject(self) -> str:
        """Made of `certification_id`, `due_at` and the first of `member_ids`."""
        return str(uuid5(self.certification_id, f"overdue {self.due_at.isoformat()} {self.member_ids[:1]}"))


class FileLink(AttachmentLink):
    """Whether a reward names a file as its picture, or a day of a check-in plan as evidence."""

    community_id: UUID


class AttachmentLinked(FileLink, type="gamification.attachment.linked", subject="attachment_id"):
    """The picture of a reward, or the evidence of a day of a check-in plan, is a file that somebody sent."""


class AttachmentUnlinked(FileLink, type="gamification.attachment.unlinked", subject="attachment_id"):
    """It is so no more."""


class AttachmentSnapshot(FileLink, type="gamification.attachment.snapshot", subject="attachment_id"):
    """The current state, published again without a change. It has the current version."""

"""What gamification's messages about rewards, promotions, plans and certifications mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts import gamification
from contracts.base import IntegrationEvent
from services.membership.notifications.reminding import reminder
from services.membership.notifications.rules import Step, Tell

_FIRST_PLACES: Final = 3


def _to(
    message: Received[Any],
    template: str,
    source: str,
    members: tuple[UUID, ...],
    *,
    about: tuple[str, UUID] | None = None,
    replaces: bool = False,
    **params: Any,
) -> Tell:
    return Tell(
        template,
        source,
        message.version,
        source,
        message.occurred_at,
        message.data.community_id,
        members=members,
        about=about,
        params=params,
        replaces=replaces,
        unless_by=message.actor,
    )


def redemption(message: Received[Any]) -> Iterable[Step]:
    """The member, unless they did it themselves; the latest replaces what came before."""
    it = message.data
    template = f"redemption.{it.TYPE.split('.')[-2]}"
    about = ("redemption", it.redemption_id)
    yield _to(message, template, f"redemption:{it.redemption_id}", (it.member_id,), about=about, replaces=True)


def nominated(message: Received[Any]) -> Iterable[Step]:
    """The member, unless they nominated themselves."""
    it = message.data
    about = ("promotion", it.promotion_id)
    yield _to(message, "promotion.nominated", f"promotion:{it.promotion_id}", (it.member_id,), about=about)


def decided(message: Received[Any]) -> Iterable[Step]:
    """The member, where it was declined: of the level a message of its own tells."""
    it = message.data
    about = ("promotion", it.promotion_id)
    if it.outcome == "declined":
        yield _to(message, "promotion.declined", f"promotion_decided:{it.promotion_id}", (it.member_id,), about=about)


def plan_completed(message: Received[Any]) -> Iterable[Step]:
    """The member."""
    it = message.data
    about = ("checkin_plan", it.plan_id)
    yield _to(message, "plan.completed", f"plan:{it.plan_id}:{it.member_id}", (it.member_id,), about=about)


def streak_reached(message: Received[Any]) -> Iterable[Step]:
    """The member."""
    it = message.data
    source = f"streak:{it.member_id}:{it.length}:{it.day}"
    about = ("member", it.member_id)
    yield _to(message, "streak.reached", source, (it.member_id,), about=about, length=it.length)


def star_confirmed(message: Received[Any]) -> Iterable[Step]:
    """Who won."""
    it = message.data
    yield _to(message, "star.confirmed", f"star:{it.star_id}", (it.winner_id,), about=("star", it.star_id))


def season_closed(message: Received[Any]) -> Iterable[Step]:
    """The first three."""
    it = message.data
    first = tuple(one.member_id for one in it.standings if one.rank <= _FIRST_PLACES)
    yield _to(message, "season.closed", f"season:{it.season_id}", first, about=("season", it.season_id))


def certificate_expired(message: Received[Any]) -> Iterable[Step]:
    """Whose it was."""
    it = message.data
    about = ("certificate", it.certificate_id)
    source = f"certificate_expired:{it.certificate_id}"
    yield _to(message, "certificate.expired", source, (it.member_id,), about=about)


def certification_due(message: Received[Any]) -> Iterable[Step]:
    """Who has not earned it yet."""
    it = message.data
    about, source = ("certification", it.certification_id), f"certification:{message.subject}:{it.lead_days}"
    yield _to(message, "certification.due", source, tuple(it.member_ids), about=about, title=it.title)


def certification_overdue(message: Received[Any]) -> Iterable[Step]:
    """Who has not earned it."""
    it = message.data
    about = ("certification", it.certification_id)
    source = f"certification_overdue:{message.subject}:{it.department_code}"
    yield _to(message, "certification.overdue", source, tuple(it.member_ids), about=about, title=it.title)


def reminder_due(message: Received[Any]) -> Iterable[Step]:
    """Who is missing today, has something to collect, or whose points run out; nobody after an hour."""
    yield reminder(message)


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    gamification.RedemptionApproved: redemption,
    gamification.RedemptionFulfilled: redemption,
    gamification.RedemptionRefunded: redemption,
    gamification.PromotionNominated: nominated,
    gamification.PromotionDecided: decided,
    gamification.PlanCompleted: plan_completed,
    gamification.StreakReached: streak_reached,
    gamification.StarConfirmed: star_confirmed,
    gamification.SeasonClosed: season_closed,
    gamification.CertificateExpired: certificate_expired,
    gamification.CertificationDue: certification_due,
    gamification.CertificationOverdue: certification_overdue,
    gamification.ReminderDue: reminder_due,
}

"""What the messages of gamification mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts import gamification
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import Holds, Step, Tell


def _own(
    message: Received[Any],
    template: str,
    source: str,
    *,
    member_id: UUID,
    thread: str | None = None,
    about: tuple[str, UUID] | None = None,
    replaces: bool = False,
    actor_id: UUID | None = None,
    params: Mapping[str, Any] | None = None,
    daily: bool = False,
) -> Tell:
    return Tell(
        template,
        source,
        message.version,
        thread or source,
        message.occurred_at,
        message.data.community_id,
        members=(member_id,),
        actor_id=actor_id,
        about=about,
        params=params or {},
        replaces=replaces,
        daily=daily,
    )


def points_awarded(message: Received[Any]) -> Iterable[Step]:
    """Who earned them: one line a day."""
    it = message.data
    if it.points <= 0 or not it.transfer_ids:
        return
    thread = f"points:{it.member_id}"
    source, about = f"points:{it.transfer_ids[0]}", ("member", it.member_id)
    yield _own(message, "points.awarded", source, member_id=it.member_id, thread=thread, about=about, daily=True)


def points_reversed(message: Received[Any]) -> Iterable[Step]:
    """What was earned is earned no more."""
    for transfer_id in message.data.reverses:
        yield Holds(f"points:{transfer_id}", message.version, live=False)


def points_expired(message: Received[Any]) -> Iterable[Step]:
    """Whose points have run out."""
    it = message.data
    source = f"points:{it.transfer_ids[0]}" if it.transfer_ids else f"points:{message.id}"
    about, params = ("member", it.member_id), {"points": it.points}
    yield _own(message, "points.expired", source, member_id=it.member_id, about=about, params=params)


def level(message: Received[Any]) -> Iterable[Step]:
    """Who rose or fell; the latest replaces what came before."""
    it = message.data
    template = "level.promoted" if isinstance(it, gamification.LevelPromoted) else "level.demoted"
    yield _own(
        message,
        template,
        f"level:{it.member_id}",
        member_id=it.member_id,
        about=("member", it.member_id),
        replaces=True,
        params={"level": it.to.code},
    )


def badge_awarded(message: Received[Any]) -> Iterable[Step]:
    """Who was awarded it."""
    it = message.data
    source, thread = f"badge:{it.member_id}:{it.badge.code}", f"badges:{it.member_id}"
    about, params = ("member", it.member_id), {"badge": it.badge.code}
    yield _own(message, "badge.awarded", source, member_id=it.member_id, thread=thread, about=about, params=params)


def badge_revoked(message: Received[Any]) -> Iterable[Step]:
    """It is theirs no more."""
    it = message.data
    yield Holds(f"badge:{it.member_id}:{it.badge.code}", message.version, live=False)


def certificate_issued(message: Received[Any]) -> Iterable[Step]:
    """Whose it is."""
    it = message.data
    about = ("certificate", it.certificate_id)
    source = f"certificate:{it.certificate_id}"
    yield _own(message, "certificate.issued", source, member_id=it.member_id, about=about)


def certificate_revoked(message: Received[Any]) -> Iterable[Step]:
    """Whose it was: what was told of its issue goes."""
    it = message.data
    yield Holds(f"certificate:{it.certificate_id}", message.version, live=False)
    about = ("certificate", it.certificate_id)
    source = f"certificate_revoked:{it.certificate_id}"
    yield _own(message, "certificate.revoked", source, member_id=it.member_id, about=about)


def kudos_given(message: Received[Any]) -> Iterable[Step]:
    """Who received them."""
    it = message.data
    yield _own(
        message,
        "kudos.given",
        f"kudos:{it.kudos_id}",
        member_id=it.receiver_id,
        thread=f"kudos:{it.receiver_id}",
        about=("kudos", it.kudos_id),
        actor_id=it.giver_id,
    )


def kudos_removed(message: Received[Any]) -> Iterable[Step]:
    """Nobody reads them any more."""
    yield Holds(f"kudos:{message.data.kudos_id}", message.version, live=False)


def kudos_restored(message: Received[Any]) -> Iterable[Step]:
    """They are read again."""
    yield Holds(f"kudos:{message.data.kudos_id}", message.version, live=True)


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    gamification.PointsAwarded: points_awarded,
    gamification.PointsReversed: points_reversed,
    gamification.PointsExpired: points_expired,
    gamification.LevelPromoted: level,
    gamification.LevelDemoted: level,
    gamification.BadgeAwarded: badge_awarded,
    gamification.BadgeRevoked: badge_revoked,
    gamification.CertificateIssued: certificate_issued,
    gamification.CertificateRevoked: certificate_revoked,
    gamification.KudosGiven: kudos_given,
    gamification.KudosRemoved: kudos_removed,
    gamification.KudosRestored: kudos_restored,
}

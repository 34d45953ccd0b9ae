"""What messages about rules, penalties and appeals mean for the inbox: what somebody is told of themselves, without a reason. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import conduct
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import Step, Tell


def _penalty(message: Received[Any], template: str) -> Iterable[Step]:
    it = message.data
    yield Tell(
        template,
        f"penalty:{it.penalty_id}",
        message.version,
        f"penalty:{it.penalty_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("penalty", it.penalty_id),
        replaces=True,
        former=True,
    )


def penalty_imposed(message: Received[Any]) -> Iterable[Step]:
    """The member: that there is a penalty. What for they read there."""
    return _penalty(message, "penalty.imposed")


def penalty_revised(message: Received[Any]) -> Iterable[Step]:
    """The member: that it is another now."""
    return _penalty(message, "penalty.revised")


def penalty_lifted(message: Received[Any]) -> Iterable[Step]:
    """The member: that it is taken back."""
    return _penalty(message, "penalty.lifted")


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    conduct.PenaltyImposed: penalty_imposed,
    conduct.PenaltyRevised: penalty_revised,
    conduct.PenaltyLifted: penalty_lifted,
}

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


def appeal_decided(message: Received[Any]) -> Iterable[Step]:
    """The member: what was decided. Why they read in the appeal."""
    it, outcome = message.data, message.type.split(".")[-2]
    yield Tell(
        f"appeal.{outcome}",
        f"appeal:{it.appeal_id}:decided",
        message.version,
        f"appeal:{it.appeal_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("appeal", it.appeal_id),
        replaces=True,
        former=True,
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    conduct.PenaltyImposed: penalty_imposed,
    conduct.PenaltyRevised: penalty_revised,
    conduct.PenaltyLifted: penalty_lifted,
    conduct.AppealGranted: appeal_decided,
    conduct.AppealReduced: appeal_decided,
    conduct.AppealDenied: appeal_decided,
}

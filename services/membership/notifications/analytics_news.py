"""What the messages of analytics mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import analytics
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import STAFF, Holds, Step, Tell


def goal(message: Received[Any]) -> Iterable[Step]:
    """Whose goal it is, unless they set it themselves; the latest replaces what came before."""
    it = message.data
    yield Tell(
        f"goal.{it.TYPE.split('.')[-2]}",
        f"goal:{it.goal_id}",
        message.version,
        f"goal:{it.goal_id}",
        message.occurred_at,
        it.community_id,
        members=(it.owner_id,),
        about=("goal", it.goal_id),
        params={"title": it.title},
        replaces=True,
        unless_by=message.actor,
    )


def goal_withdrawn(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of it is withdrawn."""
    yield Holds(f"goal:{message.data.goal_id}", message.version, live=False, replaced=True)


def automation_fired(message: Received[Any]) -> Iterable[Step]:
    """The member, or owners and operators, as the automation says."""
    it = message.data
    to_member = it.tell == "the_member" and it.member_id is not None
    if not to_member and it.tell != "operators":
        return
    yield Tell(
        "automation.fired",
        f"firing:{it.firing_id}",
        message.version,
        f"automation:{it.automation_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,) if to_member else (),
        audience=None if to_member else STAFF,
        about=(it.cause.kind, it.cause.id),
        params={"title": it.title},
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    analytics.GoalSet: goal,
    analytics.GoalAchieved: goal,
    analytics.GoalMissed: goal,
    analytics.GoalWithdrawn: goal_withdrawn,
    analytics.AutomationFired: automation_fired,
}

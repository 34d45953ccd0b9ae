"""Whoever keeps what membership and others own hears of it too when it is restated."""

import pytest

from chassis.messaging.handlers import Handlers, is_snapshot
from chassis.settings import SERVICES
from contracts.base import IntegrationEvent, event_types
from qunxue.installed import service

DEEDS = {"reward_deeds", "take_back", "set_off_by_deeds"}
"""What pays for deeds, or follows them: a restatement says what is so, and nothing that was done."""

RESTATED_AS = {
    "qunxue.membership.group.joined.v1": "qunxue.membership.group_member.snapshot.v1",
    "qunxue.membership.group.left.v1": "qunxue.membership.group_member.snapshot.v1",
}
"""What is restated under another name than it was told: of a group, and of who belongs to it."""


def deaf(handlers: Handlers) -> set[str]:
    """The handlers that take news of a kind, and not its snapshots."""
    restated = {(one.TOPIC, one.AGGREGATE): one.TYPE for one in event_types().values() if is_snapshot(one)}
    heard: dict[str, set[str]] = {}
    for type_name, route in handlers.routes.items():
        for handler in route.handlers:
            heard.setdefault(handler.name, set()).add(type_name)
    classes = event_types()
    return {
        name
        for name, types in heard.items()
        for type_name in types
        if _snapshot_of(classes[type_name], restated) not in types
    }


def _snapshot_of(told: type[IntegrationEvent], restated: dict[tuple[str, str], str]) -> str:
    return RESTATED_AS.get(told.TYPE) or restated.get((told.TOPIC, told.AGGREGATE), told.TYPE)


@pytest.mark.parametrize("name", SERVICES)
def test_whoever_keeps_state_takes_snapshots(name: str):
    assert deaf(service(name).handlers) <= DEEDS


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_a_projection_keeps_it_drops_when_it_is_not_restated(name: str):
    handlers = service(name).handlers
    for topic in handlers.topics():
        if topic == "qunxue.membership":
            # What was done is counted for ever, whether or not it is told again.
            assert all(handlers.forgetting(topic, kind) for kind in handlers.restatable(topic) - {"deeds"})

"""The messages that can set an automation off: those that say what a member did, and that not only services may read."""

from collections.abc import Mapping
from typing import Any, Final

from chassis.messaging.handlers import is_snapshot
from contracts.base import IntegrationEvent
from services.analytics.facts.catalogue import CATALOGUE
from services.analytics.facts.declaration import Deed


def _deeds(message: type[IntegrationEvent]) -> tuple[Deed, ...]:
    return tuple(one for one in CATALOGUE[message].deeds if one.by is not None)


def name_of(message: Any) -> str:
    """As operators name it: `gamification.checkin.recorded`."""
    return ".".join(message.TYPE.split(".")[1:4])


TRIGGERS: Final[Mapping[type[IntegrationEvent], tuple[Deed, ...]]] = {
    message: _deeds(message)
    for message in CATALOGUE
    if _deeds(message)
    and not message.UNNAMED
    and not message.TOPIC.endswith(".restricted")
    and not is_snapshot(message)
}
BY_NAME: Final = {name_of(message): message for message in TRIGGERS}

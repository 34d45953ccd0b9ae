"""Telling what was done, and keeping how it was told.

Attendances keep by themselves how they were told, since that is told after they were recorded.
"""

from typing import Any, Final, Literal

from chassis.messaging.deeds import ToldDeeds
from services.events.deeds.models import Deed

Aspect = Literal["made", "changed", "moved", "ended"]
"""Of what a message tells; a later one of the same aspect says all that one has to know. The first message about a thing stays beside the latest
of each: when it was announced or asked for is not what became of it."""


def _without_outsiders(data: dict[str, Any]) -> dict[str, Any]:
    """Who spoke from outside is forgotten after a while, and must not be remembered here."""
    if "speakers" not in data:
        return data
    return data | {"speakers": [one for one in data["speakers"] if one.get("person_id") is not None]}


deeds: Final[ToldDeeds[Aspect]] = ToldDeeds(Deed, kept=_without_outsiders)

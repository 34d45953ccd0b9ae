"""What a round tells, as its row keeps it until the last have been told."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from services.membership.notifications.rules import Tell

_TELL: Final = TypeAdapter(Tell)


def written_down(one: Tell) -> dict[str, Any]:
    """A telling as JSON."""
    said: dict[str, Any] = _TELL.dump_python(one, mode="json")
    return said


def read_back(said: Mapping[str, Any]) -> Tell:
    """The telling that was written down, also by an earlier release, which said less."""
    return _TELL.validate_python(said)

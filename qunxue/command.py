"""What an operator's command is: an async generator of JSON objects, told as they come."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from qunxue.installation import Installation

Line = dict[str, Any]


class CommandFailed(Exception):
    """The command could not be done; the message says why."""


@dataclass(frozen=True)
class Command:
    """One command, which is run with an installation and its arguments."""

    run: Callable[[Installation, dict[str, Any]], AsyncIterator[Line]]
    any_schema: bool = False
    """It does without the tables of this release."""

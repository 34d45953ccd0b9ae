"""What an operator's command is: an async generator of JSON objects, told as they come."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.service import RunningService
from qunxue.installation import Installation
from qunxue.installed import no_service

Line = dict[str, Any]


class CommandFailed(Exception):
    """The command could not be done; the message says why."""


@dataclass(frozen=True)
class Command:
    """One command, which is run with an installation and its arguments."""

    run: Callable[[Installation, dict[str, Any]], AsyncIterator[Line]]
    any_schema: bool = False
    """It does without the tables of this release."""


def runtime_of(installation: Installation, name: str) -> RunningService:
    """The service that an argument names."""
    if name not in installation.runtimes:
        raise CommandFailed(no_service(name))
    return installation.runtimes[name]


def id_of(text: str, what: str) -> UUID:
    """The id that an argument is."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandFailed(f"{text!r} is no {what} id") from None


def moment_of(text: str) -> datetime:
    """The moment that an argument is."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailed(f"{text!r} is no moment") from None

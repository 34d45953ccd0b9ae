"""The services there are."""

import importlib
from functools import lru_cache

from chassis.service import Service
from chassis.settings import SERVICES


def no_service(name: str) -> str:
    """What is said where somebody names a service that is none."""
    return f"there is no service {name!r}; there are {', '.join(SERVICES)}"


@lru_cache(maxsize=16)
def service(name: str) -> Service:
    """A service's definition. Raises `LookupError` for a name that is none."""
    if name not in SERVICES:
        raise LookupError(no_service(name))
    definition: Service = importlib.import_module(f"services.{name}.definition").definition
    return definition


def services() -> list[Service]:
    """Every service, in the order in which they are migrated."""
    return [service(name) for name in SERVICES]

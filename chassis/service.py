"""What a service is made of, and one as it runs in this process with all of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlmodel import SQLModel

from chassis.clock import Clock, system_clock
from chassis.database.base import ServiceTables
from chassis.errands import Errand
from chassis.feature import Feature
from chassis.imports import Import
from chassis.imports.running import import_jobs
from chassis.jobs import Jobs
from chassis.messaging.handlers import Handlers
from chassis.messaging.republish import Deeds, Snapshots
from chassis.occasions import Effect, Following, Occasion
from chassis.runtime import Runtime
from chassis.security.authority import Authority, Guests
from chassis.security.keys import FetchKeys
from chassis.settings import Settings
from chassis.texts import Texts
from chassis.timers import Timers

Bootstrap = Callable[["RunningService"], Awaitable[Sequence[str]]]
"""What a service must have before its first request, made by the migration step under its lock; returns lines to print."""


@dataclass(frozen=True)
class Service:
    """The definition of a service: its features in order, and what it has besides them.

    Raises `ValueError` where two features add the same thing.
    """

    name: str
    base: type[SQLModel]
    tables: ServiceTables
    migrations: str
    """The package of its Alembic revisions, `services.<name>.migrations`."""
    features: Sequence[Feature]
    authority: Callable[[Runtime], Authority]
    projections: Handlers | None = None
    """Keep what it knows of other services, before any feature takes the same message."""
    texts: Texts | None = None
    """What others read once moderation has decided that they may."""
    publishes: Sequence[str] = ()
    """The topics that this service alone writes."""
    effects: Sequence[Following] = ()
    """What follows what inside the service. Every occasion of its features stands here."""
    bootstrap: Bootstrap | None = None
    keys: Callable[[Runtime], FetchKeys] | None = None
    """How it gets the keys that tokens are checked with; from membership over HTTP unless it keeps them itself."""
    guests: Guests | None = None
    """Whether a guest's invitation stands. A service that does not say lets no guest in."""

    imports: Sequence[Import] = field(init=False)
    routers: Sequence[APIRouter] = field(init=False)
    handlers: Handlers = field(init=False)
    consumers: Mapping[str, Handlers] = field(init=False)
    """By name, who reads the log for it: the service itself, and each further group of its features as `<service>.<group>`."""
    timers: Timers = field(init=False)
    jobs: Jobs = field(init=False)
    errands: Sequence[Errand] = field(init=False)
    republish: Mapping[str, Snapshots] = field(init=False)
    deeds: Sequence[Deeds] = field(init=False)
    _effects: Mapping[Occasion[Any, Any], Sequence[Effect[Any, Any]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Put together what the features add."""
        features = self.features
        _all_different("features", [feature.name for feature in features])
        _all_different("subjects of snapshots", [subject for feature in features for subject in feature.snapshots])
        _all_different("parts of the home", [part.name for feature in features for part in feature.home])
        _all_different("queues of the desk", [queue.code for feature in features for queue in feature.desk])
        _all_different("errands", [one.name for feature in features for one in feature.errands])
        _all_different("occasions", [one.occasion.name for one in self.effects])
        own = [one.handlers for one in (self.texts,) if one is not None]
        handlers = _together(
            [self.projections or Handlers(), *own, *(one for feature in features for one in feature.handlers)]
        )
        imports = [one for feature in features for one in feature.imports]
        jobs = [one for feature in features for one in feature.jobs] + [import_jobs(one) for one in imports]
        timers = [one for feature in features for one in feature.timers]
        timers += [one.timers for one in (self.texts,) if one is not None]
        put = object.__setattr__  # the dataclass is frozen
        put(self, "imports", imports)
        put(self, "routers", [router for feature in features for router in feature.routers])
        put(self, "handlers", handlers)
        put(self, "consumers", {self.name: handlers, **_groups(self.name, features)})
        # The inbox knows a handler by its name, whoever reads for it.
        _all_different("handlers", [handler.name for one in self.consumers.values() for handler in one])
        put(self, "timers", Timers().include(*timers))
        put(self, "jobs", Jobs().include(*jobs))
        put(self, "errands", [one for feature in features for one in feature.errands])
        put(self, "republish", {name: one for feature in features for name, one in feature.snapshots.items()})
        put(self, "deeds", [one for feature in features for one in feature.deeds])
        put(self, "_effects", {one.occasion: one.effects for one in self.effects})

    def effects_of(self, occasion: Occasion[Any, Any]) -> Sequence[Effect[Any, Any]]:
        """What follows an occasion, in order. Raises `LookupError` for one that the definition does not list."""
        if occasion not in self._effects:
            raise LookupError(f"the definition of {self.name} does not say what follows {occasion.name!r}")
        return self._effects[occasion]


def _groups(service: str, features: Sequence[Feature]) -> Mapping[str, Handlers]:
    names = dict.fromkeys(name for feature in features for name in feature.groups)
    return {
        f"{service}.{name}": _together([one for feature in features for one in feature.groups.get(name, ())])
        for name in names
    }


def _together(handlers: Sequence[Handlers]) -> Handlers:
    found = Handlers()
    for one in handlers:
        found.include(one)
    return found


def _all_different(what: str, names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two {what} have the same name: {', '.join(twice)}")


class RunningService(Runtime):
    """A service as it runs in this process, with everything that it is made of."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        database_url: str | None = None,
    ) -> None:
        self.service = service
        super().__init__(
            service.name,
            service.tables,
            settings,
            authority=service.authority,
            keys=service.keys,
            guests=service.guests,
            clock=clock,
            database_url=database_url,
        )

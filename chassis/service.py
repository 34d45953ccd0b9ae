"""What a service is made of, and one as it runs in this process."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import Clock, system_clock
from chassis.database.base import ServiceTables
from chassis.database.engine import Database
from chassis.peers import Peers
from chassis.resolver import MembershipResolver
from chassis.secrets import derived, installation_secret
from chassis.security.authority import Authority
from chassis.security.keys import FetchKeys, KeySet
from chassis.security.tokens import TokenVerifier
from chassis.settings import Settings

if TYPE_CHECKING:
    from chassis.jobs import Jobs
    from chassis.messaging.handlers import Handlers
    from chassis.timers import Timers

Bootstrap = Callable[["Runtime"], Awaitable[Sequence[str]]]
"""What a service must have before its first request, made by the migration step under its lock; returns lines to print."""

Snapshots = Callable[[AsyncSession], AsyncIterator[Any]]
"""Restates everything of one subject as snapshot messages (`qunxue republish`)."""


@dataclass(frozen=True)
class Service:
    """The definition of a service: everything the runner needs to know of it."""

    name: str
    base: type[SQLModel]
    tables: ServiceTables
    migrations: str
    """The package of its Alembic revisions, `services.<name>.migrations`."""
    routers: Sequence[APIRouter]
    handlers: "Handlers"
    timers: "Timers"
    jobs: "Jobs"
    authority: Callable[["Runtime"], Authority]
    publishes: Sequence[str] = ()
    """The topics that this service alone writes."""
    bootstrap: Bootstrap | None = None
    republish: Mapping[str, Snapshots] = field(default_factory=dict)
    keys: Callable[["Runtime"], FetchKeys] | None = None
    """How it gets the keys that tokens are checked with; from membership over HTTP unless it keeps them itself."""


class Runtime:
    """One service as it runs in this process: its settings, database, clock, keys and neighbours."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        database_url: str | None = None,
    ) -> None:
        self.service = service
        self.settings = settings
        self.clock = clock
        self.log = logging.getLogger(f"qunxue.{service.name}")
        self.secret = installation_secret(settings)
        self.cursor_secret = derived(self.secret, "cursors")
        self.database = Database(
            database_url or settings.database_url(service.name),
            service.tables,
            replica_url=settings.replica_url(service.name),
            pool_size=settings.database_pool_size,
            runtime=self,
        )
        self.peers = Peers(service.name, settings, self.secret, clock)
        self.resolver = MembershipResolver(self.peers, clock)
        self.keys = KeySet(service.keys(self) if service.keys else self.peers.fetch_keys)
        self.verifier = TokenVerifier(
            issuer=settings.token_issuer, audience=settings.token_audience, keys=self.keys, clock=clock
        )
        self.authority = service.authority(self)

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    async def close(self) -> None:
        """Let go of connections."""
        await self.peers.close()
        await self.database.dispose()

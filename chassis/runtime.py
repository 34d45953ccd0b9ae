"""One service as it runs in this process, without what it is made of: routes, jobs, timers and handlers stand on this."""

import logging
from collections.abc import Callable

from chassis.admission import Admission
from chassis.clock import Clock, system_clock
from chassis.database.base import ServiceTables
from chassis.database.engine import Database
from chassis.database.lines import Lines
from chassis.files import Files
from chassis.first_sight import FirstSight
from chassis.peers import Peers
from chassis.resolver import MembershipResolver
from chassis.secrets import derived, installation_secret
from chassis.security.authority import Authority, Guests
from chassis.security.keys import FetchKeys, KeySet
from chassis.security.tokens import TokenVerifier
from chassis.settings import Settings
from chassis.turnstile import Turnstile

REST = 3.0
"""A caller whose file or form took long waits three times as long before the next: the processor is there for all."""
JOB_REST = 1.0
"""A job rests less between two pieces of its file: it has its transaction to do meanwhile, and nobody waits for an answer."""
JOB_SHORT = 0.25
"""Seconds: what a batch of an ordinary file takes at most, which is read without a rest."""
JOB_READINGS = 3
"""How many jobs read their files at once: as many as there are lanes."""
INTERPRETATIONS = 2
BATCHES = 4
"""How many files, or forms with answers, are read at once in this process for requests, and how many batches run."""


COUNTINGS = 4
"""How many requests count over long times at once in this process, one of each caller."""
COUNTING_REST = 1.0
COUNTING_SHORT = 1.0
"""Seconds: whoever had the process for longer leaves it to others for as long before their next."""


class Runtime:
    """A service's settings, database, clock, keys and neighbours in this process."""

    def __init__(
        self,
        name: str,
        tables: ServiceTables,
        settings: Settings,
        *,
        authority: Callable[["Runtime"], Authority],
        keys: Callable[["Runtime"], FetchKeys] | None = None,
        guests: Guests | None = None,
        clock: Clock = system_clock,
        database_url: str | None = None,
    ) -> None:
        self.name = name
        self.metadata = tables.metadata
        self.settings = settings
        self.clock = clock
        self.log = logging.getLogger(f"qunxue.{name}")
        self.secret = installation_secret(settings)
        self.cursor_secret = derived(self.secret, "cursors")
        self.address_secret = derived(self.secret, "addresses")
        self.files = Files(settings)
        self.database = Database(
            database_url or settings.database_url(name),
            tables,
            replica_url=settings.replica_url(name),
            pool_size=settings.database_pool_size,
            runtime=self,
        )
        self.peers = Peers(name, settings, self.secret, clock)
        self.resolver = MembershipResolver(self.peers, clock)
        self.keys = KeySet(keys(self) if keys else self.peers.fetch_keys)
        self.verifier = TokenVerifier(
            issuer=settings.token_issuer, audience=settings.token_audience, keys=self.keys, clock=clock
        )
        self.authority = authority(self)
        self.guests = guests
        self.interpreting = Turnstile(INTERPRETATIONS, rest=REST)
        self.job_readings = Turnstile(JOB_READINGS, wait_seconds=None, rest=JOB_REST, short=JOB_SHORT)
        self.batches = Turnstile(BATCHES)
        self.countings = Turnstile(COUNTINGS, rest=COUNTING_REST, short=COUNTING_SHORT)
        self.admission = Admission()
        self.first_sight = FirstSight()

    @property
    def lines(self) -> Lines:
        """Where requests wait for rows that others are changing."""
        return self.database.lines

    async def close(self) -> None:
        """Let go of connections."""
        await self.peers.close()
        await self.database.dispose()

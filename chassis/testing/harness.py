"""One service under test: its API through ASGI, its handlers through the real inbox, its timers and jobs by hand."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import UUID

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fastapi import FastAPI
from sqlalchemy import Table, func, select

from chassis.database.migrations import migrate
from chassis.database.statements import Prepared
from chassis.ids import new_id
from chassis.job_running import run_next
from chassis.messaging.codec import encode
from chassis.messaging.dead_letters import list_dead_letters
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch, Delivery, Message, Received
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.security.tokens import TokenIssuer, TokenVerifier
from chassis.service import RunningService, Service
from chassis.settings import Settings
from chassis.testing.answers import declared_by
from chassis.testing.clock import SettableClock
from chassis.web.app import create_app
from contracts.base import IntegrationEvent

KEY_ID = "test-key"
JOB_OWNER = "test-worker"
_ALWAYS = timedelta(days=4000)


@dataclass(frozen=True)
class Published:
    """A message in the outbox, decoded."""

    id: UUID
    type: str
    subject: str
    version: int
    occurred_at: datetime
    partition_key: str
    actor: str
    backfill: bool
    data: dict[str, Any]


class Harness:
    """A service with a database at the head of its migrations. An async context manager.

    Callers' tokens are signed with the harness's own key; `real_keys` leaves the service's own verification in place. Every answer
    is held against what its operation declares, unless `held` is false: a benchmark measures the answer alone. A database that is
    `migrated` is not looked at again.
    """

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        database_url: str | None = None,
        clock: SettableClock | None = None,
        real_keys: bool = False,
        held: bool = True,
        migrated: bool = False,
    ) -> None:
        self._held = held
        self._migrated = migrated
        self.clock = clock or SettableClock()
        # Nobody publishes here: whoever waited for room would wait for ever.
        settings = settings.model_copy(update={"history_outbox_rows": 1_000_000})
        self.runtime = RunningService(service, settings, clock=self.clock, database_url=database_url)
        self._key = Ed25519PrivateKey.generate()
        self.issuer = TokenIssuer(settings.token_issuer, settings.token_audience, KEY_ID, self._key)
        if not real_keys:
            self.runtime.verifier = TokenVerifier(
                issuer=settings.token_issuer, audience=settings.token_audience, keys=self._own_key, clock=self.clock
            )
        self.app: FastAPI = create_app(self.runtime)
        self._clients: list[httpx.AsyncClient] = []
        self._dispatchers = {
            name: Dispatcher(self.runtime.database, handlers, name, clock=self.clock)
            for name, handlers in service.consumers.items()
        }
        self._offset = 0
        self.dead_letters_expected = 0

    async def __aenter__(self) -> Self:
        if not self._migrated:
            await migrate(self.runtime.database, self.runtime.service)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for client in self._clients:
            await client.aclose()
        await self.runtime.close()

    # --- requests ---------------------------------------------------------------------------------------------------

    def anonymous(self) -> httpx.AsyncClient:
        """A client without a token, reading English."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://test",
            headers={"Accept-Language": "en"},
            event_hooks={"response": [self._hold] if self._held else []},
        )
        self._clients.append(client)
        return client

    async def _hold(self, response: httpx.Response) -> None:
        await declared_by(self.runtime.service.name, self.app).hold(response)

    def as_(self, caller: Caller) -> httpx.AsyncClient:
        """A client with a caller's token."""
        # Good for years: tests move the clock. People have always just proved who they are, unless a test says when.
        if caller.kind == "person" and caller.proved_at is None:
            caller = replace(caller, proved_at=self.clock() + _ALWAYS, methods=frozenset({"pwd"}))
        token, _ = self.issuer.issue(caller, now=self.clock() - timedelta(days=1), lifetime=_ALWAYS)
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def as_person(self, person_id: UUID | None = None, *, platform: Iterable[str] = ()) -> httpx.AsyncClient:
        """A client of a person with the given platform roles."""
        scopes = frozenset(PLATFORM_SCOPE + role for role in platform)
        return self.as_(Caller(kind="person", id=person_id or new_id(), session_id=new_id(), scopes=scopes))

    def as_service(
        self, *scopes: str, communities: Iterable[UUID] | None = None, account_id: UUID | None = None
    ) -> httpx.AsyncClient:
        """A client of a service account with these scopes; in every community unless some are named."""
        return self.as_(
            Caller(
                kind="service",
                id=account_id or new_id(),
                session_id=new_id(),
                scopes=frozenset(scopes),
                community_ids=None if communities is None else frozenset(communities),
            )
        )

    def as_guest(
        self, activity_id: UUID, *, invitation_id: UUID | None = None, link_id: UUID | None = None
    ) -> httpx.AsyncClient:
        """A client of a guest of one activity."""
        return self.as_(
            Caller(kind="guest", id=invitation_id or new_id(), session_id=link_id or new_id(), activity_id=activity_id)
        )

    @property
    def public_key(self) -> bytes:
        """What another process verifies the callers' tokens by."""
        return self._key.public_key().public_bytes_raw()

    # --- messages ---------------------------------------------------------------------------------------------------

    async def deliver(self, *received: Received[Any], times: int = 1) -> None:
        """Hand messages to the service's handlers as its consumers do, codec and inbox included; all in one batch, `times` over.

        Raises AssertionError when one ends among the dead letters, unless `dead_letters_expected` allows for it.
        """
        for _ in range(times):
            deliveries = [_delivery(message, self._next_offset()) for message in received]
            for name, dispatcher in self._dispatchers.items():
                routes = self.runtime.service.consumers[name].routes
                if name == self.runtime.name or any(message.type in routes for message in received):
                    await dispatcher.apply(Batch(deliveries, {}, {}))
        async with self.runtime.database.reading() as session:
            count = await _dead_letters(self.runtime.service.tables.messaging.dead_letters).first(session)
            letters = await list_dead_letters(session) if count != self.dead_letters_expected else []
        if len(letters) > self.dead_letters_expected:
            raise AssertionError(f"dead letter: {letters[-1].reason}: {letters[-1].detail}")

    async def published(self, type_part: str = "") -> list[Published]:
        """What the outbox holds, in order; of the types that contain `type_part`."""
        outbox = self.runtime.service.tables.messaging.outbox
        async with self.runtime.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.seq))).all()
        return [
            Published(
                id=row.id,
                type=row.type,
                subject=row.aggregateid,
                version=row.aggregateversion,
                occurred_at=row.occurred_at,
                partition_key=row.partitionkey,
                actor=row.actorid,
                backfill=row.backfill,
                data=orjson.loads(row.payload),
            )
            for row in rows
            if type_part in row.type
        ]

    # --- the clock's and the worker's work --------------------------------------------------------------------------

    async def run_timers(self) -> int:
        """Apply every timer that is due by the harness's clock."""
        return await self.runtime.service.timers.run_due(self.runtime, limit=1000)

    async def run_jobs(self) -> None:
        """Do every queued job to its end."""
        while await run_next(self.runtime.service.jobs, self.runtime, owner=JOB_OWNER):
            pass

    async def run_errands(self) -> None:
        """Do what is due outside, where the settings say how."""
        for errand in self.runtime.service.errands:
            if errand.is_wanted(self.runtime):
                await errand.run_due(self.runtime, asyncio.Event())

    def _next_offset(self) -> int:
        self._offset += 1
        return self._offset

    async def _own_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self._key.public_key() if key_id == KEY_ID else None


@cache
def _dead_letters(table: Table) -> Prepared[int]:
    return Prepared(select(func.count()).select_from(table).where(table.c.replayed_at.is_(None)))


def received(
    event: IntegrationEvent,
    *,
    occurred_at: datetime,
    version: int = 1,
    id_: UUID | None = None,
    backfill: bool = False,
    actor: str = "system",
    recorded_at: datetime | None = None,
) -> Received[Any]:
    """A message as a consumer would hand it on."""
    return Received(
        id=id_ or new_id(),
        type=event.TYPE,
        source=event.SOURCE,
        subject=event.subject(),
        occurred_at=occurred_at,
        version=version,
        community_id=event.community(),
        actor=actor,
        recorded_at=recorded_at or occurred_at,
        backfill=backfill,
        data=event,
        topic=event.TOPIC,
        partition=0,
        offset=0,
    )


def _delivery(message: Received[Any], offset: int) -> Delivery:
    record = encode(
        Message(
            id=str(message.id),
            source=message.source,
            type=message.type,
            subject=message.subject,
            occurred_at=message.occurred_at,
            partition_key=message.data.partition_key(),
            version=message.version,
            recorded_at=message.recorded_at,
            actor=message.actor,
            data=message.data.to_json().encode(),
            community_id=message.community_id,
            backfill=message.backfill,
        ),
        message.topic,
    )
    return Delivery(message.topic, 0, offset, record.key, record.value, record.headers)

"""A channel of the tests, which says what it is told to say, and who leaves messages for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.membership.deliveries.channels import Content, Message, Outcome, Outlet, Taken
from services.membership.deliveries.models import Delivery
from services.membership.deliveries.occasions import Ended, Later, Pointless, Sending
from services.membership.deliveries.rules import Kind
from services.membership.deliveries.service import Parcel, leave
from tests.service.membership.scene import Scene

CHANNEL = "pigeon"


@dataclass
class Pigeons:
    """Takes what it gets unless `answers` has something else to say."""

    sent: list[Message] = field(default_factory=list)
    answers: Callable[[Message], Outcome | Awaitable[Outcome]] = lambda _message: Taken()
    rests: int = 0

    async def send(self, message: Message) -> Outcome:
        self.sent.append(message)
        said = self.answers(message)
        return said if isinstance(said, Outcome) else await said

    async def rest(self) -> None:
        self.rests += 1


@dataclass
class Post:
    """The service with a channel of its own. `says` answers what a message says when its turn comes."""

    scene: Scene
    pigeons: Pigeons = field(default_factory=Pigeons)
    says: Callable[[Sending], Content | Later | Pointless | None] | None = None
    ended: list[Ended] = field(default_factory=list)
    turns: list[Sending] = field(default_factory=list)
    addresses: dict[UUID, str | None] = field(default_factory=dict)

    @property
    def outlet(self) -> Outlet:
        return Outlet(CHANNEL, lambda _runtime: True, lambda _runtime: self.pigeons, self._address)

    async def _address(self, _session: AsyncSession, person_id: UUID) -> str | None:
        return self.addresses.get(person_id, f"loft-{person_id}")

    async def write(self, _session: AsyncSession, turn: Sending) -> Content | Later | Pointless | None:
        self.turns.append(turn)
        return self.says(turn) if self.says else Content("en", "News", [str(turn.subject_id)])

    async def note(self, _session: AsyncSession, what: Ended) -> None:
        self.ended.append(what)

    async def leave(
        self,
        *names: str,
        kind: Kind = "notification",
        due: timedelta = timedelta(0),
        lasts: timedelta = timedelta(days=7),
        secret: bytes | None = None,
    ) -> list[UUID]:
        """A message for each of these people; what they are about."""
        now = self.scene.harness.clock()
        for name in names:
            await self.scene.client(name)
        parcels = [
            Parcel(CHANNEL, self.scene.people[name], kind, new_id(), now + due, now + due + lasts, secret)
            for name in names
        ]
        async with self.scene.harness.runtime.database.transaction() as session:
            await leave(session, parcels, now)
        return [one.subject_id for one in parcels]

    async def rows(self) -> dict[UUID, Delivery]:
        """All there is, by what it is about."""
        async with self.scene.harness.runtime.database.reading() as session:
            found = (await session.execute(select(Delivery).order_by(col(Delivery.id)))).scalars()
            return {row.subject_id: row for row in found}

    async def state(self, subject_id: UUID) -> str:
        return (await self.rows())[subject_id].state

    def later(self, by: timedelta) -> datetime:
        return self.scene.harness.clock.advance(by)

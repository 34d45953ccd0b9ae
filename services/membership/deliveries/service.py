"""Leaving messages to be sent, taking them back, and which addresses were refused."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Table, delete, exists, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.database.context import context_of
from chassis.database.statements import upsert
from chassis.secrets import hash_of, seal, unseal
from services.membership.deliveries import queries
from services.membership.deliveries.models import AddressRefusal, Delivery
from services.membership.deliveries.occasions import AddressRefused, address_refused
from services.membership.deliveries.rules import Kind

GONE = "read_or_gone"
"""Why a message did not go: it was read, or is not to be read any more."""
_WITHIN = ((min, "due_at"), (max, "lapses_at"))
"""Of several messages; when one of them goes is looked at again when it is due."""
_PURPOSE = "deliveries"
_DELIVERIES: Table = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to leave: `subject_id` is what it is about, from which its own id follows. `secret` is kept sealed until it is sent.

    With `news` it is a message of its own about its subject, and goes instead of what waits about it.
    """

    channel: str
    person_id: UUID
    kind: Kind
    subject_id: UUID
    due_at: datetime
    lapses_at: datetime
    secret: bytes | None = field(default=None, repr=False)
    news: str = ""


def delivery_id(channel: str, kind: str, subject_id: UUID, news: str = "") -> UUID:
    """The id of the message about something, or what is new of it, through a channel: the same however often it is left."""
    named = f":{news}" if news else ""
    return uuid5(NAMESPACE_URL, f"urn:qunxue:delivery:{channel}:{kind}:{subject_id}{named}")


async def leave(session: AsyncSession, parcels: Sequence[Parcel], now: datetime) -> int:
    """Leave messages to be sent once the transaction commits; how many are new.

    Those that were left before stay as they are, but for what came due when it was not there to be read, and is now.
    """
    secret = context_of(session).runtime.secret
    rows = {}
    for parcel in parcels:
        key = delivery_id(parcel.channel, parcel.kind, parcel.subject_id, parcel.news)
        rows[key] = {
            "id": key,
            "channel": parcel.channel,
            "person_id": parcel.person_id,
            "kind": parcel.kind,
            "subject_id": parcel.subject_id,
            "state": "waiting",
            "due_at": parcel.due_at,
            "next_at": parcel.due_at,
            "lapses_at": parcel.lapses_at,
            "attempts": 0,
            "sealed": None
            if parcel.secret is None
            else b64encode(seal(secret, _PURPOSE, str(key), parcel.secret)).decode(),
            "created_at": now,
        }
    await _take_back(session, [one for one in parcels if one.news], rows.keys(), now)
    new = await insert_new(session, _DELIVERIES, [rows[key] for key in sorted(rows)], key=["id"])
    known = sorted(rows.keys() - {key for (key,) in new})
    if known:
        due_at, lapses_at = (pick(getattr(one, name) for one in parcels) for pick, name in _WITHIN)
        again = {"state": "waiting", "code": None, "ended_at": None, "attempts": 0}
        await session.execute(
            update(_DELIVERIES)
            .where(
                among(session, _DELIVERIES.c.id, known), _DELIVERIES.c.state == "withdrawn", _DELIVERIES.c.code == GONE
            )
            .values(**again, due_at=due_at, next_at=due_at, lapses_at=lapses_at)
        )
    context_of(session).errand_left = True
    return len(new)


def opened(session: AsyncSession, key: UUID, sealed: str | None) -> bytes | None:
    """What a message was left with. Raises `SealBroken` where the installation's secret is another now."""
    if sealed is None:
        return None
    return unseal(context_of(session).runtime.secret, _PURPOSE, str(key), b64decode(sealed))


async def withdraw(session: AsyncSession, kind: Kind, subject_ids: Collection[UUID], now: datetime) -> None:
    """Take back what waits about these things. What is on its way just now may arrive."""
    if subject_ids:
        await session.execute(
            update(_DELIVERIES)
            .where(queries.of_subjects(kind, sorted(subject_ids)))
            .values(state="withdrawn", ended_at=now, sealed=None, lease_owner=None)
        )


async def _take_back(session: AsyncSession, newer: Sequence[Parcel], kept: Collection[UUID], now: datetime) -> None:
    """What waits about the same through the same channel is out of date."""
    subjects: dict[tuple[str, Kind], list[UUID]] = {}
    for one in newer:
        subjects.setdefault((one.channel, one.kind), []).append(one.subject_id)
    for (channel, kind), ids in sorted(subjects.items()):
        older = (queries.of_subjects(kind, sorted(ids)), _DELIVERIES.c.channel == channel)
        await session.execute(
            update(_DELIVERIES)
            .where(*older, _DELIVERIES.c.id.not_in(sorted(kept)))
            .values(state="withdrawn", code="replaced", ended_at=now, sealed=None, lease_owner=None)
        )


async def note_refusal(
    session: AsyncSession, person_id: UUID, channel: str, address: str, code: str, now: datetime
) -> None:
    """Note that nothing will ever arrive at an address, and tell; the next one counts as new."""
    known = await refused_address(session, person_id, channel, address)
    said = {"address_hash": hash_of(address), "code": code, "at": now}
    await session.execute(
        upsert(session, AddressRefusal.__table__)  # type: ignore[attr-defined]
        .values(person_id=person_id, channel=channel, **said)
        .on_conflict_do_update(index_elements=["person_id", "channel"], set_=said)
    )
    if known is None:
        await address_refused.happened(session, AddressRefused(channel, person_id, now))


async def forget_refusal(session: AsyncSession, person_id: UUID, channel: str, arrived: Any) -> None:
    """Forget it if a code `arrived` that was left for somebody at this moment, which may be a statement: they have it."""
    left = select(col(Delivery.id)).where(
        col(Delivery.person_id) == person_id,
        col(Delivery.channel) == channel,
        col(Delivery.kind) == "code",
        col(Delivery.created_at) == arrived,
    )
    await session.execute(
        delete(AddressRefusal).where(
            col(AddressRefusal.person_id) == person_id, col(AddressRefusal.channel) == channel, exists(left)
        )
    )


async def refused_address(
    session: AsyncSession, person_id: UUID, channel: str, address: str | None
) -> AddressRefusal | None:
    """What the channel said of the address that a person has now, if it refused it for good."""
    found = None if address is None else await queries.refusal(session, person_id, channel)
    return found if found is not None and address is not None and found.address_hash == hash_of(address) else None

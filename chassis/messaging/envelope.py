"""A message and its envelope: the CloudEvents attributes, and the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.base import OURS

RESTRICTED = ".restricted"

DataT_co = TypeVar("DataT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it travels; `data` is JSON, not yet parsed."""

    id: str
    source: str
    type: str
    subject: str
    occurred_at: datetime
    """CloudEvents' `time`: when it happened, which may be long before it was recorded."""
    partition_key: str
    version: int
    """`aggregateversion`: the how-manieth message its source published for this subject."""
    recorded_at: datetime
    actor: str
    """Who sent the request: `person:<uuid>`, `service:<uuid>`, `guest:<uuid>` or `system`; who did the deed stands in the data."""
    data: bytes
    community_id: UUID | None = None
    backfill: bool = False
    traceparent: str | None = None


@dataclass(slots=True)
class Received(Generic[DataT_co]):
    """A message as a handler sees it; `id` is what the inbox knows it by."""

    id: UUID
    type: str
    source: str
    subject: str
    occurred_at: datetime
    version: int
    community_id: UUID | None
    actor: str
    recorded_at: datetime
    backfill: bool
    data: DataT_co
    topic: str
    partition: int
    offset: int
    traceparent: str | None = None


class TopicPartition(NamedTuple):
    """One ordered part of a topic."""

    topic: str
    partition: int


Headers = tuple[tuple[str, bytes], ...]


class Record(NamedTuple):
    """What a producer appends. `id`: the local log appends it once; None: as often as it is given."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers
    id: str | None = None


class Delivery(NamedTuple):
    """What a consumer is given: the bytes as they lie in the log, and where."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Headers


class Batch(NamedTuple):
    """What one poll brought.

    `positions`: where each partition goes on once all this is applied. `marks`: up to when everything that the topic's
    owner recorded has been delivered, this batch included. `begins`: where the reading of each partition began, of logs in which a
    place follows the one before.
    """

    deliveries: list[Delivery]
    positions: Mapping[TopicPartition, int]
    marks: Mapping[TopicPartition, datetime]
    begins: Mapping[TopicPartition, int] = {}


@lru_cache(maxsize=64)
def owner_of(topic: str) -> str:
    """The only source that may write to a topic: `qunxue.membership.restricted` belongs to `/qunxue/membership`."""
    return "/" + "/".join(topic.split(".")[:2])


def is_ours(topic: str) -> bool:
    """Whether a service of the product writes the topic; the others come in from other systems of the company."""
    return topic.startswith(f"{OURS}.")


def is_restricted(topic: str) -> bool:
    """Whether the services alone may read the topic."""
    return topic.endswith(RESTRICTED)


def inbox_id(source: str, message_id: str) -> UUID:
    """What the inbox knows a message by.

    Our own services' ids are UUIDs. Ids of others are unique only together with their source, and must not be able to
    stand for one of ours, so they are hashed with it.
    """
    if source.startswith("/qunxue/"):
        try:
            return UUID(message_id)
        except ValueError:
            pass
    return uuid5(NAMESPACE_URL, f"{source}\n{message_id}")

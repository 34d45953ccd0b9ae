"""CloudEvents 1.0 in binary mode over Kafka: attributes as `ce_` headers, the data as the value.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from chassis.bounds import FIRST_YEAR, GREATEST_INTEGER, LAST_YEAR, is_moment
from chassis.messaging.envelope import Delivery, Headers, Message, Received, Record, inbox_id, owner_of
from chassis.messaging.errors import (
    UNREADABLE_BATCH,
    BadEncoding,
    BadEnvelope,
    BadJson,
    TooDeep,
    UndecodableError,
    Unreadable,
    WrongSchema,
    WrongSource,
)
from chassis.strict_json import JsonRefused, parse
from contracts.base import IntegrationEvent

EventT = TypeVar("EventT", bound=IntegrationEvent)

_CONTENT_TYPE = ("content-type", b"application/json")
_SPEC_VERSION = ("ce_specversion", b"1.0")
_TRUE = b"true"
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands in the name of a header for bytes that are no UTF-8."""
_LONGEST = 255
"""Of an attribute, in characters: what the columns hold in which they are kept."""
_SHARED_BYTES = 16 * 1024
"""Data longer than this is not kept for the next consumer."""
_REFUSALS: dict[str, type[UndecodableError]] = {"not_utf8": BadEncoding, "too_deep": TooDeep}


def encode(message: Message, topic: str) -> Record:
    """The record that carries a message."""
    headers = [
        _CONTENT_TYPE,
        _SPEC_VERSION,
        ("ce_id", message.id.encode()),
        ("ce_source", message.source.encode()),
        ("ce_type", message.type.encode()),
        ("ce_time", _timestamp(message.occurred_at)),
        ("ce_subject", message.subject.encode()),
        ("ce_partitionkey", message.partition_key.encode()),
        ("ce_actorid", message.actor.encode()),
        ("ce_aggregateversion", str(message.version).encode()),
        ("ce_recordedtime", _timestamp(message.recorded_at)),
    ]
    if message.community_id is not None:
        headers.append(("ce_communityid", str(message.community_id).encode()))
    if message.backfill:
        headers.append(("ce_backfill", _TRUE))
    if message.traceparent:
        headers.append(("ce_traceparent", message.traceparent.encode()))
    return Record(topic, message.partition_key.encode(), message.data, tuple(headers), message.id)


def type_of(delivery: Delivery) -> str:
    """The type alone, to skip what nobody handles without decoding it; raises WrongSource unless the topic's owner sent it, under
    a type of its own.
    """
    headers = dict(delivery.headers)
    if UNREADABLE_BATCH in headers:
        raise Unreadable((headers[UNREADABLE_BATCH] or b"").decode("utf-8", "replace"))
    source, type_name = headers.get("ce_source") or b"", headers.get("ce_type") or b""
    owner, prefix = _rights(delivery.topic)
    if source != owner:
        raise WrongSource(f"{_shown(source)} does not own the topic {delivery.topic}")
    if not type_name.startswith(prefix):
        raise WrongSource(f"the type {_shown(type_name)} does not belong to {owner_of(delivery.topic)}")
    return type_name.decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _rights(topic: str) -> tuple[bytes, bytes]:
    """The only source that may write to a topic, and what its types begin with."""
    owner = owner_of(topic)
    return owner.encode(), (owner[1:].replace("/", ".") + ".").encode()


def decode_envelope(delivery: Delivery) -> Message:
    """The envelope of a delivered record; raises BadEnvelope, naming the attribute.

    Like the data, it is decoded once where consumers share a process.
    """
    read = _shared_envelope if len(delivery.value) <= _SHARED_BYTES else _read_envelope
    return read(tuple(delivery.headers), delivery.value)


def _read_envelope(given: Headers, data: bytes) -> Message:
    headers = dict(given)
    if UNREADABLE in "".join(headers):
        raise BadEnvelope("the name of a header is not UTF-8")
    content_type = headers.get("content-type") or b""
    if not content_type.startswith(b"application/json"):
        raise BadEnvelope(f"content-type is {_shown(content_type)}: only binary mode with JSON data is read")
    if headers.get("ce_specversion") != b"1.0":
        raise BadEnvelope(f"ce_specversion is {_shown(headers.get('ce_specversion'))}, not 1.0")
    try:
        attributes = {name: value.decode() for name, value in headers.items() if name.startswith("ce_")}
    except (UnicodeDecodeError, AttributeError):
        raise BadEnvelope("an attribute is not UTF-8") from None
    if any(len(value) > _LONGEST or "\0" in value for value in attributes.values()):
        raise BadEnvelope(f"an attribute is longer than {_LONGEST} characters or holds U+0000")
    return _envelope(attributes, data)


_shared_envelope = lru_cache(maxsize=1024)(_read_envelope)


def _envelope(attributes: dict[str, str], data: bytes) -> Message:
    try:
        occurred_at = _moment(attributes["ce_time"])
        recorded = attributes.get("ce_recordedtime")
        community = attributes.get("ce_communityid")
        subject = attributes.get("ce_subject", "")
        return Message(
            id=attributes["ce_id"],
            source=attributes["ce_source"],
            type=attributes["ce_type"],
            subject=subject,
            occurred_at=occurred_at,
            partition_key=attributes.get("ce_partitionkey", subject),
            version=_version(attributes.get("ce_aggregateversion", "0")),
            recorded_at=_moment(recorded) if recorded else occurred_at,
            actor=attributes.get("ce_actorid", "system"),
            data=data,
            community_id=_community(community) if community else None,
            backfill=attributes.get("ce_backfill") == "true",
            traceparent=attributes.get("ce_traceparent"),
        )
    except KeyError as missing:
        raise BadEnvelope(f"{missing.args[0]} is missing") from None
    except ValueError as wrong:
        raise BadEnvelope(f"an attribute is malformed: {wrong}") from None


def decode_data(event_class: type[EventT], data: bytes) -> EventT:
    """The data of a message; raises BadEncoding, BadJson, TooDeep or WrongSchema, saying where it is wrong.

    It is frozen, and consumers that share a process share it: each message is decoded once there.
    """
    shared: EventT = _shared(event_class, data) if len(data) <= _SHARED_BYTES else _decode(event_class, data)
    return shared


def _decode(event_class: type[EventT], data: bytes) -> EventT:
    try:
        parse(data)
    except JsonRefused as refused:
        raise _REFUSALS.get(refused.code, BadJson)(refused.detail) from None
    try:
        return event_class.model_validate_json(data)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False, include_context=True)
    # Positions and kinds only: the values may be personal, and dead letters are read by operators.
    where = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'data'}: {e['msg']}" for e in errors[:5])
    raise WrongSchema(where)


_shared = lru_cache(maxsize=1024)(_decode)


def receive(delivery: Delivery, message: Message, event_class: type[EventT]) -> Received[EventT]:
    """A message with its data parsed, as handlers take it."""
    if message.source != event_class.SOURCE or delivery.topic != event_class.TOPIC:
        raise WrongSource(f"{event_class.TYPE} belongs on {event_class.TOPIC}, by {event_class.SOURCE}")
    return Received(
        id=inbox_id(message.source, message.id),
        type=message.type,
        source=message.source,
        subject=message.subject,
        occurred_at=message.occurred_at,
        version=message.version,
        community_id=message.community_id,
        actor=message.actor,
        recorded_at=message.recorded_at,
        backfill=message.backfill,
        data=decode_data(event_class, message.data),
        topic=delivery.topic,
        partition=delivery.partition,
        offset=delivery.offset,
        traceparent=message.traceparent,
    )


def _timestamp(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()


def moment_of(attribute: bytes | None) -> datetime | None:
    """The moment in an attribute, in UTC; None where there is none, or none that a calendar can hold."""
    try:
        return _moment(attribute.decode()) if attribute else None
    except ValueError:
        return None


def recorded_at(delivery: Delivery) -> datetime | None:
    """When a delivery's message was committed by its sender, without decoding the rest; None where it does not say."""
    return next((moment_of(value) for name, value in delivery.headers if name == "ce_recordedtime"), None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    if not is_moment(moment):
        raise ValueError(f"{text} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _version(text: str) -> int:
    if not text.isdecimal() or int(text[:20]) > GREATEST_INTEGER or len(text) > 20:
        raise ValueError("aggregateversion is no count")
    return int(text)


# There are few, and each comes again and again.
_community = lru_cache(maxsize=1024)(UUID)


def _shown(value: bytes | None) -> str:
    return "absent" if value is None else repr(value[:100].decode("utf-8", "replace"))

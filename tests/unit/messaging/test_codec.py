"""CloudEvents in binary mode: what we write others read, what others write we read, and what is wrong is named."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from chassis.messaging.codec import UNREADABLE, decode_data, decode_envelope, encode, receive, type_of
from chassis.messaging.envelope import Delivery, Message, Record, inbox_id, owner_of
from chassis.messaging.errors import BadEncoding, BadEnvelope, BadJson, TooDeep, WrongSchema, WrongSource
from tests.support.messaging import TOPIC, ThingCounted, a_record

THING = UUID(int=7)
TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=30)
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=datetime(2011, 1, 1), max_value=datetime(2035, 1, 1))  # noqa: DTZ001

MESSAGES = st.builds(
    Message,
    id=st.uuids().map(str),
    source=st.just("/qunxue/testing"),
    type=st.just(ThingCounted.TYPE),
    subject=TEXT,
    occurred_at=MOMENTS,
    partition_key=TEXT,
    version=st.integers(1, 2**31),
    recorded_at=MOMENTS,
    actor=st.just("system"),
    data=st.just(b'{"a": 1}'),
    community_id=st.none() | st.uuids(),
    backfill=st.booleans(),
    traceparent=st.none() | st.just("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
)


def delivered(record: Record) -> Delivery:
    return Delivery(record.topic, 3, 42, record.key, record.value, record.headers)


def a_delivery(**changes: Any) -> Delivery:
    return delivered(a_record(ThingCounted(thing_id=THING, amount=1), **changes))


def without(delivery: Delivery, name: str) -> Delivery:
    return delivery._replace(headers=tuple(header for header in delivery.headers if header[0] != name))


def replacing(delivery: Delivery, name: str, value: bytes) -> Delivery:
    return delivery._replace(headers=(*without(delivery, name).headers, (name, value)))


@given(MESSAGES)
def test_what_is_encoded_is_decoded_the_same(message: Message):
    assert decode_envelope(delivered(encode(message, TOPIC))) == message


@given(MESSAGES)
def test_the_official_library_reads_what_we_write(message: Message):
    record = encode(message, TOPIC)
    event = from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat(), CloudEvent)
    assert event.get_id() == message.id
    assert event.get_source() == message.source
    assert event.get_type() == message.type
    assert event.get_subject() == message.subject
    assert event.get_time() == message.occurred_at
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {"a": 1}
    assert event.get_extension("partitionkey") == message.partition_key
    assert event.get_extension("aggregateversion") == str(message.version)


def test_we_read_what_the_official_library_writes():
    event = CloudEvent(
        attributes={
            "id": str(uuid4()),
            "source": "/qunxue/testing",
            "type": ThingCounted.TYPE,
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "subject": str(THING),
            "time": datetime(2026, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=8))),
            "partitionkey": str(THING),
            "aggregateversion": "3",
        },
        data={"thing_id": str(THING), "amount": 5},
    )
    written = to_binary(event, JSONFormat())
    delivery = Delivery(TOPIC, 0, 1, str(THING).encode(), bytes(written.value), tuple(written.headers.items()))
    received = receive(delivery, decode_envelope(delivery), ThingCounted)
    assert received.data == ThingCounted(thing_id=THING, amount=5)
    assert received.occurred_at == datetime(2026, 3, 3, 21, 6, tzinfo=UTC)
    assert received.version == 3


@pytest.mark.parametrize("attribute", ["ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion", "content-type"])
def test_a_missing_attribute_is_named(attribute: str):
    with pytest.raises(BadEnvelope, match=attribute):
        decode_envelope(without(a_delivery(), attribute))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-01T00:00:00"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
        ("ce_time", b"9999-12-31T23:59:59-14:00"),
        ("ce_time", b"1899-12-31T23:59:59Z"),
        ("ce_time", b"2201-01-01T00:00:00Z"),
        ("ce_recordedtime", b"0001-01-01T00:00:00+14:00"),
        ("ce_aggregateversion", b"many"),
        ("ce_aggregateversion", b"-1"),
        ("ce_aggregateversion", b"9223372036854775808"),
        ("ce_aggregateversion", b"9" * 5000),
        ("ce_id", b"a\x00b"),
        ("ce_subject", b"x" * 256),
        ("ce_communityid", b"7"),
        ("ce_subject", b"\xff\xfe"),
        ("ce_specversion", b"0.3"),
        ("content-type", b"application/cloudevents+json"),
    ],
)
def test_a_malformed_attribute_is_refused(attribute: str, value: bytes):
    with pytest.raises(BadEnvelope):
        decode_envelope(replacing(a_delivery(), attribute, value))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"thing_id": "\xff"}', BadEncoding),
        (b'{"thing_id": ', BadJson),
        (b"", BadJson),
        (b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", TooDeep),
        (b'{"thing_id": "7"}', WrongSchema),
        (b"[1, 2]", WrongSchema),
        (b"null", WrongSchema),
        (b'{"thing_id": "%s", "amount": 1, "amount": 2}', BadJson),
        (b'{"thing_id": "%s", "amount": 1, "x": NaN}', BadJson),
        (b'{"thing_id": "%s", "amount": 1, "x": "\\u0000"}', BadJson),
        (b'{"thing_id": "%s", "amount": 1, "x": "\\ud800"}', BadJson),
        (b'{"thing_id": "%s", "amount": 9223372036854775808}', BadJson),
    ],
)
def test_bad_data_has_a_precise_reason(data: bytes, error: type[Exception]):
    with pytest.raises(error):
        decode_data(ThingCounted, data.replace(b"%s", str(THING).encode()))


def test_a_wrong_schema_says_where_and_not_what():
    with pytest.raises(WrongSchema) as refused:
        decode_data(ThingCounted, b'{"thing_id": "wang@example.com", "amount": 1}')
    assert "thing_id" in str(refused.value)
    assert "wang@example.com" not in str(refused.value)


def test_unknown_fields_and_attributes_are_ignored():
    delivery = replacing(
        a_delivery(data=b'{"thing_id": "%s", "amount": 1, "new": [1]}' % str(THING).encode()), "ce_new", b"x"
    )
    assert receive(delivery, decode_envelope(delivery), ThingCounted).data.amount == 1


def test_a_topic_belongs_to_one_source():
    type_of(a_delivery())
    with pytest.raises(WrongSource, match="does not own"):
        type_of(a_delivery(source="/qunxue/gamification"))
    with pytest.raises(WrongSource, match="does not belong"):
        type_of(a_delivery(type="qunxue.gamification.points.awarded.v1"))
    with pytest.raises(WrongSource):
        type_of(without(a_delivery(), "ce_source"))


def test_a_type_that_looks_like_the_owners_is_refused():
    with pytest.raises(WrongSource):
        type_of(a_delivery(type="qunxue.testingly.thing.counted.v1"))


def test_a_type_of_the_restricted_topic_is_refused_on_the_open_one():
    delivery = a_delivery()._replace(topic="qunxue.testing.restricted")
    with pytest.raises(WrongSource, match="belongs on"):
        receive(delivery, decode_envelope(delivery), ThingCounted)


def test_owners_of_topics():
    assert owner_of("qunxue.membership") == owner_of("qunxue.membership.restricted") == "/qunxue/membership"
    assert owner_of("corporate.hr") == "/corporate/hr"


def test_a_foreign_id_cannot_stand_for_one_of_ours():
    ours = str(uuid4())
    assert inbox_id("/qunxue/membership", ours) == UUID(ours)
    assert inbox_id("/corporate/hr", ours) != UUID(ours)
    assert inbox_id("/corporate/hr", "17") == inbox_id("/corporate/hr", "17") != inbox_id("/corporate/lms", "17")


def test_the_type_is_read_without_decoding():
    assert type_of(a_delivery()) == ThingCounted.TYPE


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(BadEnvelope, match="name of a header"):
        decode_envelope(replacing(a_delivery(), UNREADABLE * 2, b"x"))


def test_consumers_that_share_a_process_share_what_was_decoded_unless_it_is_long():
    data = b'{"thing_id": "%s", "amount": 1}' % str(THING).encode()
    once, again = (decode_data(ThingCounted, bytes(bytearray(data))) for _ in range(2))
    assert once is again
    long = data + b" " * 20_000
    once, again = (decode_data(ThingCounted, bytes(bytearray(long))) for _ in range(2))
    assert once == again
    assert once is not again

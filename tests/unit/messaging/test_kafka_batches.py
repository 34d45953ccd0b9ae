"""Batches of Kafka that cannot be read become one record each; what follows them is read."""

import struct
from collections.abc import Sequence
from typing import Any

import kafka
import pytest
from kafka import codec as codecs
from kafka.consumer import fetcher
from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.util import calc_crc32c

from chassis.messaging import kafka_records
from chassis.messaging.errors import UNREADABLE_BATCH
from chassis.messaging.kafka_records import TRIES, read_everything

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
LONG = b"x" * 500
"""Long enough to be packed."""
BODY = DefaultRecordBatch.HEADER_STRUCT.size


@pytest.fixture(autouse=True)
def _reading_everything():
    read_everything()


def a_batch(first: int, values: Sequence[bytes], packed: int = NONE) -> bytearray:
    builder = DefaultRecordBatchBuilder(2, packed, False, -1, -1, -1, 1 << 30)
    for number, value in enumerate(values):
        builder.append(number, 1, b"key", value, [])
    built = bytearray(builder.build())
    struct.pack_into(">q", built, 0, first)
    return built


def signed(batch: bytearray) -> bytearray:
    """As whoever sent it on purpose would: the checksum is right again."""
    struct.pack_into(">i", batch, 8, len(batch) - 12)
    struct.pack_into(">I", batch, 17, calc_crc32c(memoryview(batch)[DefaultRecordBatch.ATTRIBUTES_OFFSET :]))
    return batch


def read(*batches: bytearray, at: int = 0) -> list[Any]:
    records = fetcher.MemoryRecords(b"".join(bytes(batch) for batch in batches))
    return list(fetcher.Fetcher.PartitionRecords(at, kafka.TopicPartition("t", 0), records).take())


def offsets(records: Sequence[Any]) -> list[int]:
    return [record.offset for record in records]


def why(record: Any) -> str:
    return dict(record.headers)[UNREADABLE_BATCH].decode()


@pytest.mark.parametrize("packed", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_every_codec_of_kafka_is_read(packed):
    values = [b"a" * 1000, b"b"]
    assert [record.value for record in read(a_batch(0, values, packed))] == values


@pytest.mark.parametrize(("packed", "module"), [(SNAPPY, "snappy"), (ZSTD, "zstd")])
def test_a_codec_that_is_not_installed_costs_its_batch_alone(monkeypatch, packed, module):
    batch = a_batch(3, [LONG, LONG], packed)
    monkeypatch.setattr(codecs, module, None)
    found = read(a_batch(0, [b"0", b"1", b"2"]), batch, a_batch(5, [b"5"]))
    assert offsets(found) == [0, 1, 2, 4, 5]
    assert found[3].value == batch
    assert f"offsets 3 to 4, codec {module}" in why(found[3])
    assert "not found" in why(found[3])


@pytest.mark.parametrize("packed", [GZIP, SNAPPY, LZ4, ZSTD, 7])
def test_a_body_that_its_codec_cannot_unpack_costs_its_batch_alone(packed):
    batch = a_batch(0, [b"x" * 50, b"y" * 50])
    batch[22] |= packed
    found = read(signed(batch), a_batch(2, [b"2"]))
    assert offsets(found) == [1, 2]
    assert "offsets 0 to 1" in why(found[0])


def test_a_record_that_cannot_be_read_costs_the_rest_of_its_batch():
    batch = a_batch(0, [b"0", b"1", b"2", b"3"])
    size = (len(batch) - BODY) // 4
    batch[BODY + size] = 0x7F
    found = read(signed(batch), a_batch(4, [b"4"]))
    assert offsets(found) == [0, 3, 4]
    assert "behind 0" in why(found[1])


def test_bytes_behind_the_last_record_cost_nothing():
    found = read(signed(a_batch(0, [b"0", b"1"]) + b"more"), a_batch(2, [b"2"]))
    assert offsets(found) == [0, 1, 2]


def test_reading_on_within_a_batch_that_cannot_be_read_leaves_nothing_out(monkeypatch):
    batch = a_batch(0, [LONG] * 3, ZSTD)
    monkeypatch.setattr(codecs, "zstd", None)
    assert offsets(read(batch, at=1)) == [2]


def test_a_wrong_checksum_is_met_three_times_before_it_counts():
    batch = a_batch(7, [b"7", b"8"])
    batch[-1] ^= 1
    for _ in range(TRIES - 1):
        with pytest.raises(CorruptRecordError):
            read(batch, at=7)
    found = read(batch, a_batch(9, [b"9"]), at=7)
    assert offsets(found) == [8, 9]
    assert "checksum" in why(found[0])


def read_at_last(*batches: bytearray, at: int = 0) -> list[Any]:
    for _ in range(TRIES - 1):
        with pytest.raises(CorruptRecordError):
            read(*batches, at=at)
    return read(*batches, at=at)


SPOILT = {"last offset": (26, 1), "records": (60, 1), "producer": (50, 1), "control": (22, 0x20), "codec": (22, 7)}
"""Bytes of a head, and what is wrong with each."""


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_batch_whose_head_is_spoilt_ends_where_the_next_begins(spoilt):
    batch = a_batch(3, [b"3", b"4"])
    byte, wrong = SPOILT[spoilt]
    batch[byte] ^= wrong
    found = read_at_last(batch, a_batch(5, [b"5"]), at=3)
    says_its_end = spoilt not in ("last offset", "records")
    assert offsets(found) == [4 if says_its_end else 3, 5]
    assert (found[0].value, "checksum" in why(found[0])) == (batch, True)


def test_where_nothing_follows_a_spoilt_head_it_is_told_once_and_read_over_when_something_does():
    batch = a_batch(3, [b"3", b"4"])
    batch[26] ^= 0x7F
    assert offsets(read_at_last(batch, at=3)) == [3]
    assert offsets(read_at_last(batch, at=4)) == []
    assert offsets(read_at_last(batch, a_batch(5, [b"5"]), at=4)) == [5]


def test_a_batch_whose_format_is_spoilt_is_read():
    batch = a_batch(0, [b"0", b"1"])
    batch[16] = 1
    assert [one.value for one in read(batch, a_batch(2, [b"2"]))] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("packed", [GZIP, LZ4, ZSTD])
def test_a_batch_that_unpacks_to_more_than_it_may_costs_itself_alone(monkeypatch, packed):
    monkeypatch.setattr(kafka_records, "MOST_BYTES", 100_000)
    found = read(a_batch(0, [b"\0" * 200_000], packed), a_batch(1, [b"1" * 90_000], packed))
    assert offsets(found) == [0, 1]
    assert "more than 100000" in why(found[0])
    assert found[1].value == b"1" * 90_000

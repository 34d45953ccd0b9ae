"""Batches and records as anybody may write them, read so that none stops its partition.

kafka-python (3.0.12) raises at a batch that it cannot read, and at the same one again after every start. Whoever may write to a topic can
send one, the broker takes it, and a disk can spoil one. Here a batch whose bytes raise anything becomes one record, with its raw
bytes, the place of its last record, and the reason: a dead letter (`chassis.messaging.codec`). Where its head is spoilt too, it ends
where the next batch begins, and the record has the place of its first. Names of headers that are not UTF-8 are read with replacement
characters, so that their record alone becomes one.
"""

import gzip
import io
import logging
import struct
from collections import Counter
from typing import Any

import lz4.frame
from kafka import codec as codecs
from kafka.consumer import fetcher
from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch

from chassis.messaging.errors import UNREADABLE_BATCH

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024 * 1024
"""What a batch may unpack to. A broker takes 1 MiB of packed ones, which can hold gigabytes."""
TRIES = 3
"""How often a wrong checksum is met before it counts: the network may have done it, or another broker may have the batch whole."""
_HEAD = DefaultRecordBatch.HEADER_STRUCT.size
_CODECS = ("none", "gzip", "snappy", "lz4", "zstd")

_wrong: Counter[tuple[int, int, int]] = Counter()


class _Piece(bytes):
    """Bytes that always give some text."""

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _Lenient(bytearray):
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Piece(found) if isinstance(index, slice) else found


class _Batch(DefaultRecordBatch):  # type: ignore[misc]
    """Reads as its base does, for as long as that goes well."""

    _buffer: Any
    _pos: int
    _decompressed: bool

    def __init__(self, buffer: Any) -> None:
        super().__init__(buffer)
        self._raw = buffer
        self._why = ""
        self._ended = False
        self._read_to = self.base_offset - 1
        self._head_is_spoilt = False
        self.next_base: int | None = None
        """Where the next batch begins, if it is here already."""

    @property
    def last_offset(self) -> int:
        if not self._head_is_spoilt:
            return int(super().last_offset)
        return self.base_offset if self.next_base is None else self.next_base - 1

    @property
    def is_control_batch(self) -> bool:
        # What its spoilt bytes say of it says nothing.
        return not self._why and bool(super().is_control_batch)

    def has_producer_id(self) -> bool:
        return not self._why and bool(super().has_producer_id())

    def _says_where_it_ends(self) -> bool:
        """Whether what is known of the end fits together; it is in the part that the checksum is about."""
        ends = super().last_offset
        return self.records_count == self.last_offset_delta + 1 > 0 and (
            self.next_base is None or ends < self.next_base
        )

    def validate_crc(self) -> bool:
        if super().validate_crc():
            return True
        key = (self.base_offset, self.crc, len(self._raw))
        _wrong[key] += 1
        if _wrong[key] < TRIES:
            return False
        del _wrong[key]
        self._head_is_spoilt = not self._says_where_it_ends()
        self._why = "its checksum is wrong"
        return True

    def __iter__(self) -> "_Batch":
        try:
            if not self._why:
                super().__iter__()
        except Exception as error:  # noqa: BLE001 - whatever its bytes raise
            self._give_up(error)
        return self

    def __next__(self) -> Any:
        if not self._why:
            try:
                record = super().__next__()
            except StopIteration:
                raise
            except Exception as error:  # noqa: BLE001 - whatever its bytes raise
                self._give_up(error)
            else:
                self._read_to = record.offset
                return record
        if self._ended or self._read_to >= self._place:
            raise StopIteration
        self._ended = True
        return self._as_one_record()

    @property
    def _place(self) -> int:
        """Of the one record. Of a spoilt head the first, which stays the same while what follows comes in."""
        return int(self.base_offset) if self._head_is_spoilt else self.last_offset

    def _give_up(self, error: Exception) -> None:
        if self.is_control_batch:
            raise error
        self._why = f"{type(error).__name__}: {error}"

    def _as_one_record(self) -> DefaultRecord:
        codec = _CODECS[self.compression_type] if self.compression_type < len(_CODECS) else "unknown"
        detail = f"the batch of offsets {self.base_offset} to {self.last_offset}, codec {codec}, cannot be read"
        if self._read_to >= self.base_offset:
            detail += f" behind {self._read_to}"
        headers = [(UNREADABLE_BATCH, f"{detail}: {self._why}".encode())]
        logger.error("%s: %s", detail, self._why)
        raw = bytes(self._raw)
        return DefaultRecord(len(raw), self._place, self.max_timestamp, self.timestamp_type, None, raw, headers)

    def _maybe_uncompress(self) -> None:
        packed = self.compression_type
        if self._decompressed or packed not in (self.CODEC_GZIP, self.CODEC_LZ4, self.CODEC_ZSTD):
            # Snappy packs no better than 21 to 1.
            super()._maybe_uncompress()
            return
        self._assert_has_codec(packed)
        data = bytes(memoryview(self._buffer)[self._pos :])
        if packed == self.CODEC_LZ4:
            found = lz4.frame.LZ4FrameDecompressor().decompress(data, max_length=MOST_BYTES + 1)
        elif packed == self.CODEC_GZIP:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
                found = unpacked.read(MOST_BYTES + 1)
        else:
            with codecs.zstd.ZstdDecompressor().stream_reader(data, read_across_frames=True) as unpacked:
                found = unpacked.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise CorruptRecordError(f"it unpacks to more than {MOST_BYTES} bytes")
        self._buffer = bytearray(found)
        self._pos = 0
        self._decompressed = True

    def _read_msg(self, *arguments: Any) -> Any:
        try:
            return super()._read_msg(*arguments)
        except UnicodeDecodeError:
            self._buffer = _Lenient(self._buffer)
            return super()._read_msg(*arguments)


class _Batches(memory_records.MemoryRecords):  # type: ignore[misc]
    """What an answer of the broker holds; each batch learns where the next one begins."""

    _next_slice: Any

    def next_batch(self) -> Any:
        raw = self._next_slice
        found = super().next_batch()
        if raw is not None and len(raw) >= _HEAD and not isinstance(found, _Batch) and not _is_whole(found):
            # The number of its format is spoilt, or what follows that.
            found = _Batch(raw)
        if isinstance(found, _Batch) and self._next_slice is not None:
            (begins,) = struct.unpack_from(">q", self._next_slice)
            found.next_base = begins if begins > found.base_offset else None
        return found


def _is_whole(old: Any) -> bool:
    """Of a batch that says it is in a format from before 2017."""
    try:
        return bool(old.validate_crc())
    except Exception:  # noqa: BLE001 - whatever its bytes raise
        return False


def read_everything() -> None:
    """Make every Kafka client of this process read such batches and records."""
    memory_records.DefaultRecordBatch = _Batch
    fetcher.MemoryRecords = _Batches

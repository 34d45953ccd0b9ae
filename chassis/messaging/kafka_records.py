"""Records whose headers have names that are not UTF-8: kafka-python (3.0.12) cannot read them, nor anything behind them.

Anybody who may write to a topic can send one; the broker takes it. Here such a name is read with replacement characters, so that the
record becomes a dead letter like any other that says nothing (`chassis.messaging.codec`).
"""

from typing import Any

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch


class _Piece(bytes):
    """Bytes that always give some text."""

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _Lenient(bytearray):
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Piece(found) if isinstance(index, slice) else found


class _Batch(DefaultRecordBatch):  # type: ignore[misc]
    """Reads as its base does until a name is met that is not UTF-8; from then on it replaces."""

    def _read_msg(self, *arguments: Any) -> Any:
        try:
            return super()._read_msg(*arguments)
        except UnicodeDecodeError:
            self._buffer: Any = _Lenient(self._buffer)
            return super()._read_msg(*arguments)


def read_every_name() -> None:
    """Make every Kafka client of this process read such records."""
    memory_records.DefaultRecordBatch = _Batch

"""The file of the local log: its tables and statements, on a plain connection in a thread of its own."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from chassis.messaging.envelope import Delivery, Headers, Record, TopicPartition
from chassis.messaging.log import PARTITIONS
from chassis.messaging.partitioner import partition_of

POLL_RECORDS = 200
"""A batch is one transaction, and on SQLite every other writer waits for it; more at once would gain nothing (decision 0011)."""
TRIM_ROWS = 5000
COUNT_UP_TO = 100_000
_FILE = ""
"""Among the topics in `begins`, the file itself."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    id TEXT,
    key BLOB,
    headers TEXT NOT NULL,
    value BLOB NOT NULL,
    appended_at REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS records_once ON records (topic, id) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_by_partition ON records (topic, partition, seq);
CREATE TABLE IF NOT EXISTS begins (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE IF NOT EXISTS consumers (
    name TEXT PRIMARY KEY,
    floor INTEGER NOT NULL
);
"""
APPEND = """
INSERT INTO records (topic, partition, id, key, headers, value, appended_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (topic, id) WHERE id IS NOT NULL DO NOTHING
"""


def connect(path: Path, prepare: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(prepare)
    return connection


def create(path: Path) -> sqlite3.Connection:
    connection = connect(path, _SCHEMA)
    if connection.execute("SELECT count(*) FROM sqlite_sequence").fetchone()[0] == 0:
        # A new file begins past every place of an older one, so that positions kept from that one hide nothing of this.
        first = time.time_ns() // 1_000_000
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('records', ?)", (first,))
        connection.execute("INSERT INTO begins (topic, partition, place) VALUES (?, 0, ?)", (_FILE, first))
    return connection


def row(record: Record) -> tuple[object, ...]:
    # A record without a key has no order to keep; a random partition would only make tests differ.
    partition = partition_of(record.key, PARTITIONS) if record.key is not None else 0
    # Header values are bytes, not always text; Latin-1 keeps each as one character.
    headers = orjson.dumps([[name, value.decode("latin-1")] for name, value in record.headers]).decode()
    return record.topic, partition, record.id, record.key, headers, record.value, time.time()


def _headers(text: str) -> Headers:
    return tuple((name, value.encode("latin-1")) for name, value in orjson.loads(text))


def start(
    connection: sqlite3.Connection, topics: Sequence[str], positions: Mapping[TopicPartition, int]
) -> tuple[int, dict[TopicPartition, int]]:
    """The first record that some partition still has to read, and the positions that can be believed.

    One past the end belongs to a file that was replaced by an older copy: read again, the inbox knows what was applied.
    """
    row = connection.execute("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0)").fetchone()
    first = after_end = row[0] + 1
    valid = {key: position for key, position in positions.items() if position <= after_end}
    for topic in topics:
        for partition in range(PARTITIONS):
            (found,) = connection.execute(
                "SELECT min(seq) FROM records WHERE topic = ? AND partition = ? AND seq >= ?",
                (topic, partition, valid.get(TopicPartition(topic, partition), 0)),
            ).fetchone()
            first = min(first, first if found is None else found)
    return first, valid


def lost(connection: sqlite3.Connection, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """The partitions of which something was deleted from these positions on, and the place where each begins now.

    A position before the beginning of the file was kept from another file: what was appended there later, nobody knows.
    """
    begins = {(topic, number): place for topic, number, place in connection.execute("SELECT * FROM begins")}
    file = begins.get((_FILE, 0), 0)
    found = {}
    for key, position in positions.items():
        begin = max(begins.get(key, 0), file if position else 0)
        if position < begin:
            found[key] = begin
    return found


def fetch(connection: sqlite3.Connection, topics: frozenset[str], first: int) -> tuple[list[Delivery], int]:
    """Up to POLL_RECORDS records from `first` on, and the last place in the file, as one snapshot."""
    marks = ", ".join("?" * len(topics))
    connection.execute("BEGIN")
    try:
        rows = connection.execute(
            f"SELECT topic, partition, seq, key, value, headers FROM records WHERE seq >= ? AND topic IN ({marks})"  # noqa: S608
            " ORDER BY seq LIMIT ?",
            (first, *topics, POLL_RECORDS),
        ).fetchall()
        end = connection.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()[0]
    finally:
        connection.execute("COMMIT")
    found = [Delivery(t, p, seq, key, value, _headers(headers)) for t, p, seq, key, value, headers in rows]
    return found, max(end, first - 1)


def register(connection: sqlite3.Connection, consumer: str) -> None:
    connection.execute("INSERT OR IGNORE INTO consumers (name, floor) VALUES (?, 0)", (consumer,))


def keep_floors(connection: sqlite3.Connection, floors: Mapping[str, int]) -> None:
    connection.executemany(
        "UPDATE consumers SET floor = ? WHERE name = ?", [(floor, name) for name, floor in floors.items()]
    )


def floor_of(connection: sqlite3.Connection, consumer: str) -> int:
    row = connection.execute("SELECT floor FROM consumers WHERE name = ?", (consumer,)).fetchone()
    return row[0] if row else 0


def waiting(connection: sqlite3.Connection, topics: Sequence[str], first: int) -> tuple[int, float | None]:
    marks = ", ".join("?" * len(topics))
    count, since = connection.execute(
        f"SELECT count(*), min(appended_at) FROM (SELECT appended_at FROM records WHERE topic IN ({marks})"  # noqa: S608
        " AND seq >= ? ORDER BY seq LIMIT ?)",
        (*topics, first, COUNT_UP_TO),
    ).fetchone()
    return count, since


def trim(connection: sqlite3.Connection, floors: Mapping[str, int], before: float) -> int:
    keep_floors(connection, floors)
    floor = connection.execute("SELECT coalesce(min(floor), 0) FROM consumers").fetchone()[0]
    gone = connection.execute(
        "DELETE FROM records WHERE seq IN"
        " (SELECT seq FROM records WHERE seq < ? AND appended_at < ? ORDER BY seq LIMIT ?)"
        " RETURNING topic, partition, seq",
        (floor, before, TRIM_ROWS),
    ).fetchall()
    begins: dict[tuple[str, int], int] = {}
    for topic, partition, seq in gone:
        begins[topic, partition] = max(begins.get((topic, partition), 0), seq + 1)
    connection.executemany(
        "INSERT INTO begins (topic, partition, place) VALUES (?, ?, ?)"
        " ON CONFLICT (topic, partition) DO UPDATE SET place = max(place, excluded.place)",
        [(*key, place) for key, place in begins.items()],
    )
    return len(gone)

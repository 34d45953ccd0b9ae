"""The tables of messaging in each service's database."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlmodel import UTCDateTime

from chassis.database.types import Bytes, JsonDocument, Sequence64


@dataclass(frozen=True)
class MessagingTables:
    """Core tables: they are written in bulk, and no use case reads them."""

    outbox: Table
    inbox: Table
    consumer_progress: Table
    consumer_holes: Table
    restatements: Table
    dead_letters: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Define the tables on a service's metadata."""
    return MessagingTables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        consumer_progress=_consumer_progress(metadata),
        consumer_holes=_consumer_holes(metadata),
        restatements=_restatements(metadata),
        dead_letters=_dead_letters(metadata),
    )


def _outbox(metadata: MetaData) -> Table:
    """Insert and delete only. Debezium's outbox router can read it: route by `topic`, key by `partitionkey`."""
    return Table(
        "outbox",
        metadata,
        Column("seq", Sequence64, primary_key=True, autoincrement=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("aggregatetype", String(64), nullable=False),
        Column("aggregateid", String(255), nullable=False),
        Column("aggregateversion", BigInteger, nullable=False),
        Column("type", String(128), nullable=False),
        Column("topic", String(128), nullable=False),
        Column("partitionkey", String(255), nullable=False),
        Column("payload", Text, nullable=False),
        Column("occurred_at", UTCDateTime(), nullable=False),
        Column("recorded_at", UTCDateTime(), nullable=False),
        Column("communityid", Uuid),
        Column("actorid", String(64), nullable=False),
        Column("backfill", Boolean(create_constraint=False), nullable=False, server_default=false()),
        Column("traceparent", String(64)),
        # The relay reads at the head of this table, where every row it deleted stays behind until vacuum.
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.0, "autovacuum_vacuum_threshold": 2000},
        # Without AUTOINCREMENT an emptied SQLite table starts again at 1, and order could step back.
        sqlite_autoincrement=True,
    )


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("message_id", Uuid, primary_key=True),
        Column("handler", String(100), primary_key=True),
        Column("handled_at", UTCDateTime(), nullable=False, index=True),
    )


def _consumer_progress(metadata: MetaData) -> Table:
    """How far each consumer is. `next_offset` decides where to go on with the local log; Kafka keeps its own, and is set right by it.

    `heard_until`: up to when everything that the log still had has arrived; `caught_up_at`: the same, where nothing is missing;
    `began_at`: when it was first to read there.
    """
    return Table(
        "consumer_progress",
        metadata,
        Column("consumer", String(100), primary_key=True),
        Column("topic", String(128), primary_key=True),
        Column("partition", Integer, primary_key=True, autoincrement=False),
        Column("next_offset", BigInteger, nullable=False),
        Column("caught_up_at", UTCDateTime()),
        Column("heard_until", UTCDateTime()),
        Column("began_at", UTCDateTime()),
        Column("updated_at", UTCDateTime(), nullable=False),
    )


def _consumer_holes(metadata: MetaData) -> Table:
    """Messages that a consumer lost to the log's retention; kept for good, as nobody can know what they said."""
    return Table(
        "consumer_holes",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", String(100), nullable=False),
        Column("topic", String(128), nullable=False),
        Column("state", String(16), nullable=False),
        Column("noticed_at", UTCDateTime(), nullable=False),
        Column("known_until", UTCDateTime()),
        Column("closed_at", UTCDateTime()),
        Index(None, "consumer", "topic"),
    )


def _restatements(metadata: MetaData) -> Table:
    """The last time that everything of a kind was told again; `applied_at`: all of it has arrived."""
    return Table(
        "restatements",
        metadata,
        Column("consumer", String(100), primary_key=True),
        Column("topic", String(128), primary_key=True),
        Column("subject", String(64), primary_key=True),
        Column("began_at", UTCDateTime(), nullable=False),
        Column("ended_at", UTCDateTime(), nullable=False),
        Column("applied_at", UTCDateTime()),
    )


def _dead_letters(metadata: MetaData) -> Table:
    return Table(
        "dead_letters",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", String(100), nullable=False),
        # Empty where the message could not even be decoded: that concerns every handler of its type.
        Column("handler", String(100), nullable=False),
        Column("topic", String(128), nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("message_id", String(255)),
        Column("type", String(255)),
        Column("source", String(255)),
        Column("key", Bytes),
        Column("headers", JsonDocument, nullable=False),
        Column("payload", Bytes, nullable=False),
        Column("reason", String(64), nullable=False),
        Column("detail", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("failed_at", UTCDateTime(), nullable=False),
        Column("replayed_at", UTCDateTime()),
        UniqueConstraint("consumer", "topic", "partition", "offset", "handler"),
        Index(None, "failed_at"),
    )

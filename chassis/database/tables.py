"""The chassis' own tables outside messaging: idempotency, jobs, timers, audit."""

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlmodel import UTCDateTime

from chassis.database.types import Bytes, JsonDocument, Sequence64


@dataclass(frozen=True)
class ChassisTables:
    """Core tables; the ORM would add cost to rows that only the chassis reads."""

    idempotency_keys: Table
    jobs: Table
    job_inputs: Table
    job_errors: Table
    timers: Table
    audit_entries: Table


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Define the tables on a service's metadata."""
    return ChassisTables(
        idempotency_keys=_idempotency_keys(metadata),
        jobs=_jobs(metadata),
        job_inputs=_job_inputs(metadata),
        job_errors=_job_errors(metadata),
        timers=_timers(metadata),
        audit_entries=_audit_entries(metadata),
    )


def _idempotency_keys(metadata: MetaData) -> Table:
    return Table(
        "idempotency_keys",
        metadata,
        Column("caller", String(64), primary_key=True),
        Column("operation", String(100), primary_key=True),
        Column("key", String(255), primary_key=True),
        Column("request_hash", String(64), nullable=False),
        Column("status_code", Integer),
        Column("location", Text),
        Column("body", Bytes),
        Column("created_at", UTCDateTime(), nullable=False, index=True),
    )


def _jobs(metadata: MetaData) -> Table:
    return Table(
        "jobs",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", String(100), nullable=False),
        Column("state", String(16), nullable=False),
        Column("params", JsonDocument, nullable=False),
        Column("community_id", Uuid),
        Column("started_by", String(64), nullable=False),
        Column("request_id", String(64)),
        Column("done", Integer, nullable=False, server_default="0"),
        Column("failed", Integer, nullable=False, server_default="0"),
        Column("total", Integer),
        Column("result", JsonDocument),
        Column("error", Text),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("lease_owner", String(64)),
        Column("lease_until", UTCDateTime()),
        Column("created_at", UTCDateTime(), nullable=False),
        Column("started_at", UTCDateTime()),
        Column("finished_at", UTCDateTime()),
        CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
        Index(None, "state", "lease_until"),
    )


def _job_inputs(metadata: MetaData) -> Table:
    return Table(
        "job_inputs",
        metadata,
        Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        Column("content", Bytes, nullable=False),
    )


def _job_errors(metadata: MetaData) -> Table:
    return Table(
        "job_errors",
        metadata,
        Column("id", Sequence64, primary_key=True, autoincrement=True),
        Column("job_id", Uuid, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        Column("row", Integer, nullable=False),
        Column("code", String(64), nullable=False),
        Column("text", Text, nullable=False),
        Column("column", String(64)),
        Index(None, "job_id", "row"),
    )


def _timers(metadata: MetaData) -> Table:
    return Table(
        "timers",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", String(100), nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("due_at", UTCDateTime(), nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("not_before", UTCDateTime(), nullable=False, index=True),
        Column("error", Text),
        UniqueConstraint("kind", "subject_id"),
    )


def _audit_entries(metadata: MetaData) -> Table:
    return Table(
        "audit_entries",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("at", UTCDateTime(), nullable=False),
        Column("actor", String(64), nullable=False),
        Column("on_behalf_of", String(64)),
        Column("action", String(100), nullable=False),
        Column("object_kind", String(64), nullable=False),
        Column("object_id", String(64)),
        Column("community_id", Uuid),
        Column("changes", JsonDocument, nullable=False),
        Column("request_id", String(64)),
        Index(None, "community_id", "at"),
        Index(None, "at"),
        Index(None, "actor", "at"),
        Index(None, "object_kind", "object_id"),
    )

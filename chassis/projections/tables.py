"""The tables of the membership projection."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, MetaData, String, Table, Text, Time, Uuid, true
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument


@dataclass(frozen=True)
class KnownTables:
    """`version` is the message's `aggregateversion`: an older message than the row changes nothing."""

    people: Table
    communities: Table
    members: Table


def membership_projection(metadata: MetaData) -> KnownTables:
    """Define the tables on a service's metadata."""
    return KnownTables(people=_people(metadata), communities=_communities(metadata), members=_members(metadata))


def _people(metadata: MetaData) -> Table:
    return Table(
        "known_people",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("employee_no", String(64), index=True),
        Column("display_name", Text, nullable=False),
        Column("department_code", String(64)),
        Column("title", Text),
        Column("hired_on", Date),
        Column("kind", String(16), nullable=False),
        Column("status", String(16), nullable=False),
        Column("locale", String(16)),
        Column("time_zone", String(64)),
        Column("avatar_url", Text),
        Column("version", BigInteger, nullable=False),
    )


def _communities(metadata: MetaData) -> Table:
    return Table(
        "known_communities",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("slug", String(100), nullable=False),
        Column("name", Text, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("status", String(16), nullable=False),
        Column("visibility", String(16), nullable=False),
        Column("time_zone", String(64), nullable=False),
        Column("day_starts_at", Time, nullable=False),
        Column("streak_days", String(16), nullable=False),
        Column("topics", JsonDocument, nullable=False),
        Column("values", JsonDocument, nullable=False),
        Column("operated_by", Uuid),
        Column("version", BigInteger, nullable=False),
    )


def _members(metadata: MetaData) -> Table:
    return Table(
        "known_members",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("community_id", Uuid, nullable=False),
        Column("person_id", Uuid, nullable=False, index=True),
        Column("roles", JsonDocument, nullable=False),
        Column("status", String(16), nullable=False),
        Column("status_until", UTCDateTime()),
        Column("acknowledged", Boolean(create_constraint=False), nullable=False, server_default=true()),
        Column("joined_at", UTCDateTime(), nullable=False),
        Column("via", String(16), nullable=False),
        Column("cohort_id", Uuid),
        Column("channel", String(64)),
        Column("version", BigInteger, nullable=False),
        Index(None, "community_id", "person_id", unique=True),
    )

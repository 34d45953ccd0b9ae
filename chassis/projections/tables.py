"""The tables of the membership projection: what is so now, and for services that ask, what was so at a moment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    Uuid,
    true,
)
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.types import JsonDocument

if TYPE_CHECKING:
    from chassis.database.base import ServiceTables

LONGEST_ZONE = 64
"""Characters of the name of a time zone."""


@dataclass(frozen=True)
class KnownTables:
    """`version` is the message's `aggregateversion`: an older message than the row changes nothing.

    `told_at`: when the latest message that told of it was recorded, also one that said nothing new.
    """

    people: Table
    communities: Table
    members: Table
    sanctions: Table
    rule_sets: Table
    acknowledgements: Table
    work_calendars: Table
    departments: Table


@dataclass(frozen=True)
class HistoryTables:
    """What was so from a moment on, by the version of the message that told it."""

    statuses: Table
    calendars: Table


def membership_projection(metadata: MetaData) -> KnownTables:
    """Define the tables of people, communities and members as they are now on a service's metadata."""
    known = KnownTables(
        people=_people(metadata),
        communities=_communities(metadata),
        members=_members(metadata),
        sanctions=_sanctions(metadata),
        rule_sets=_rule_sets(metadata),
        acknowledgements=_acknowledgements(metadata),
        work_calendars=_work_calendars(metadata),
        departments=_departments(metadata),
    )
    metadata.info[KnownTables] = known
    return known


def membership_history(metadata: MetaData) -> HistoryTables:
    """Define the tables of statuses and calendars with their dates on a service's metadata."""
    history = HistoryTables(statuses=_statuses(metadata), calendars=_calendars(metadata))
    metadata.info[HistoryTables] = history
    return history


def known_in(tables: "ServiceTables") -> KnownTables:
    """The projection that a service declares."""
    known: KnownTables = tables.metadata.info[KnownTables]
    return known


def known_to(session: AsyncSession) -> KnownTables:
    """The projection of the service that the session belongs to."""
    return known_in(context_of(session).tables)


def history_of(session: AsyncSession) -> HistoryTables:
    """The history that the service keeps that the session belongs to."""
    history: HistoryTables = context_of(session).tables.metadata.info[HistoryTables]
    return history


def _people(metadata: MetaData) -> Table:
    return Table(
        "known_people",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("employee_no", String(64), index=True),
        Column("display_name", Text, nullable=False),
        Column("department_code", String(64)),
        Column("title", Text),
        Column("job_grade", Text),
        Column("site", Text),
        Column("hired_on", Date),
        Column("kind", String(16), nullable=False),
        Column("status", String(16), nullable=False),
        Column("locale", String(16)),
        Column("time_zone", String(LONGEST_ZONE)),
        Column("avatar_url", Text),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
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
        Column("time_zone", String(LONGEST_ZONE), nullable=False),
        Column("day_starts_at", Time, nullable=False),
        Column("streak_days", String(16), nullable=False),
        Column("topics", JsonDocument, nullable=False),
        Column("values", JsonDocument, nullable=False),
        Column("operated_by", Uuid),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
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
        # Nobody reads it: `known_acknowledgements` says so since, and the release before this one still looks.
        Column("acknowledged", Boolean(create_constraint=False), nullable=False, server_default=true()),
        Column("joined_at", UTCDateTime(), nullable=False),
        Column("via", String(16), nullable=False),
        Column("cohort_id", Uuid),
        Column("channel", String(64)),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
        Index(None, "community_id", "person_id", unique=True),
    )


def _sanctions(metadata: MetaData) -> Table:
    # A table of its own: its messages come by another topic, before or after those about the member.
    return Table(
        "known_sanctions",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("status", String(16), nullable=False),
        Column("until", UTCDateTime()),
        Column("then_muted_until", UTCDateTime()),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _rule_sets(metadata: MetaData) -> Table:
    # A row for each community; `version` is that of its rules, not of a message: each version is a thing of its own.
    return Table(
        "known_rule_sets",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("rule_set_id", Uuid, nullable=False),
        Column("acknowledge_by", UTCDateTime(), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _acknowledgements(metadata: MetaData) -> Table:
    # A table of its own, as that of sanctions. By member.
    return Table(
        "known_acknowledgements",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("acknowledged", BigInteger, nullable=False),
        Column("overdue", BigInteger, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _work_calendars(metadata: MetaData) -> Table:
    # A row for each year of which something was told, named as its messages are; `days` are the dates that are off, and worked.
    return Table(
        "known_work_calendars",
        metadata,
        Column("id", String(16), primary_key=True),
        Column("country", String(2), nullable=False),
        Column("year", Integer, nullable=False),
        Column("known_until", Date, nullable=False),
        Column("off", JsonDocument, nullable=False),
        Column("workdays", JsonDocument, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _departments(metadata: MetaData) -> Table:
    return Table(
        "known_departments",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("name", Text, nullable=False),
        Column("parent_code", String(64)),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _statuses(metadata: MetaData) -> Table:
    return Table(
        "member_statuses",
        metadata,
        Column("member_id", Uuid, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("at", UTCDateTime(), nullable=False),
        Column("status", String(16), nullable=False),
        Column("until", UTCDateTime()),
    )


def _calendars(metadata: MetaData) -> Table:
    return Table(
        "community_calendars",
        metadata,
        Column("community_id", Uuid, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("at", UTCDateTime(), nullable=False),
        Column("time_zone", String(LONGEST_ZONE), nullable=False),
        Column("day_starts_at", Time, nullable=False),
    )

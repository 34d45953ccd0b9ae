"""The statements whose spelling differs between SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession

Insert = postgresql.Insert | sqlite.Insert


def is_postgres(session: AsyncSession) -> bool:
    """Whether the session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def upsert(session: AsyncSession, table: Table | Any) -> Insert:
    """An `INSERT` that knows `on_conflict_do_update` and `on_conflict_do_nothing` on either database."""
    return postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)


def insert_or_ignore(session: AsyncSession, table: Table | Any) -> Insert:
    """An `INSERT` that skips rows whose key exists; with `returning`, the result holds the new ones only."""
    return upsert(session, table).on_conflict_do_nothing()

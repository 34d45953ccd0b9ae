"""One service whole on a migrated database of its own, on SQLite and on PostgreSQL."""

from tests.service.conftest import database, migrated_sqlite, settings, start_service

__all__ = ["database", "migrated_sqlite", "settings", "start_service"]

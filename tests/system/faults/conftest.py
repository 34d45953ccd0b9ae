"""One service whole on a migrated database of its own, on SQLite and on PostgreSQL."""

from tests.service.conftest import copied, database, migrated_sqlite, settings, start_service

__all__ = ["copied", "database", "migrated_sqlite", "settings", "start_service"]

"""Alembic migrations of this service, with a version table of their own."""

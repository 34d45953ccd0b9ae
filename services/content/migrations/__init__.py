"""Alembic revisions of this service."""

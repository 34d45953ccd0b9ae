"""Databases: the registry of tables per service, sessions, migrations."""

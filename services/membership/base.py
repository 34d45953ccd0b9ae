"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables


class Base(Row, registry=service_registry()):
    """Every table of the membership service."""


tables = service_tables(Base)

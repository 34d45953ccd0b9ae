"""This service's table registry, with the chassis' tables on it."""

from sqlmodel import SQLModel

from chassis.database.base import service_registry, service_tables


class Base(SQLModel, registry=service_registry()):
    """Every table of the analytics service."""


tables = service_tables(Base)

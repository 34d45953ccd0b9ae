"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.projections import membership_projection


class Base(Row, registry=service_registry()):
    """Every table of the content service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)

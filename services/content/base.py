"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.penalties import Penalties
from chassis.projections import membership_projection
from chassis.projections.groups import group_projection
from contracts.conduct import ContentApplied


class Base(Row, registry=service_registry()):
    """Every table of the content service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
penalties = Penalties(Base.metadata, answer=ContentApplied)
known_groups = group_projection(Base.metadata)

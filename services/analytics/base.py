"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.penalties import Penalties
from chassis.projections import membership_history, membership_projection
from contracts.conduct import AnalyticsApplied


class Base(Row, registry=service_registry()):
    """Every table of the analytics service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
history = membership_history(Base.metadata)
penalties = Penalties(Base.metadata, answer=AnalyticsApplied)

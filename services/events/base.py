"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.links import Links
from chassis.projections import membership_history, membership_projection
from contracts.events import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked


class Base(Row, registry=service_registry()):
    """Every table of the events service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
history = membership_history(Base.metadata)
links = Links(Base.metadata, service="events", messages=(AttachmentLinked, AttachmentUnlinked, AttachmentSnapshot))

"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.links import Links
from chassis.penalties import Penalties
from chassis.projections import membership_history, membership_projection
from chassis.texts import Texts
from contracts.conduct import EventsApplied
from contracts.content import TextDecided
from contracts.events import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked, TextWritten


class Base(Row, registry=service_registry()):
    """Every table of the events service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
texts = Texts(Base.metadata, service="events", written=TextWritten, decided=TextDecided)
history = membership_history(Base.metadata)
penalties = Penalties(Base.metadata, answer=EventsApplied)
links = Links(Base.metadata, service="events", messages=(AttachmentLinked, AttachmentUnlinked, AttachmentSnapshot))

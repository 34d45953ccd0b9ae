"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.links import Links
from chassis.penalties import Penalties
from chassis.projections import membership_history, membership_projection
from chassis.projections.groups import group_projection
from chassis.texts import Texts
from contracts.conduct import GamificationApplied
from contracts.content import TextDecided
from contracts.gamification import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked, TextWritten


class Base(Row, registry=service_registry()):
    """Every table of the gamification service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
history = membership_history(Base.metadata)
known_groups = group_projection(Base.metadata)
texts = Texts(Base.metadata, service="gamification", written=TextWritten, decided=TextDecided)
penalties = Penalties(Base.metadata, answer=GamificationApplied)
links = Links(
    Base.metadata, service="gamification", messages=(AttachmentLinked, AttachmentUnlinked, AttachmentSnapshot)
)

"""This service's table registry, with the chassis' tables on it."""

from chassis.database.base import Row, service_registry, service_tables
from chassis.links import Links
from chassis.texts import Texts
from contracts.content import TextDecided
from contracts.membership import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked, TextWritten


class Base(Row, registry=service_registry()):
    """Every table of the membership service."""


tables = service_tables(Base)
texts = Texts(Base.metadata, service="membership", written=TextWritten, decided=TextDecided)
links = Links(Base.metadata, service="membership", messages=(AttachmentLinked, AttachmentUnlinked, AttachmentSnapshot))

"""The table of deeds."""

from chassis.messaging.deeds import DeedColumns
from services.content.base import Base


class Deed(DeedColumns, Base, table=True):
    """The latest message of one aspect of what members wrote."""

    __tablename__ = "deeds"

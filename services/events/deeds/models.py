"""The table of deeds."""

from chassis.messaging.deeds import DeedColumns
from services.events.base import Base


class Deed(DeedColumns, Base, table=True):
    """The latest message of one aspect of an activity, a registration, minutes, or what somebody is to do."""

    __tablename__ = "deeds"

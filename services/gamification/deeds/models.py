"""The table of what was told."""

from chassis.messaging.deeds import DeedColumns
from services.gamification.base import Base


class Deed(DeedColumns, Base, table=True):
    """A message about a member's way: milestones of streaks, levels, badges, nominations; or about a season. Each is kept: its aspect is its version."""

    __tablename__ = "deeds"

"""The tables of levels: what changed. The level held now stands on the wallet, under whose lock it is decided."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.gamification.base import Base


class LevelChangeRow(Base, table=True):
    """A step up or down the ladder: `at` when it happened, `recorded_at` when it was noticed."""

    __tablename__ = "level_changes"

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(index=True)
    community_id: UUID
    from_position: int
    to_position: int
    xp: int
    at: datetime
    recorded_at: datetime

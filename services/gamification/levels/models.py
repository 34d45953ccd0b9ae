"""The tables of levels: ladders of their own, and what changed. The level held now stands on the wallet, under whose lock it is decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.gamification.base import Base


class LadderRow(Base, table=True):
    """A community's own ladder. Without a row it has the default one, which is version 0.

    `before` is the ladder of the version before: wallets whose `ladder_version` is older hold a position on that one until their
    members are looked at again, one piece of the community after the other while it is `settling`.
    """

    __tablename__ = "ladders"

    community_id: UUID = Field(primary_key=True)
    version: int
    rungs: list[dict[str, Any]] = Field(sa_type=JsonDocument)
    before: list[dict[str, Any]] = Field(sa_type=JsonDocument)
    settling: bool
    changed_at: datetime
    changed_by: str = Field(max_length=64)


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

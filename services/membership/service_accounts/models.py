"""Accounts of programs."""

import uuid
from datetime import datetime
from typing import Any

from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class ServiceAccount(Base, table=True):
    """A program that may do what its scopes name, in the communities given; `community_ids` None means in all."""

    __tablename__ = "service_accounts"
    __table_args__ = (unique("name", answers=ALREADY_EXISTS),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=100)
    scopes: list[str] = Field(sa_type=JsonDocument)
    community_ids: Any = Field(default=None, sa_type=JsonDocument, nullable=True)
    built_in: bool = False
    created_by: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class ServiceAccountSecret(Base, table=True):
    """A secret of an account, by its hash; a rotated one stays good for 24 h."""

    __tablename__ = "service_account_secrets"

    secret_hash: str = Field(primary_key=True, max_length=64)
    account_id: uuid.UUID = Field(foreign_key="service_accounts.id", ondelete="CASCADE", index=True)
    created_at: datetime
    expires_at: datetime | None = None

"""Apps that give codes, their secrets sealed, and recovery codes, which are kept as SHA-256 only."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class SecondFactor(Base, table=True):
    """An app of one person that gives codes. It counts once its first code has come: `confirmed_at`.

    One that is set up takes the place of the one before when it is confirmed. `last_step` is that of the last code that counted.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        unique(
            "person_id", where="confirmed_at IS NOT NULL", name="uq_second_factors_confirmed", answers=ALREADY_EXISTS
        ),
        unique("person_id", where="confirmed_at IS NULL", name="uq_second_factors_pending", answers=ALREADY_EXISTS),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    sealed_secret: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int | None = Field(default=None, sa_type=BigInteger)
    last_used_at: datetime | None = None


class SecondFactorTerm(Base, table=True):
    """Since when this installation asks its staff for a second factor; there is one row, or none where it does not."""

    __tablename__ = "second_factor_terms"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    required_since: datetime


class RecoveryCode(Base, table=True):
    """A code that counts once instead of one of the app."""

    __tablename__ = "recovery_codes"

    code_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    created_at: datetime
    used_at: datetime | None = None

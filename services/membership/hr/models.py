"""What the HR system said last."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from chassis.database.constraints import key
from chassis.database.types import JsonDocument
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class HrRecord(Base, table=True):
    """Up to which message the HR system has been followed about one employee number, field by field. It holds no values."""

    __tablename__ = "hr_records"
    __table_args__ = (key("employee_key", answers=ALREADY_EXISTS),)

    employee_key: str = Field(primary_key=True, max_length=64)
    known: dict[str, list[Any]] = Field(sa_type=JsonDocument)
    """By field, the place of the message that spoke of it last, as `rules.place` gives it."""
    updated_at: datetime

"""Departments."""

from datetime import datetime

from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import key
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class Department(Base, Publishing, table=True):
    """A department; its code is its identity. The manager is named by number, who may be registered later than it."""

    __tablename__ = "departments"
    __table_args__ = (key("code", answers=ALREADY_EXISTS),)

    code: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=200)
    parent_code: str | None = Field(default=None, foreign_key="departments.code", index=True, max_length=64)
    manager_employee_no: str | None = Field(default=None, max_length=64)
    manager_employee_key: str | None = Field(default=None, max_length=64, index=True)
    version: int = 1
    created_at: datetime
    updated_at: datetime

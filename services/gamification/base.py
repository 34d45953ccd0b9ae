"""This service's table registry, with the chassis' tables on it."""

from datetime import datetime

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.base import service_registry, service_tables
from chassis.database.context import context_of
from chassis.projections import membership_projection


class Base(SQLModel, registry=service_registry()):
    """Every table of the gamification service."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)
"""The present state of people, communities and members; `projections.py` keeps what was so at a moment."""


def moment_of(session: AsyncSession) -> datetime:
    """The present moment by the clock of the process that the session belongs to."""
    runtime = context_of(session).runtime
    moment: datetime = runtime.clock() if runtime is not None else system_clock()
    return moment

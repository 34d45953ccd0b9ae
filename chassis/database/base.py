"""A table registry per service, and the tables that the chassis itself keeps in each."""

from dataclasses import dataclass

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.database.messaging_tables import MessagingTables, messaging_tables
from chassis.database.tables import ChassisTables, chassis_tables
from chassis.database.types import JsonDocument as JsonDocument

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names by rule, so that a migration can name what it changes on either database."""


def service_registry() -> registry:
    """For the base class of a service's tables: `class Base(SQLModel, registry=service_registry())`.

    SQLModel's global metadata would make two services' tables of one name collide where they share a process.
    """
    return registry(metadata=MetaData(naming_convention=NAMING_CONVENTION))


@dataclass(frozen=True)
class ServiceTables:
    """The chassis' tables in one service's database."""

    metadata: MetaData
    messaging: MessagingTables
    chassis: ChassisTables


def service_tables(base: type[SQLModel]) -> ServiceTables:
    """Add the chassis' tables to a service's registry."""
    return ServiceTables(
        metadata=base.metadata, messaging=messaging_tables(base.metadata), chassis=chassis_tables(base.metadata)
    )


class Publishing(SQLModel):
    """A column for aggregates that publish: how many messages were published for this one.

    Bump only under the aggregate's row lock (or after an UPDATE of it), so that versions count 1, 2, 3 without gap.
    """

    messages_published: int = Field(default=0, nullable=False)

    def bump(self) -> int:
        """Count one more message and return its `aggregateversion`."""
        self.messages_published += 1
        return self.messages_published

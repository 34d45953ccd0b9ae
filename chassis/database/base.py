"""A table registry per service, and the tables that the chassis itself keeps in each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

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
    """For the base class of a service's tables: `class Base(Row, registry=service_registry())`.

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


class Row(SQLModel):
    """What a service's tables derive from. A new row is made ten times as fast as by SQLModel, which finds out anew for each field
    what it is by default, and tells the ORM of each value by itself.
    """

    def __init__(self, **given: Any) -> None:
        if not given:
            # SQLModel itself asks for an empty one, to fill it with what it has validated.
            super().__init__()
            return
        self.__dict__.update(_filled(type(self), given))
        object.__setattr__(self, "__pydantic_fields_set__", set(given))


def new_row(table: type[Row], **given: Any) -> dict[str, Any]:
    """The row of a new object, without making the object: an import writes thousands. Raises TypeError for a missing or unknown column."""
    row = _filled(table, given)
    if wrong := (table.model_fields.keys() ^ row.keys()) | (given.keys() - row.keys()):
        raise TypeError(f"{table.__name__}: missing or unknown: {sorted(wrong)}")
    return row


def _filled(table: type[Row], given: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        name: given[name] if name in given else factory() if factory is not None else constant
        for name, (factory, constant) in _defaults_of(table).items()
    }
    values.update((name, given[name]) for name in table.model_fields.keys() & given.keys())
    return values


@lru_cache(maxsize=1000)
def _defaults_of(table: type[Row]) -> dict[str, tuple[Callable[[], Any] | None, Any]]:
    """By field what makes its value where none is given, or the value itself."""
    fields = {name: field for name, field in table.model_fields.items() if not field.is_required()}
    if shared := [name for name, field in fields.items() if isinstance(field.default, (dict, list, set))]:
        raise TypeError(f"every row would share one value, give a factory for {', '.join(shared)}")
    return {name: (cast("Any", field.default_factory), field.default) for name, field in fields.items()}


class Publishing(SQLModel):
    """A column for aggregates that publish: how many messages were published for this one.

    Bump only under the aggregate's row lock (or after an UPDATE of it), so that versions count 1, 2, 3 without gap.
    """

    messages_published: int = Field(default=0, nullable=False)

    def bump(self) -> int:
        """Count one more message and return its `aggregateversion`."""
        self.messages_published += 1
        return self.messages_published

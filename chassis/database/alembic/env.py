"""Alembic's environment, the same for every service: a connection and the metadata come in by `config.attributes`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON
from sqlalchemy.sql.elements import False_, True_
from sqlmodel import UTCDateTime
from sqlmodel.sql.sqltypes import AutoString

from chassis.database.migrations import is_ours, version_table

attributes = context.config.attributes


def _render(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write what differs between databases by a name that means the same on both."""
    if kind == "type":
        return _type(item)
    if kind == "server_default" and isinstance(getattr(item, "arg", None), (True_, False_)):
        return "sa.true()" if isinstance(item.arg, True_) else "sa.false()"
    return False


def _type(item: Any) -> str | Literal[False]:
    if isinstance(item, UTCDateTime):
        return "UTCDateTime()"
    if isinstance(item, JSON):
        return "JsonDocument"
    if isinstance(item, AutoString):
        length = getattr(item.impl, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return False


context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=version_table(attributes["service"]),
    render_as_batch=True,
    render_item=_render,
    include_name=is_ours,
    compare_type=True,
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()

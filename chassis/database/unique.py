"""What is unique, and what a request is answered that would have it twice: said beside the table, looked up by the chassis.

A use case looks first, to name the field that is wrong. Between its look and its write somebody else may write the same, which
only the database sees: then the constraint's own answer is given, for single requests and for the items of a batch.
"""

import re

import asyncpg
from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from chassis.problems import ProblemType

Unique = UniqueConstraint | PrimaryKeyConstraint | Index

ANSWERS = "answers"


def unique(
    *columns: str, answers: ProblemType | None, where: str | None = None, name: str | None = None
) -> UniqueConstraint | Index:
    """No two rows have the same values; with `where` no two of those rows, for which the index needs a name.

    `answers` None: no request can bring it about, say why. If one does, that is a bug and a logged 500.
    """
    info = {ANSWERS: answers}
    if where is None:
        return UniqueConstraint(*columns, name=name, info=info)
    return Index(name, *columns, unique=True, postgresql_where=text(where), sqlite_where=text(where), info=info)


def key(*columns: str, answers: ProblemType) -> PrimaryKeyConstraint:
    """A primary key that callers choose, as `unique` for others."""
    return PrimaryKeyConstraint(*columns, info={ANSWERS: answers})


def answer_to(error: IntegrityError, metadata: MetaData) -> ProblemType | None:
    """What the violated constraint answers; None for a foreign key, a check, and what is not said to be brought about by requests."""
    for constraint in _violated(error, metadata):
        answer: ProblemType | None = constraint.info.get(ANSWERS)
        if answer is not None:
            return answer
    return None


def unique_in(table: Table) -> list[Unique]:
    """Everything that is unique in a table."""
    constraints = [one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)]
    return [*constraints, *(index for index in table.indexes if index.unique)]


def _violated(error: IntegrityError, metadata: MetaData) -> list[Unique]:
    cause = getattr(error.orig, "__cause__", None) or error.orig
    if isinstance(cause, asyncpg.UniqueViolationError):
        table = metadata.tables.get(cause.table_name)
        return [one for one in unique_in(table) if one.name == cause.constraint_name] if table is not None else []
    # SQLite names no constraint, but the columns: "UNIQUE constraint failed: cohorts.community_id, cohorts.code".
    named = re.fullmatch(r"UNIQUE constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)", str(cause))
    if named is None:
        return []
    pairs = [column.split(".") for column in named[1].split(", ")]
    columns = {column for _, column in pairs}
    table = metadata.tables.get(pairs[0][0])
    return [one for one in unique_in(table) if set(one.columns.keys()) == columns] if table is not None else []

"""What the database alone sees for certain, and what a request is answered that would break it: said beside the table, looked up by
the chassis.

A use case need not look first, unless it has more to say. Where it does, somebody else may write the same between its look and its
write: then the constraint's own answer is given, for single requests and for the items of a batch.
"""

import re
from collections.abc import Iterator, Sequence

import asyncpg
from sqlalchemy import CheckConstraint, Constraint, Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError

from chassis.problems import INVALID, FieldError, Problem, ProblemType

Unique = UniqueConstraint | PrimaryKeyConstraint | Index

ANSWERS, WRONG = "answers", "wrong"


def unique(
    *columns: str,
    answers: ProblemType | None,
    field: str | None = None,
    where: str | None = None,
    name: str | None = None,
) -> UniqueConstraint | Index:
    """No two rows have the same values; with `where` no two of those rows, for which the index needs a name.

    `answers` None: no request can bring it about, say why. If one does, that is a bug and a logged 500. `field` is the one in a
    request's body that the answer points at.
    """
    wrong = (
        FieldError(f"/{field}", answers.code, f"{answers.en}.", f"{answers.zh}。")
        if field is not None and answers is not None
        else None
    )
    info = {ANSWERS: answers, WRONG: wrong}
    if where is None:
        return UniqueConstraint(*columns, name=name, info=info)
    return Index(name, *columns, unique=True, postgresql_where=text(where), sqlite_where=text(where), info=info)


def key(*columns: str, answers: ProblemType | None) -> PrimaryKeyConstraint:
    """A primary key that callers choose, as `unique` for others; None where only a job writes it, which then tries again."""
    return PrimaryKeyConstraint(*columns, info={ANSWERS: answers})


def check(name: str, condition: str, *, wrong: FieldError) -> CheckConstraint:
    """What every row fulfils, and what is wrong (`invalid`) where a request would have one that does not.

    What no request can bring about is a plain `CheckConstraint`.
    """
    return CheckConstraint(condition, name=name, info={ANSWERS: INVALID, WRONG: wrong})


def answer_to(error: IntegrityError, metadata: MetaData) -> Problem | None:
    """What the violated constraint answers; None for a foreign key, and what is not said to be brought about by requests."""
    for constraint in _violated(error, metadata):
        answer: ProblemType | None = constraint.info.get(ANSWERS)
        if answer is not None:
            wrong = constraint.info.get(WRONG)
            return answer(errors=[wrong] if wrong is not None else [])
    return None


def unique_in(table: Table) -> list[Unique]:
    """Everything that is unique in a table."""
    constraints = [one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)]
    return [*constraints, *(index for index in table.indexes if index.unique)]


Declared = Constraint | Index


def _violated(error: IntegrityError, metadata: MetaData) -> Sequence[Declared]:
    cause = getattr(error.orig, "__cause__", None) or error.orig
    if isinstance(cause, asyncpg.UniqueViolationError | asyncpg.CheckViolationError):
        return [one for one in _declared_in(metadata) if one.name == cause.constraint_name]
    checked = re.fullmatch(r"CHECK constraint failed: (\w+)", str(cause))
    if checked is not None:
        return [one for one in _declared_in(metadata) if one.name == checked[1]]
    # Of what is unique SQLite names no constraint, but the columns: "UNIQUE constraint failed: cohorts.community_id, cohorts.code".
    named = re.fullmatch(r"UNIQUE constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)", str(cause))
    if named is None:
        return []
    pairs = [column.split(".") for column in named[1].split(", ")]
    columns = {column for _, column in pairs}
    table = metadata.tables.get(pairs[0][0])
    return [one for one in unique_in(table) if set(one.columns.keys()) == columns] if table is not None else []


def _declared_in(metadata: MetaData) -> Iterator[Declared]:
    """By name: the naming convention puts the table into it."""
    for table in metadata.tables.values():
        yield from table.constraints
        yield from table.indexes

"""Awards by hand from a table: one row for each, read whole before anything is given."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from chassis.identifiers import identifier_key
from chassis.problems import INVALID, FieldError
from chassis.projections.numbers import members_by_number
from chassis.security.authority import authorize
from chassis.tabular import Column, Kind, Row, open_table
from chassis.tabular.numbers import whole_of
from chassis.tabular.problems import file_problem
from chassis.web.validation import field_errors
from chassis.web.work import Work
from services.gamification.awards import problems, service
from services.gamification.awards.models import Award
from services.gamification.awards.rules import MOST_ROWS
from services.gamification.awards.schemas import AwardFields
from services.gamification.permissions import AWARDS_READ

COLUMNS: Final = (
    Column("employee_no", ("工号", "employee_no", "Employee number"), Kind.CODE, required=True, max_length=64),
    Column("points", ("积分", "points"), required=True, max_length=10, example="50"),
    Column("reason", ("理由", "reason"), required=True, max_length=500),
    Column("citation", ("颁奖词", "citation"), max_length=500),
)
_MOST_ERRORS: Final = 100
_NOBODY: Final = UUID(int=0)


class Wanted(NamedTuple):
    """A row: its number, who is to get the points, and the award but for its member."""

    number: int
    employee_no: str
    fields: AwardFields


def rows_of(content: bytes, media_type: str) -> list[Wanted]:
    """The rows of a table. Pure and slow. Raises `TABLE_INVALID`, and `INVALID` with what is wrong with which cell."""
    table = open_table(content, COLUMNS, media_type=media_type)
    rows = list(islice(table.rows(), MOST_ROWS + 1))
    if not rows:
        raise file_problem("empty_file")
    if len(rows) > MOST_ROWS:
        raise file_problem("too_many_rows", limit=MOST_ROWS)
    found: list[Wanted] = []
    wrong: list[FieldError] = []
    for row in rows:
        if row.errors:
            wrong += _illegible(row)
            continue
        try:
            found.append(Wanted(row.number, str(row.values["employee_no"]), _fields(row)))
        except ValidationError as error:
            wrong += field_errors([one | {"loc": ("body", "rows", row.number, *one["loc"])} for one in _errors(error)])
    _refuse(wrong)
    return found


async def propose(work: Work, community_id: UUID, rows: Sequence[Wanted]) -> list[Award]:
    """Give or propose all of them or none. Raises `INVALID` for who is no member, and what `service.propose` raises."""
    await authorize(work.session, work.caller, work.permission or AWARDS_READ, community_id, now=work.now)
    members = await members_by_number(work.session, community_id, {row.employee_no for row in rows})
    there = {key: member.id for key, member in members.items() if member.status == "active"}
    _refuse(
        replace(problems.NO_MEMBER, pointer=f"/rows/{row.number}/employee_no")
        for row in rows
        if identifier_key(row.employee_no) not in there
    )
    wanted = [row.fields.model_copy(update={"member_id": there[identifier_key(row.employee_no)]}) for row in rows]
    return await service.propose(work, community_id, wanted)


def _fields(row: Row) -> AwardFields:
    values: dict[str, Any] = {name: value for name, value in row.values.items() if name != "employee_no"}
    try:
        values["points"] = whole_of(str(values["points"]))
    except ValueError:
        values["points"] = "-"  # No number: what was written may be one for Python alone, such as `1_0`.
    return AwardFields(member_id=_NOBODY, **values)


def _errors(error: ValidationError) -> Sequence[dict[str, Any]]:
    return [dict(one) for one in error.errors(include_url=False, include_input=False)]


def _illegible(row: Row) -> list[FieldError]:
    return [
        FieldError(
            f"/rows/{row.number}" + (f"/{error.column.name}" if error.column is not None else ""),
            error.code,
            error.text("en"),
            error.text("zh-CN"),
        )
        for error in row.errors
    ]


def _refuse(wrong: Iterable[FieldError]) -> None:
    if found := list(islice(wrong, _MOST_ERRORS)):
        raise INVALID(errors=found)

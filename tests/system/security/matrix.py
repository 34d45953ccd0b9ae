"""The authorization matrix: the table kept by hand, the operations, and what a caller of each column must be answered.

An operation is tried by a `Recipe`, which says what to send for a given caller and target. Whether that must work, the table
alone says. Refused is 401 for nobody, 403, or 404 where one may not even see it; a list that leaves the thing out refuses it too.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import httpx

from chassis.security.caller import Caller
from chassis.security.permissions import COLUMNS, Column
from qunxue.documents import service_openapi

Place = Literal["home", "internal", "public"]
Whose = Literal["own", "other"]
PLACES: tuple[Place, ...] = ("home", "internal", "public")
OWN_AND_OTHER: tuple[Whose, ...] = ("own", "other")

EXTRA_COLUMNS = {
    "external": "logged in, no employee, no member anywhere",
    "gone": "left this community",
    "hr": "logged in with the platform role hr",
    "auditor": "logged in with the platform role auditor",
    "suspended": "a suspended person, who was administrator and owner",
    "svc_scope": "a service account of this community with every other scope",
    "svc_elsewhere": "a service account with this scope in another community",
}
"""Columns beside the table's. Applicants and those who are assigned are callers whose `own` things exist."""

HR = frozenset({"people.read", "people.write", "people.import", "departments.write"})
AUDITOR = frozenset({"audit.read"})
STILL_READ = frozenset({"wallets.read", "ledger_entries.read"})
"""What who left or was expelled still reads of his own."""

CALLERS = (*COLUMNS, *EXTRA_COLUMNS)


def table() -> dict[str, dict[str, str]]:
    """The table, as somebody wrote it: permission → column → cell."""
    with (Path(__file__).parent / "permissions.csv").open(encoding="utf-8", newline="") as file:
        return {row["permission"]: {column: row[column] for column in COLUMNS} for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Operation:
    """One operation of an API document."""

    service: str
    id: str
    method: str
    path: str
    permission: str | None


def operations(services: Iterable[str]) -> list[Operation]:
    """Every operation that these services' documents list."""
    return [
        Operation(service, operation["operationId"], method.upper(), path, operation.get("x-permission"))
        for service in services
        for path, methods in service_openapi(service)["paths"].items()
        for method, operation in methods.items()
    ]


@dataclass
class Player:
    """One caller of the matrix, with what is his own."""

    column: str
    caller: Caller | None
    client: httpx.AsyncClient
    member_id: UUID | None = None
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def person_id(self) -> UUID:
        assert self.caller is not None
        return self.caller.id


@dataclass(frozen=True)
class Case:
    """What a recipe is asked for."""

    who: Player
    whose: Whose = "other"
    place: Place = "home"
    variant: str | None = None


@dataclass(frozen=True)
class Call:
    """One request. `shows` names what the answer holds if the caller may see it; `also` other statuses of who was allowed, with
    the reason; `per_item` that the answer is a batch of one."""

    method: str
    path: str
    json: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[object, ...] = ()
    per_item: bool = False
    also: Mapping[int, str] = field(default_factory=dict)

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        body: dict[str, Any] = {"content": self.content} if self.content is not None else {"json": self.json}
        return await client.request(
            self.method, self.path, params=dict(self.params), headers=dict(self.headers), **body
        )


Make = Callable[[Any, Case], Call | None]


@dataclass(frozen=True)
class Recipe:
    """How to try an operation.

    `row` is the row of the table where it is not the operation's label, for the reason `why`; `within` a second row that must
    allow it too.
    """

    operation: str
    make: Make
    whose: tuple[Whose, ...]
    variants: tuple[str | None, ...]
    row: str | None
    within: str | None
    why: str
    names_to_suspended: bool

    def cases(self, who: Player, cells: Mapping[str, str]) -> list[Case]:
        """Everything to try for one caller."""
        seen_by_visibility = "v" in cells.values() and who.column in {"N", "S", "X", "external"}
        places = PLACES if seen_by_visibility else PLACES[:1]
        return [
            Case(who, whose, place, variant)
            for whose in self.whose
            for place in places
            for variant in self.variants
        ]  # fmt: skip


class Recipes:
    """The recipes of one service, by operation."""

    def __init__(self) -> None:
        self.by_operation: dict[str, list[Recipe]] = {}

    def __call__(
        self,
        *operations: str,
        whose: tuple[Whose, ...] = ("other",),
        variants: tuple[str | None, ...] = (None,),
        row: str | None = None,
        within: str | None = None,
        why: str = "",
        names_to_suspended: bool = False,
    ) -> Callable[[Make], Make]:
        """Declare a recipe of one operation, or of several that are tried alike."""

        def add(make: Make) -> Make:
            for operation in operations:
                recipe = Recipe(operation, make, whose, variants, row, within, why, names_to_suspended)
                self.by_operation.setdefault(operation, []).append(recipe)
            return make

        return add


Verdict = Literal["allowed", "refused", "name", "revoked"]


def verdict_on(recipe: Recipe, permission: str, rows: Mapping[str, Mapping[str, str]], case: Case) -> Verdict:
    """What the table says of one case of a recipe, whose operation is labelled with this permission."""
    named = recipe.row or permission
    verdict = expected(named, rows[named], case)
    if verdict == "allowed" and recipe.within is not None:
        return _by_cell(rows[recipe.within][_column(case.who.column)], case)
    return verdict


def expected(permission: str, cells: Mapping[str, str], case: Case) -> Verdict:
    """What the table says of this caller and this target."""
    column = case.who.column
    match column:
        case "suspended":
            return "revoked"
        case "svc_scope":
            return "refused"
        case "svc_elsewhere":
            of_the_platform = all(cells[name] == "-" for name in COLUMNS[:9])
            return _by_cell(cells["svc"], case) if of_the_platform else "refused"
        case "hr":
            return _by_cell(cells["A"], case) if permission in HR else _by_cell(cells["S"], case)
        case "auditor":
            return _by_cell(cells["A"], case) if permission in AUDITOR else _by_cell(cells["S"], case)
        case "gone" if permission in STILL_READ and case.whose == "own":
            return "allowed"
        case "external" | "gone":
            return _by_cell(cells["S"], case)
        case "A":
            # An administrator who is no member here is logged in and no member here, too.
            both = {_by_cell(cells["A"], case), _by_cell(cells["S"], case)}
            return "allowed" if "allowed" in both else "refused"
        case _:
            return _by_cell(cells[column], case)


def _column(name: str) -> Column:
    """The table's column that a caller who was allowed stands in."""
    return {"svc_elsewhere": "svc", "hr": "A", "auditor": "A"}.get(name, name)  # type: ignore[return-value]


def _by_cell(cell: str, case: Case) -> Verdict:
    allowed = False
    for part in cell.replace(",", "/").split("/"):
        match part.strip():
            case "y":
                allowed = True
            case "o" | "asker":
                allowed |= case.whose == "own"
            case "v":
                employee = case.who.column not in {"N", "external"}
                allowed |= case.place == "public" or (case.place == "internal" and employee)
            case "name":
                return "name"
            case "-" | "a":
                pass
            case role:
                allowed |= case.variant == role
    return "allowed" if allowed else "refused"


def found(call: Call, answer: httpx.Response) -> tuple[int, str]:
    """The status that counts, and what was said."""
    text = answer.text
    if call.per_item and answer.is_success:
        item = answer.json()["items"][0]
        return int(item["status"]), str(item)
    return answer.status_code, text


def complaint(verdict: Verdict, recipe: Recipe, case: Case, call: Call, answer: httpx.Response) -> str | None:
    """What is wrong with an answer, if anything is."""
    status, text = found(call, answer)
    succeeded = 200 <= status < 300
    shown = [str(one) for one in call.shows if str(one) in text]
    said = f"answered {status} {text[:300]}"
    match verdict:
        case "allowed":
            if succeeded and len(shown) == len(call.shows):
                return None
            return None if status in call.also else f"must be allowed, {said}"
        case "revoked":
            return None if status == 401 and "session_revoked" in text else f"must be 401 session_revoked, {said}"
        case "name" if recipe.names_to_suspended:
            return (
                None
                if succeeded and set(answer.json()) <= {"id", "slug", "name", "status"}
                else f"must see the name alone, {said}"
            )
        case _:
            if succeeded and call.shows and not shown:
                return None
            refusals = {401, 404} if case.who.column == "N" else {403, 404}
            return None if status in refusals else f"must be refused, {said}"

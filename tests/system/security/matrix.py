"""What a caller of each column must be answered, by the table kept by hand.

Refused is 401 for nobody, 403, or 404 where one may not even see it; a list that leaves the thing out refuses it too.
"""

from collections.abc import Mapping
from typing import Literal

import httpx

from chassis.security.permissions import COLUMNS, Column
from tests.system.security.recipe import Call, Case, Recipe

HR = frozenset({"people.read", "people.write", "people.import", "departments.write"})
HR_READS_ALL = frozenset({"learning_records.read"})
"""What HR reads of everybody, beside what a platform administrator may."""
AUDITOR = frozenset({"audit.read"})
OF_NO_COMMUNITY = frozenset({"departments.read", "work_calendars.read"})
"""What everybody logged in may, wherever they belong, and so a service account of any community."""
STILL_READ = frozenset({"wallets.read", "ledger_entries.read", "learning_records.read", "redemptions.read"})
"""What who left or was expelled still reads of their own."""

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
            return _by_cell(cells["svc"], case) if of_the_platform or permission in OF_NO_COMMUNITY else "refused"
        case "hr" if permission in HR_READS_ALL:
            return "allowed"
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
            case "a":
                allowed |= case.whose == "assigned"
            case "-":
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

"""What one row of an import does to one person; pure, so that a dry run and the real one cannot differ."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from chassis.imports.refusals import RowRefused
from services.membership.credentials.rules import imports_may_change_login
from services.membership.people import rules
from services.membership.people.rules import Action, Status
from services.membership.platform_roles.rules import imports_may_change_status


@dataclass(frozen=True)
class Known:
    """A person as the database has them, with what protects their account."""

    values: Mapping[str, Any]
    platform_roles: Collection[str] = ()
    has_password: bool = False


@dataclass(frozen=True)
class Plan:
    """What to do: fields to set, and transitions to make, in order."""

    changes: dict[str, Any] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.actions


def plan_new(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The fields of a person who is not there yet. Raises RowRefused."""
    if values.get("display_name") is None:
        raise RowRefused("name_missing")
    wanted = values.get("status", Status.ACTIVE)
    fields = {name: value for name, value in values.items() if value is not None}
    _check_leaving(values.get("left_on"), wanted, today)
    if wanted == Status.LEFT:
        fields["left_on"] = values.get("left_on") or today
    return fields


def plan_change(known: Known, values: Mapping[str, Any], today: date) -> Plan:
    """What the row changes of a person. Raises RowRefused."""
    now = known.values
    if now["status"] == Status.ERASED:
        raise RowRefused("erased")
    changes = {
        name: value
        for name, value in values.items()
        if name not in {"status", "employee_no", "left_on"} and now[name] != value
    }
    if "job_grade" in changes and "grade_since" not in values:
        changes = rules.with_grade_since(changes, today)
    if rules.LOGIN_FIELDS & changes.keys() and not imports_may_change_login(
        platform_roles=known.platform_roles, has_password=known.has_password
    ):
        raise RowRefused("account_protected")
    wanted = values.get("status", now["status"])
    actions = rules.path_to(now["status"], wanted) or []
    if actions and not imports_may_change_status(platform_roles=known.platform_roles):
        raise RowRefused("account_protected")
    _check_leaving(values.get("left_on"), wanted, today)
    if wanted == Status.LEFT:
        left_on = values.get("left_on") or now["left_on"] or today
        if left_on != now["left_on"]:
            changes["left_on"] = left_on
    elif now["status"] == Status.LEFT:
        changes["left_on"] = None
    return Plan(changes, actions)


def _check_leaving(left_on: date | None, wanted: str, today: date) -> None:
    if left_on is None:
        return
    if wanted != Status.LEFT:
        raise RowRefused("left_on_without_leaving")
    if left_on > today + timedelta(days=1):
        raise RowRefused("left_on_in_future")

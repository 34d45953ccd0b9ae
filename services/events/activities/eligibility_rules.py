"""Who may register for an activity. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal, get_args

from chassis.text import comparable
from chassis.workplaces import Workplace

Condition = Literal["departments", "job_grades", "sites", "roles", "cohort_ids", "joined_before", "kinds"]
MemberRole = Literal["owner", "operator", "moderator", "lecturer", "mentor"]
PersonKind = Literal["employee", "external"]

CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)


def unmet(eligibility: Mapping[str, Any] | None, member: Workplace | None) -> list[Condition]:
    """The conditions that somebody does not meet, in the order of `CONDITIONS`. All that are named must be met, each by one of its values.

    Of whom nothing is known meets none.
    """
    asked = eligibility or {}
    return [name for name in CONDITIONS if asked.get(name) and not (member and _meets(name, asked[name], member))]


def _meets(name: Condition, wanted: Any, member: Workplace) -> bool:
    match name:
        case "departments":
            return not member.departments.isdisjoint(wanted)
        case "roles":
            return not member.roles.isdisjoint(wanted)
        case "job_grades":
            return _is_one_of(member.job_grade, wanted)
        case "sites":
            return _is_one_of(member.site, wanted)
        case "cohort_ids":
            return str(member.cohort_id) in wanted
        case "joined_before":
            return member.joined_at < datetime.fromisoformat(wanted)
        case "kinds":
            return member.kind in wanted


def _is_one_of(value: str | None, wanted: Collection[str]) -> bool:
    return value is not None and _folded(value) in {_folded(one) for one in wanted}


def _folded(text: str) -> str:
    return comparable(text).casefold()

"""What an assigned community asks of people, and when somebody matches. Pure: what SQL says of many is compared with this."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

STEP: Final = 500
"""How many become members in one transaction."""
COMMUNITIES_AT_ONCE: Final = 20
"""How many communities one transaction looks at for the same people."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Everything that is asked for; what is empty or None is not."""

    departments: tuple[str, ...] = ()
    """With everything below them."""
    job_grades: tuple[str, ...] = ()
    hired_within_days: int | None = None
    grade_since_days: int | None = None
    cohort_id: UUID | None = None
    """Where those who join by it are put; nothing that is asked for."""


@dataclass(frozen=True, slots=True)
class Employee:
    """What is looked at of a person."""

    departments: Collection[str] = ()
    """Theirs, and all above it."""
    job_grade: str | None = None
    hired_on: date | None = None
    grade_since: date | None = None


def rule_of(assigned: Mapping[str, Any] | None) -> Rule:
    """The rule as a community keeps it."""
    assigned = assigned or {}
    cohort_id = assigned.get("cohort_id")
    return Rule(
        departments=tuple(assigned.get("departments", ())),
        job_grades=tuple(assigned.get("job_grades", ())),
        hired_within_days=assigned.get("hired_within_days"),
        grade_since_days=assigned.get("grade_since_days"),
        cohort_id=UUID(cohort_id) if cohort_id else None,
    )


def is_on(*, status: str, join: str, assigned: Mapping[str, Any] | None) -> bool:
    """Whether a community enrols by its rule now."""
    return status == "open" and join == "assigned" and assigned is not None


def matches(rule: Rule, person: Employee, today: date) -> bool:
    """Whether somebody has everything that is asked for on that day of the community.

    A day counts from itself on: who is hired tomorrow does not match today, and matches for so many days after it.
    """
    if rule.departments and not set(rule.departments) & set(person.departments):
        return False
    if rule.job_grades and person.job_grade not in rule.job_grades:
        return False
    return _within(rule.hired_within_days, person.hired_on, today) and _within(
        rule.grade_since_days, person.grade_since, today
    )


def _within(days: int | None, since: date | None, today: date) -> bool:
    if days is None:
        return True
    return since is not None and 0 <= (today - since).days <= days

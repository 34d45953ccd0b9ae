"""A campaign's states as the clock moves them, and the requirements that applicants are measured by."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from chassis.bounds import LARGEST_NUMBER
from chassis.text import comparable

Status = Literal["draft", "scheduled", "open", "closed", "archived"]
Op = Literal["eq", "ne", "in", "not_in", "gte", "lte", "contains"]
Step = Literal["form", "test", "interview", "approval"]
Audience = Literal["employees", "anyone"]
ChannelKind = Literal["announcement", "im", "social", "forum", "referral", "poster", "other"]
Action = Literal["open", "close", "archive"]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
STEPS: Final[tuple[Step, ...]] = get_args(Step)

PERSON_FIELDS: Final = frozenset(
    {"department_code", "departments", "title", "job_grade", "site", "hired_on", "kind", "locale", "time_zone"}
)
"""What a requirement may read of a person: nothing that identifies or reaches them. `departments` is their own and all above it."""

MAX_ANSWER_DEPTH: Final = 5


def status_at(stored: Status, *, opens_at: datetime | None, closes_at: datetime, now: datetime) -> Status:
    """The state at a moment. The clock opens scheduled campaigns and closes open ones; a draft it leaves alone."""
    if stored not in ("scheduled", "open"):
        return stored
    if now >= closes_at:
        return "closed"
    if stored == "scheduled" and opens_at is not None and now < opens_at:
        return "scheduled"
    return "open"


@dataclass(frozen=True)
class Readiness:
    """What `open` looks at."""

    channels: int
    form_version: int
    community_open: bool
    closes_at: datetime
    unsatisfiable: bool = False
    test: bool = True
    paper: bool = True

    def missing(self, now: datetime) -> list[str]:
        """What is still to be done before the campaign can open."""
        wanted = {
            "channel": self.channels > 0,
            "form": self.form_version > 0,
            "open_community": self.community_open,
            "closes_at": self.closes_at > now,
            "answerable_requirements": not self.unsatisfiable,
            "test": self.test,
            "paper": self.paper,
        }
        return [name for name, there in wanted.items() if not there]


def refusal(action: Action, *, status: Status, ready: Readiness, now: datetime) -> str | None:
    """The problem code with which a transition would be refused now; None if it is possible. `status` is that of `now`."""
    legal: dict[Action, tuple[Status, ...]] = {
        "open": ("draft",),
        "close": ("scheduled", "open"),
        "archive": ("draft", "closed"),
    }
    if status not in legal[action]:
        return "illegal_transition"
    if action == "open" and ready.missing(now):
        return "campaign_incomplete"
    return None


def applying_refusal(status: Status) -> str | None:
    """The problem code with which an application would be refused in this state of the campaign."""
    if status == "open":
        return None
    return "campaign_not_open" if status in ("draft", "scheduled") else "campaign_closed"


def takes_history(status: Status, *, opens_at: datetime | None, closes_at: datetime, now: datetime) -> bool:
    """Whether what happened in a campaign may be told afterwards: of one that opened, and of a draft whose time is over."""
    if opens_at is None or opens_at > now:
        return False
    return status in ("open", "closed") or (status == "draft" and closes_at <= now)


FROZEN_ONCE_OPEN: Final = frozenset({"opens_at", "audience", "requirements", "steps", "criteria", "test", "cohort_id"})
"""What applicants were told and are measured by. It does not change while the campaign runs."""


CHANGED_WHILE_DECIDING: Final = frozenset({"quota"})
"""What may still change between closing and archiving, while decisions are made."""


def patch_refusal(status: Status, fields: Iterable[str]) -> str | None:
    """The problem code with which changing these fields would be refused."""
    if status == "archived" or (status == "closed" and not CHANGED_WHILE_DECIDING.issuperset(fields)):
        return "illegal_transition"
    if status == "open" and FROZEN_ONCE_OPEN & set(fields):
        return "campaign_running"
    return None


def steps_in_order(steps: Iterable[Step]) -> bool:
    """Whether the steps are each listed once, in the order form, test, interview, approval, and begin with the form."""
    listed = list(steps)
    return bool(listed) and listed[0] == "form" and listed == [step for step in STEPS if step in listed]


# --- requirements --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Requirement:
    """One condition on a person or on the answers, with what the organisers say that it asks."""

    code: str
    field: str
    op: Op
    value: Any
    knock_out: bool = False
    weight: float = 1.0
    text_zh: str | None = None
    text_en: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """Which requirements failed, and the share of the weights that was met (1.0 without requirements)."""

    failed: tuple[str, ...]
    knocked_out_by: tuple[str, ...]
    score: float


_MISSING: Final = object()


REQUIREMENT_ERRORS: Final = {
    "unknown_field": (
        "There is no such field; name one of person.* or answers.*.",
        "没有这个字段；请使用 person.* 或 answers.*。",
    ),
    "value_does_not_fit_op": ("The value does not fit the operator.", "该值与运算符不符。"),
}
"""Why a requirement can never be evaluated, in both languages."""


def requirement_error(requirement: Requirement) -> str | None:
    """Why a requirement can never be evaluated, as a code; None if it can."""
    root, _, path = requirement.field.partition(".")
    if root == "person":
        if path not in PERSON_FIELDS:
            return "unknown_field"
    elif root != "answers" or not path or len(path.split(".")) > MAX_ANSWER_DEPTH or not all(path.split(".")):
        return "unknown_field"
    value = requirement.value
    if requirement.op in ("in", "not_in"):
        fits = isinstance(value, list) and bool(value) and all(_is_scalar(item) for item in value)
    elif requirement.op in ("gte", "lte"):
        fits = _is_scalar(value) and not isinstance(value, bool)
    else:
        fits = _is_scalar(value)
    return None if fits else "value_does_not_fit_op"


def evaluate(
    requirements: Iterable[Requirement], *, person: Mapping[str, Any], answers: Mapping[str, Any]
) -> Evaluation:
    """Measure one applicant. A missing or null value fails whatever the operator, `ne` and `not_in` included."""
    listed = list(requirements)
    failed = [requirement for requirement in listed if not _holds(requirement, {"person": person, "answers": answers})]
    total = sum(requirement.weight for requirement in listed)
    lost = sum(requirement.weight for requirement in failed)
    return Evaluation(
        failed=tuple(requirement.code for requirement in failed),
        knocked_out_by=tuple(requirement.code for requirement in failed if requirement.knock_out),
        score=1.0 if total <= 0 else max(0.0, (total - lost) / total),
    )


def _holds(requirement: Requirement, facts: Mapping[str, Any]) -> bool:
    actual = _value(facts, requirement.field)
    return actual is not _MISSING and holds(requirement.op, actual, requirement.value)


def holds(op: Op, actual: Any, wanted: Any) -> bool:
    """Whether an answer compares with what is wanted as the operator says; null never does."""
    if actual is None:
        return False
    match op:
        case "eq":
            return _same(actual, wanted)
        case "ne":
            return not _same(actual, wanted)
        case "in":
            return any(_same(actual, item) for item in wanted)
        case "not_in":
            return not any(_same(actual, item) for item in wanted)
        case "gte":
            return _compared(actual, wanted, operator.ge)
        case "lte":
            return _compared(actual, wanted, operator.le)
        case "contains":
            if isinstance(actual, str):
                return isinstance(wanted, str) and comparable(wanted) in comparable(actual)
            return isinstance(actual, list) and any(_same(item, wanted) for item in actual)


def _value(facts: Mapping[str, Any], field: str) -> Any:
    value: Any = facts
    for part in field.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return comparable(one) == comparable(other)
    # JSON's true is not 1, which Python thinks it is.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _compared(one: Any, other: Any, order: Callable[[Any, Any], bool]) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return order(comparable(one), comparable(other))
    return is_number(one) and is_number(other) and order(one, other)


def is_number(value: Any) -> bool:
    """Whether it is a number of JSON; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or (is_number(value) and abs(value) <= LARGEST_NUMBER)

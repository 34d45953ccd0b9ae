"""What the operations of earning rules and outcomes take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Integer, Moment
from services.gamification.earning.rules import OncePer, Operator
from services.gamification.earning.triggers import TRIGGERS

RULE_CODE_PATTERN = r"^[a-z][a-z0-9_]{1,62}$"

Text = Annotated[str, StringConstraints(max_length=200)]
Scalar = bool | Integer | Annotated[float, Field(allow_inf_nan=False)] | Text
Amount = Annotated[int, Field(ge=-100_000, le=100_000)]
Cap = Annotated[int, Field(ge=0, le=1_000_000)]


def _offered() -> str:
    """The triggers, each with whom it pays and what conditions may test."""
    return "What is paid: the trigger, whom a rule on it may pay, and what conditions may test.\n\n" + "\n".join(
        f"- `{name}` pays {' or '.join(trigger.pays)}; {', '.join(trigger.tests) or 'nothing to test'}"
        for name, trigger in sorted(TRIGGERS.by_name.items())
    )


TriggerName = Annotated[
    str,
    StringConstraints(max_length=64),
    Field(description=_offered(), json_schema_extra={"enum": [*sorted(TRIGGERS.by_name)]}),
]


class ConditionBody(RequestModel):
    """A test of one attribute of what happened; `in` and `not_in` take a list, the others a single value."""

    field: Annotated[str, StringConstraints(max_length=64)]
    op: Operator
    value: Scalar | Annotated[list[Scalar], Field(max_length=50)]


class EarningRulePut(RequestModel):
    """A new version of a rule. Caps count points, by day and ISO week of the community.

    `valid_from` left out means since ever for the first version a community sets of a code, and from now on for later ones;
    null means since ever. A moment in the past folds again what happened since. A version that is still to come stays; one for the
    same moment or a later one replaces it.
    """

    trigger: TriggerName
    when: Annotated[list[ConditionBody], Field(max_length=10)] = []
    points: Amount
    xp: Annotated[int, Field(ge=0, le=100_000)]
    beneficiary: Annotated[str, StringConstraints(max_length=16)] | None = None
    once_per: OncePer = "event"
    daily_cap: Cap | None = None
    weekly_cap: Cap | None = None
    enabled: bool = True
    valid_from: Moment | None = None


class ConditionPublic(ResponseModel):
    """A test of one attribute of what happened."""

    field: str
    op: str
    value: Any


class RoomPublic(ResponseModel):
    """Points a member can still earn by a rule, today and this week; null without a cap."""

    today: int | None
    this_week: int | None


class EarningRulePublic(ResponseModel):
    """A version of an earning rule; version 0 is the product's default."""

    code: str
    title: str
    version: int
    trigger: str
    to_come: Annotated[bool, Field(description="Nothing tells of such deeds yet: the rule pays nothing before.")]
    when: list[ConditionPublic]
    points: int
    xp: int
    beneficiary: str
    once_per: OncePer
    daily_cap: int | None
    weekly_cap: int | None
    enabled: bool
    valid_from: datetime | None
    in_force: bool
    room: RoomPublic | None = None


class RuleEffects(ResponseModel):
    """What a version valid from the past changes of what was earned already."""

    members: int
    awards: int
    reversals: int
    points: int
    xp: int


class EarningRuleChanged(ResponseModel):
    """The new version, and what it changed (or, in a dry run, would change)."""

    rule: EarningRulePublic
    dry_run: bool
    effects: RuleEffects


class AmountPublic(ResponseModel):
    """An amount in both currencies."""

    points: int
    xp: int


class OutcomeSource(ResponseModel):
    """What happened: the message or deed, and the thing it was about."""

    id: UUID
    type: str
    object_kind: str
    object_id: str
    occurred_at: datetime


class EarningOutcomePublic(ResponseModel):
    """What one rule paid for one thing that happened; `code` says why it is less than wanted, null where it is not."""

    source: OutcomeSource
    rule: str
    rule_title: str
    rule_version: int
    beneficiary: str
    wanted: AmountPublic
    paid: AmountPublic
    code: str | None


class EarningOutcomesPublic(ResponseModel):
    """Outcomes of a member, the latest first. A page holds `limit` things that happened, with one item for each rule.

    `nothing` says why a single source has none: `not_seen_yet` or `no_rule`.
    """

    items: list[EarningOutcomePublic]
    next: str | None = None
    nothing: Literal["no_rule", "not_seen_yet"] | None = None
    as_of: datetime

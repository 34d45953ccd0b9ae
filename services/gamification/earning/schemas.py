"""What the operations of earning rules and outcomes take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema

from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Day, Integer, Moment, OneLine
from services.gamification.earning.rules import (
    Condition,
    GiverLimit,
    Multiplier,
    OncePer,
    Operator,
    Refusal,
    RuleVersion,
)
from services.gamification.earning.triggers import TRIGGERS

RULE_CODE_PATTERN = r"^[a-z][a-z0-9_]{1,62}$"

Text = Annotated[str, StringConstraints(max_length=200)]
Scalar = bool | Integer | Annotated[float, Field(allow_inf_nan=False)] | Text
# Documented as any value: generated clients of some languages cannot choose between a list and what is none.
Value = Annotated[
    Scalar | Annotated[list[Scalar], Field(max_length=50)],
    WithJsonSchema({"description": "A text, a number, true or false; or a list of at most 50 of them."}),
]
Amount = Annotated[int, Field(ge=-100_000, le=100_000)]
Cap = Annotated[int, Field(ge=0, le=1_000_000)]


def _offered() -> str:
    """The triggers, each with whom it pays and what conditions may test."""
    return (
        "The trigger. Each pays the named members; conditions may test the attributes listed after it.\n\n"
        + "\n".join(
            f"- `{name}` pays {' or '.join(trigger.pays)}; {', '.join(trigger.tests) or 'nothing to test'}"
            for name, trigger in sorted(TRIGGERS.by_name.items())
        )
    )


TRIGGER = Closed("Trigger", sorted(TRIGGERS.by_name))
OPERATOR = Closed("ConditionOperator", Operator)
ONCE_PER = Closed("OncePer", OncePer)
REFUSAL = Closed("EarningRefusal", [*get_args(Refusal), "removed", "taken_back"])
Window = Literal["day", "week"]
WINDOW = Closed("LimitWindow", Window)
Nothing = Literal["no_rule", "not_seen_yet"]

TriggerName = Annotated[
    str,
    StringConstraints(max_length=64),
    TRIGGER,
    Field(description=_offered()),
]


RuleTitle = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]


class ConditionBody(RequestModel):
    """A test of one attribute of the deed. `in` and `not_in` take a list, the other operators a single value."""

    field: Annotated[str, StringConstraints(max_length=64)]
    op: Annotated[Operator, OPERATOR]
    value: Value


class GiverLimitBody(RequestModel):
    """How many deeds of one giver are paid in a day or an ISO week of the community."""

    count: Annotated[int, Field(ge=1, le=1_000)]
    per: Annotated[Window, WINDOW]


class MultiplierBody(RequestModel):
    """Deeds from one moment on and before another earn this many hundredths of the points and xp, rounded down."""

    from_: Annotated[Moment, Field(alias="from")]
    to: Moment
    percent: Annotated[int, Field(ge=10, le=1_000, description="200 is twice as much.")]


class EarningRuleTerms(RequestModel):
    """What a rule pays for. Caps count points, by the community's day and ISO week."""

    trigger: TriggerName
    when: Annotated[list[ConditionBody], Field(max_length=10)] = []
    points: Amount
    xp: Annotated[int, Field(ge=0, le=100_000)]
    beneficiary: Annotated[str, StringConstraints(max_length=16)] | None = None
    once_per: Annotated[OncePer, ONCE_PER] = "event"
    daily_cap: Cap | None = None
    weekly_cap: Cap | None = None
    per_target_cap: Annotated[
        Cap | None,
        Field(description="The most points for one thing that deeds are about, for ever: likes of one article."),
    ] = None
    cooldown_minutes: Annotated[
        int | None,
        Field(ge=1, le=10_080, description="How long after a deed that counted no other is paid."),
    ] = None
    multipliers: Annotated[list[MultiplierBody], Field(max_length=20)] = []
    per_giver: Annotated[
        GiverLimitBody | None, Field(description="Pay only so many deeds of one giver: reactions, accepted answers.")
    ] = None
    shared: Annotated[
        bool,
        Field(description="Pay the points once, shared among at most 5 who did it together; else each gets them all."),
    ] = False
    enabled: bool = True

    def version(self, code: str, valid_from: datetime | None) -> RuleVersion:
        """These terms as a version of a rule that has no number yet."""
        trigger = TRIGGERS.by_name.get(self.trigger)
        return RuleVersion(
            code=code,
            trigger=self.trigger,
            points=self.points,
            xp=self.xp,
            beneficiary=self.beneficiary or (trigger.beneficiaries[0] if trigger else "member"),
            when=tuple(Condition(c.field, c.op, c.value) for c in self.when),
            once_per=self.once_per,
            daily_cap=self.daily_cap,
            weekly_cap=self.weekly_cap,
            per_target_cap=self.per_target_cap,
            cooldown_minutes=self.cooldown_minutes,
            multipliers=tuple(Multiplier(each.from_, each.to, each.percent) for each in self.multipliers),
            per_giver=GiverLimit(self.per_giver.count, self.per_giver.per) if self.per_giver else None,
            shared=self.shared,
            enabled=self.enabled,
            valid_from=valid_from,
        )


class EarningRulePut(EarningRuleTerms):
    """A new version of a rule. Caps count points, by the community's day and ISO week.

    Without `valid_from`, a community's first version of a code is valid from the beginning, and later versions from now on.
    null means from the beginning. A moment in the past recalculates everything since then. A planned version with a future
    `valid_from` stays planned, unless this one starts at the same moment or later.

    Titles are what members read. They belong to the rule and not to a version: without them they stay as they are, null is the
    product's title, or the code where there is none. Who reads the other language gets the one that there is.
    """

    valid_from: Moment | None = None
    title_zh: RuleTitle | None = None
    title_en: RuleTitle | None = None


class EarningRuleTrial(EarningRuleTerms):
    """A rule to be tried on what was done on these days of the community, both inclusive; without them from the beginning, and until now.

    `code` may be that of a rule that there is. The rule is tried as if it had been made with `valid_from` at the beginning of the first day.
    """

    community_id: UUID
    code: Annotated[str, StringConstraints(pattern=RULE_CODE_PATTERN)]
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None


class GiverLimitPublic(ResponseModel):
    """How many deeds of one giver are paid in a day or an ISO week of the community."""

    count: int
    per: Annotated[Window, WINDOW]


class MultiplierPublic(ResponseModel):
    """Deeds from one moment on and before another earn this many hundredths of the points and xp, rounded down."""

    from_: Annotated[datetime, Field(serialization_alias="from")]
    to: datetime
    percent: int


class ConditionPublic(ResponseModel):
    """A test of one attribute of the deed."""

    field: str
    op: Annotated[str, OPERATOR]
    value: Any


class RoomPublic(ResponseModel):
    """The points that a member can still earn by a rule today and this week; null if there is no cap."""

    today: int | None
    this_week: int | None


class EarningRulePublic(ResponseModel):
    """A version of an earning rule. Version 0 is the product's default."""

    code: str
    title: Annotated[str, Field(description="In the reader's language.")]
    title_zh: str | None
    title_en: str | None
    version: int
    trigger: Annotated[str, TRIGGER]
    to_come: Annotated[bool, Field(description="Such deeds are not reported yet, so the rule pays nothing until then.")]
    when: list[ConditionPublic]
    points: int
    xp: int
    beneficiary: str
    once_per: Annotated[OncePer, ONCE_PER]
    daily_cap: int | None
    weekly_cap: int | None
    per_target_cap: int | None
    cooldown_minutes: int | None
    multipliers: list[MultiplierPublic]
    per_giver: GiverLimitPublic | None
    shared: bool
    enabled: bool
    valid_from: datetime | None
    recounting: Annotated[
        bool, Field(description="What was done before it was made is still being calculated again, member by member.")
    ] = False
    in_force: bool
    room: RoomPublic | None = None


class RuleEffects(ResponseModel):
    """What a version that is valid from the past changes in earlier earnings."""

    members: int
    awards: int
    reversals: int
    points: int
    xp: int
    partial: bool = Field(description="Of a dry run that reaches very many: only a part of the members was counted.")


class EarningRuleChanged(ResponseModel):
    """The new version, and what it changed (in a dry run: what it would change).

    If it reaches over 500 deeds, they are calculated again in the background: the rule is `recounting`, and `effects` are zero.
    """

    rule: EarningRulePublic
    dry_run: bool
    effects: RuleEffects


class AmountPublic(ResponseModel):
    """An amount in both currencies."""

    points: int
    xp: int


class OutcomeSource(ResponseModel):
    """The message or deed that was paid for, and the thing it was about."""

    id: UUID
    type: str
    object_kind: str
    object_id: str
    occurred_at: datetime


class EarningOutcomePublic(ResponseModel):
    """What a rule paid for a deed. `code` says why it paid less than it offers, `text` the same in words; both are null if it paid in full."""

    source: OutcomeSource
    rule: str
    rule_title: str
    rule_version: int
    beneficiary: str
    wanted: AmountPublic
    paid: AmountPublic
    code: Annotated[str, REFUSAL] | None
    text: str | None


class EarningOutcomesPublic(ResponseModel):
    """Outcomes of a member, the latest first. A page covers `limit` deeds, with one item for each rule.

    `nothing` says why a single source has no outcome: `not_seen_yet` or `no_rule`; `nothing_text` says it in words.
    """

    items: list[EarningOutcomePublic]
    next: str | None = None
    nothing: Annotated[Nothing, Closed("Nothing", Nothing)] | None = None
    nothing_text: str | None = None
    as_of: datetime

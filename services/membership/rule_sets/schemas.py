"""Rule sets as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from chassis.wrong import Wrong, second_of_two
from services.membership.cohorts.schemas import Code
from services.membership.communities.schemas import HIDDEN
from services.membership.rule_sets import rules, wanting

CATEGORY = Closed("RuleCategory", rules.Category)
SEVERITY = Closed("Severity", rules.Severity)
STATE = Closed("RuleSetState", rules.State)

METRIC = Closed("MeasureMetric", wanting.Metric)
OP = Closed("MeasureOp", wanting.Op)
WINDOW = Closed("MeasureWindow", wanting.WindowKind)

Title = Annotated[str, StringConstraints(min_length=1, max_length=rules.LONGEST_TITLE), OneLine]
Text = Annotated[str, StringConstraints(min_length=1, max_length=rules.LONGEST_TEXT), Said]


class Measure(RequestModel):
    """What a rule wants of each member in each window: `gte`, at least so many, or `lte`, at most.

    Weeks begin on Monday. `posts` are discussions and replies, `replies` are answers and comments.
    """

    metric: Annotated[wanting.Metric, METRIC]
    op: Annotated[wanting.Op, OP]
    value: Annotated[int, Field(ge=0, le=wanting.MOST_VALUE)]
    window: Annotated[wanting.WindowKind, WINDOW]

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        code = wanting.impossible(self.metric, self.op, self.value, self.window)
        if code is not None:
            raise Wrong(code, *_IMPOSSIBLE[code], at="/value")
        return self


_IMPOSSIBLE = {
    "always_kept": ("Everybody always keeps this.", "该要求始终成立，请调整数值。"),
    "never_kept": ("Members check in once a day: nobody can keep this.", "每人每天最多打卡一次，该要求无法达成。"),
}


class Rule(RequestModel):
    """A rule, known by its code from one version to the next."""

    code: Code
    category: Annotated[rules.Category, CATEGORY]
    title: Title
    text: Text
    severity: Annotated[rules.Severity, SEVERITY]
    measure: Measure | None = None


def _rules(value: list[Rule]) -> list[Rule]:
    codes = [one.code for one in value]
    if len(set(codes)) < len(codes):
        at = f"/{second_of_two(codes)}/code"
        raise Wrong("codes_differ", "The codes of the rules must differ.", "规则的编码不能重复。", at=at)
    if sum(one.measure is not None for one in value) > wanting.MOST_MEASURES:
        most = wanting.MOST_MEASURES
        raise Wrong("too_many_measures", f"At most {most} rules have a measure.", f"最多 {most} 条规则可设置指标。")
    if rules.characters([one.model_dump() for one in value]) > rules.MOST_CHARACTERS:
        most = rules.MOST_CHARACTERS
        raise Wrong(
            "too_long_together",
            f"All titles and texts together have at most {most} characters.",
            f"所有标题与正文合计不得超过 {most} 个字符。",
        )
    return value


Rules = Annotated[list[Rule], Field(min_length=1, max_length=rules.MOST_RULES), AfterValidator(_rules)]


class RuleSetCreate(RequestModel):
    """A draft of a community's rules."""

    community_id: UUID
    rules: Rules


class RuleSetPatch(RequestModel):
    """The rules in place of those of the draft."""

    rules: Rules = ABSENT


class RuleMeasurePublic(ResponseModel):
    """What a rule wants of each member in each window."""

    metric: Annotated[str, METRIC]
    op: Annotated[str, OP]
    value: int
    window: Annotated[str, WINDOW]


class RulePublic(ResponseModel):
    """A rule. Title and text are null where others do not read them yet, or no more."""

    code: str
    category: Annotated[str, CATEGORY]
    title: str | None
    text: str | None
    severity: Annotated[str, SEVERITY]
    measure: RuleMeasurePublic | None = None


class OwnAcknowledgement(ResponseModel):
    """What is asked of the caller: `acknowledged_at` is null until they have acknowledged it, and from `due_at` on they read and do not post."""

    acknowledged_at: datetime | None
    due_at: datetime | None
    overdue: bool


class RuleSetPublic(ResponseModel):
    """A community's rules, as a draft or a version. `version` counts the published ones and is null for a draft.

    Lists leave out `rules`, `own` and `viewer`. `hidden` says why others do not read titles and texts. `own` is the caller's, if they are a member.
    """

    id: UUID
    community_id: UUID
    version: int | None
    state: Annotated[str, STATE]
    rules_count: int
    rules: list[RulePublic] | None = None
    hidden: Annotated[Annotated[str, HIDDEN] | None, Field(description="Null where everybody reads them.")] = None
    created_at: datetime
    published_at: datetime | None
    published_by: Actor | None
    acknowledge_by: datetime | None
    superseded_at: datetime | None
    own: OwnAcknowledgement | None = None
    viewer: Viewer | None = None


class AcknowledgementPublic(ResponseModel):
    """That a member has acknowledged a version of the rules."""

    rule_set_id: UUID
    version: int
    member_id: UUID
    acknowledged_at: datetime


class MissingAcknowledgement(ResponseModel):
    """A member who has not acknowledged the rules in force."""

    member: MemberEmbed
    due_at: datetime
    overdue: bool

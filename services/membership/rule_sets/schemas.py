"""Rule sets as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from chassis.wrong import Wrong, second_of_two
from services.membership.cohorts.schemas import Code
from services.membership.communities.schemas import HIDDEN
from services.membership.rule_sets import rules

CATEGORY = Closed("RuleCategory", rules.Category)
SEVERITY = Closed("Severity", rules.Severity)
STATE = Closed("RuleSetState", rules.State)

Title = Annotated[str, StringConstraints(min_length=1, max_length=rules.LONGEST_TITLE), OneLine]
Text = Annotated[str, StringConstraints(min_length=1, max_length=rules.LONGEST_TEXT), Said]


class Rule(RequestModel):
    """A rule, known by its code from one version to the next."""

    code: Code
    category: Annotated[rules.Category, CATEGORY]
    title: Title
    text: Text
    severity: Annotated[rules.Severity, SEVERITY]


def _rules(value: list[Rule]) -> list[Rule]:
    codes = [one.code for one in value]
    if len(set(codes)) < len(codes):
        at = f"/{second_of_two(codes)}/code"
        raise Wrong("codes_differ", "The codes of the rules must differ.", "规则的编码不能重复。", at=at)
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


class RulePublic(ResponseModel):
    """A rule. Title and text are null where others do not read them yet, or no more."""

    code: str
    category: Annotated[str, CATEGORY]
    title: str | None
    text: str | None
    severity: Annotated[str, SEVERITY]


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

"""Insights as requests and answers."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.contributions import ObjectRef
from chassis.web.named import Closed, Named
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, Said
from services.analytics.insights.effect_rules import Verdict
from services.analytics.insights.finding_rules import Code
from services.analytics.insights.rules import Severity, Status

STATUS = Closed("InsightStatus", Status)
SEVERITY = Closed("InsightSeverity", Severity)
VERDICT = Closed("EffectVerdict", Verdict)

Evidence = Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]
Change = Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]
Note = Annotated[str, StringConstraints(max_length=2000)]
MetricCode = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Figures = Annotated[dict[str, float], Named("Figures")]


def named(codes: Iterable[str]) -> str:
    """Codes in a description."""
    return ", ".join(f"`{code}`" for code in codes)


class InsightRaise(RequestModel):
    """What you saw. With `change` and `changed_on` it is acted upon already."""

    community_id: UUID
    evidence: Evidence = Field(description="What you saw.")
    severity: Annotated[Severity, SEVERITY] = "medium"
    suggestion: Change | None = Field(default=None, description="What could be done.")
    change: Change | None = Field(default=None, description="What was done about it.")
    changed_on: Day | None = Field(default=None, description="The community's day on which it was done.")
    metric: MetricCode | None = Field(default=None, description="By which metric one sees what comes of it.")
    cohort_id: UUID | None = Field(default=None, description="For which cohort alone it was changed.")
    owner_id: UUID | None = Field(default=None, description="The operator or owner who sees to it.")
    note: Note = ""


class InsightPatch(RequestModel):
    """What to change; null takes the owner or the metric away."""

    owner_id: UUID | None = ABSENT
    note: Note = ABSENT
    severity: Annotated[Severity, SEVERITY] = ABSENT
    metric: MetricCode | None = ABSENT


class InsightAcknowledge(RequestModel):
    """Who sees to it: you, unless you name another."""

    owner_id: UUID | None = None
    note: Note | None = None


class InsightAct(RequestModel):
    """What was changed, since when, and by which metric one sees what comes of it."""

    change: Change
    changed_on: Day | None = Field(default=None, description="The community's day; today unless given.")
    metric: MetricCode | None = Field(default=None, description="Stays as it is unless given.")
    cohort_id: UUID | None = Field(default=None, description="For which cohort alone it was changed.")
    note: Note | None = None


class InsightClose(RequestModel):
    """What you want to say about it; the note stays unless given."""

    note: Note | None = None


class EffectFigure(ResponseModel):
    """A value and how many it rests on."""

    value: float | None
    n: int | None


class EffectCompared(ResponseModel):
    """The same before and after. Below 20 on either side it is `too_little_to_say`, and there is no difference."""

    before: EffectFigure
    after: EffectFigure
    difference: float | None
    verdict: Annotated[str, VERDICT]


class EffectBeside(EffectCompared):
    """A cohort for which nothing was changed."""

    cohort_id: UUID


class InsightEffect(EffectCompared):
    """What came of a change, by one metric: four weeks before against four after, and beside it the cohorts that were not touched."""

    metric: str
    version: int
    unit: str
    before_from: date
    before_to: date
    after_from: date
    after_to: date
    as_of: datetime
    beside: list[EffectBeside]


class InsightPublic(ResponseModel):
    """Something that should change. `evidence` and `suggestion` of what a rule found are in the reader's language."""

    id: UUID
    community_id: UUID
    code: str = Field(description=f"The rule that found it ({named(get_args(Code))}), `automated` or `raised_by_hand`.")
    severity: Annotated[str, SEVERITY]
    object: ObjectRef | None = Field(description="What it is about.")
    evidence: str = Field(description="What was seen.")
    figures: Figures = Field(
        description="The numbers that the rule judged by; `evidence` says them in words. Empty of what was raised by hand."
    )
    suggestion: str | None
    title: str | None = Field(description="What it is about, as people call it.")
    status: Annotated[str, STATUS]
    owner: MemberEmbed | None = Field(description="Who sees to it.")
    note: str
    change: str | None = Field(description="What was done about it.")
    changed_on: date | None
    metric: str | None = Field(description="By which metric one sees what came of it.")
    cohort_id: UUID | None = Field(description="For which cohort alone it was changed.")
    effect_due_on: date | None = Field(description="From when on one can see what came of it.")
    effect: InsightEffect | None = Field(description="What came of it; null until it is measured.")
    measured_at: datetime | None
    raised_by: MemberEmbed | None = Field(description="Null for what a rule found.")
    raised_at: datetime
    acknowledged_at: datetime | None
    acting_at: datetime | None
    closed_at: datetime | None
    viewer: Viewer


class InsightDetails(InsightPublic):
    """The same, with the members whom it is about: 50 of them at most, the longest silent first."""

    members: list[MemberEmbed]

"""Automations as requests and answers."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine
from services.analytics.automations.rules import Status, Tell, TriggerKind
from services.analytics.automations.triggers import BY_NAME
from services.analytics.insights.finding_rules import Code
from services.analytics.insights.rules import Severity
from services.analytics.insights.schemas import SEVERITY, named

STATUS = Closed("AutomationStatus", Status)
TELL = Closed("AutomationTell", Tell)
KIND = Closed("AutomationTriggerKind", TriggerKind)

Title = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Channel = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Days = Annotated[int, Field(ge=1, le=90)]


class AutomationTrigger(RequestModel):
    """What sets it off: a rule of insights (`code`), a member who seems likely to leave, a message about what a member did (`type`,
    as `gamification.checkin.recorded`), or nothing done for `days` after joining.
    """

    kind: Annotated[TriggerKind, KIND]
    code: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description=f"With `insight`, the rule: {named(get_args(Code))}."
    )
    type: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        default=None, description=f"With `event`, the message: {named(sorted(BY_NAME))}."
    )
    days: Days | None = Field(
        default=None,
        description="With `silence`: who did nothing in so many days after joining; reading alone is nothing.",
    )


class AutomationCreate(RequestModel):
    """What is to happen by itself. It is off until you tried it and switched it on."""

    community_id: UUID
    title: Title = Field(description="What it is called; whoever is told reads this.")
    trigger: AutomationTrigger
    cohort_id: UUID | None = Field(default=None, description="Only about members of this cohort.")
    channel: Channel | None = Field(
        default=None, description="Only about members who came through the channel of this code."
    )
    min_severity: Annotated[Severity, SEVERITY] | None = Field(
        default=None, description="Only about insights at least so serious."
    )
    tell: Annotated[Tell, TELL] | None = Field(default=None, description="Who is told.")
    raises: bool = Field(default=False, description="Whether an insight is raised, which counts whom it concerned.")
    severity: Annotated[Severity, SEVERITY] = "low"


class AutomationPatch(RequestModel):
    """What to change. Anything but the title switches it off until it is tried again."""

    title: Title = ABSENT
    trigger: AutomationTrigger = ABSENT
    cohort_id: UUID | None = None
    channel: Channel | None = None
    min_severity: Annotated[Severity, SEVERITY] | None = None
    tell: Annotated[Tell, TELL] | None = None
    raises: bool = ABSENT
    severity: Annotated[Severity, SEVERITY] = ABSENT


class AutomationTriggerPublic(ResponseModel):
    """What sets it off."""

    kind: Annotated[str, KIND]
    code: str | None
    type: str | None
    days: int | None


class AutomationPublic(ResponseModel):
    """What happens by itself."""

    id: UUID
    community_id: UUID
    title: str
    trigger: AutomationTriggerPublic
    cohort_id: UUID | None
    channel: str | None
    min_severity: Annotated[str, SEVERITY] | None
    tell: Annotated[str, TELL] | None
    raises: bool
    severity: Annotated[str, SEVERITY]
    status: Annotated[str, STATUS]
    tried_at: datetime | None = Field(description="When it was last tried as it is now; null if it was not.")
    concerned: int | None = Field(description="How often it would have been set off in 30 days, when it was tried.")
    created_at: datetime
    viewer: Viewer


class Concerned(ResponseModel):
    """Whom an automation concerned, or would have concerned; `member` null: it was about no single member."""

    member: MemberEmbed | None
    at: datetime | None = Field(description="When; of what is known by day only, null.")
    times: int


class DryRun(ResponseModel):
    """Whom it would have concerned in the last 30 days, up to 200 of them; it told nobody and changed nothing but that it was tried."""

    total: int
    items: list[Concerned]
    automation: AutomationPublic


class FiringPublic(ResponseModel):
    """That an automation was set off."""

    id: UUID
    cause_kind: str
    cause_id: UUID
    member: MemberEmbed | None
    at: datetime

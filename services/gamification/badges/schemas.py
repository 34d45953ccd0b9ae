"""What the operations of badges take and answer."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import OneLine, OneLineOrNothing, Said
from services.gamification.badges.rules import CounterName, Match
from services.gamification.earning.triggers import TRIGGERS

COUNTER = Closed("BadgeCounter", get_args(CounterName))
MATCH = Closed("BadgeMatch", get_args(Match))
CAUSE = Closed("BadgeCause", ["reached", "past", "by_hand"])
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40), OneLine]
About = Annotated[str, StringConstraints(max_length=300), OneLineOrNothing]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]
TriggerCode = Annotated[str, StringConstraints(max_length=64), Closed("Trigger", sorted(TRIGGERS.by_name))]
AsWhom = Annotated[str, StringConstraints(max_length=16)]


class CriterionBody(RequestModel):
    """A counter that must have come so far: `deeds` of a `trigger`, check-ins, the longest streak in days, xp, or the position of the level.

    Of a trigger that can pay several members, `beneficiary` says as whom the member counts; the first one where it is not given.
    """

    counter: Annotated[CounterName, COUNTER]
    trigger: TriggerCode | None = None
    beneficiary: AsWhom | None = None
    at_least: Annotated[int, Field(ge=1, le=1_000_000_000)]


Criteria = Annotated[list[CriterionBody], Field(max_length=10)]


class BadgeCreate(RequestModel):
    """A badge. Who fulfils `all` or `any` of its criteria is awarded it; without criteria it is awarded by hand alone."""

    community_id: UUID
    code: Code
    name_zh: Name
    name_en: Name
    about_zh: About = ""
    about_en: About = ""
    match: Annotated[Match, MATCH] = "all"
    criteria: Criteria = []


class BadgePatch(RequestModel):
    """What to change. Every change is a new version; who has the badge keeps it. One that is not `enabled` is awarded to nobody."""

    name_zh: Name = ABSENT
    name_en: Name = ABSENT
    about_zh: About = ABSENT
    about_en: About = ABSENT
    match: Annotated[Match, MATCH] = ABSENT
    criteria: Criteria = ABSENT
    enabled: bool = ABSENT


class CriterionPublic(ResponseModel):
    """A counter that must have come so far. `title` is what is counted, in the reader's language."""

    counter: Annotated[str, COUNTER]
    title: str
    trigger: str | None
    beneficiary: str | None
    at_least: int
    current: int | None = Field(
        description="How far the caller is; null of a badge that they have, of one that is not given, and for who is no member."
    )


class BadgePublic(ResponseModel):
    """A badge as it is now. `mine` is when the caller was awarded it, if they have it."""

    id: UUID
    community_id: UUID
    code: str
    version: int
    name: str
    name_zh: str
    name_en: str
    about: str
    about_zh: str
    about_en: str
    match: Annotated[str, MATCH]
    criteria: list[CriterionPublic]
    enabled: bool
    created_at: datetime
    mine: datetime | None


class BadgeDecision(RequestModel):
    """Who is awarded the badge by hand, or whose badge is revoked, and why."""

    member_id: UUID
    reason: Reason


class BadgeAwardPublic(ResponseModel):
    """A badge that a member has, in the version by which they were awarded it: `reached`, as a deed of the `past`, or `by_hand`."""

    id: UUID
    badge_id: UUID
    code: str
    name: str
    badge_version: int
    community_id: UUID
    member: MemberEmbed
    cause: Annotated[str, CAUSE]
    awarded_at: datetime
    awarded_by: Actor
    revoked_at: datetime | None


class BadgeGrant(RequestModel):
    """A badge for all who fulfil it already. A dry run says how many they are."""

    badge_id: UUID
    dry_run: bool = False

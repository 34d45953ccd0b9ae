"""What the operations of ladders and promotions take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import OneLine, Said
from services.gamification.badges.counters import counter
from services.gamification.badges.rules import Criterion
from services.gamification.badges.schemas import AsWhom, Code, TriggerCode
from services.gamification.levels.rules import Rung

LevelCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
LevelName = Annotated[str, StringConstraints(min_length=1, max_length=40), OneLine]
LevelCounter = Literal["deeds", "checkins", "longest_streak"]
LEVEL_COUNTER = Closed("LevelCounter", LevelCounter)
PERK = Closed("LevelPerk", ["mentor", "lecturer"])
Perk = Annotated[Literal["mentor", "lecturer"], PERK]


class CountBody(RequestModel):
    """Something that must have been done so often: `deeds` of a `trigger`, check-ins, or the days of the longest streak."""

    counter: Annotated[LevelCounter, LEVEL_COUNTER]
    trigger: TriggerCode | None = None
    beneficiary: AsWhom | None = None
    at_least: Annotated[int, Field(ge=1, le=1_000_000)]


class CountPublic(ResponseModel):
    """Something that must have been done so often. `title` is what, in the reader's language."""

    counter: Annotated[str, LEVEL_COUNTER]
    title: str
    trigger: str | None
    beneficiary: str | None
    at_least: int


class RungBody(RequestModel):
    """A level of a ladder. `xp` and everything else that it asks must be fulfilled; one that is `decided` is then given by decision.

    `tenure_days` counts from when the member joined. With `no_live_penalty` nobody reaches it who is muted or suspended; they reach it
    when that is over. `badges` are codes of badges that they must have. Who holds it or a higher level has the roles in `perks`.
    """

    code: LevelCode
    name_zh: LevelName
    name_en: LevelName
    xp: Annotated[int, Field(ge=0, le=1_000_000_000)]
    decided: bool = False
    tenure_days: Annotated[int, Field(ge=0, le=3650)] = 0
    no_live_penalty: bool = False
    badges: Annotated[list[Code], Field(max_length=10)] = []
    counts: Annotated[list[CountBody], Field(max_length=10)] = []
    perks: Annotated[list[Perk], Field(max_length=2)] = []

    def as_rung(self, position: int) -> Rung:
        """The rung at a position."""
        return Rung(
            code=self.code,
            position=position,
            xp=self.xp,
            en=self.name_en,
            zh=self.name_zh,
            decided=self.decided,
            tenure_days=self.tenure_days,
            no_live_penalty=self.no_live_penalty,
            perks=tuple(sorted(set(self.perks))),
            badges=tuple(sorted(set(self.badges))),
            counts=tuple(
                Criterion(counter(one.counter, one.trigger, one.beneficiary), one.at_least) for one in self.counts
            ),
        )


class LadderPut(RequestModel):
    """A community's ladder, from the lowest level up."""

    items: Annotated[list[RungBody], Field(min_length=2, max_length=20)]


class AskedBadge(ResponseModel):
    """A badge that a level asks for, with its name in the reader's language."""

    id: UUID
    code: str
    name: str


class RungPublic(ResponseModel):
    """A level of a ladder. `xp` reaches it, with whatever else it asks; `keeps_at` keeps it.

    `badges` are codes; `asked_badges` are the same with their names.
    """

    code: str
    name: str
    name_zh: str
    name_en: str
    position: int
    xp: int
    keeps_at: int
    decided: Annotated[bool, Field(description="Nobody reaches it by themselves: it is decided who is given it.")]
    tenure_days: int
    no_live_penalty: bool
    badges: list[str]
    asked_badges: list[AskedBadge]
    counts: list[CountPublic]
    perks: list[Annotated[str, PERK]]


class LadderPublic(ResponseModel):
    """A community's ladder, from the lowest level up. A level is lost after `grace_days` below its `keeps_at`.

    `version` counts its changes; the default ladder is version 0. While it is `settling`, members are still being placed on it
    as it was changed last.
    """

    community_id: UUID
    version: int
    settling: bool
    grace_days: int
    items: list[RungPublic]


class PromotionCreate(RequestModel):
    """A level that a member who has the xp for it is given, or nominated for, and why. The reason is kept in the audit trail; a committee reads it."""

    member_id: UUID
    level: Annotated[str, StringConstraints(max_length=32)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class Missing(ResponseModel):
    """Something that the member still lacks for the next level.

    `kind` is `xp`, `tenure` (days), `penalty` (one must be over), `badge` or `count` (`code` says of which badge, or of what), or
    `decision`. `title` says it in the reader's language. `at` is when time alone mends it.
    """

    kind: str
    title: str
    required: int
    current: int
    missing: int
    code: str | None = None
    at: datetime | None = None


class ProgressPublic(ResponseModel):
    """How far a member is from the next level; `next` is null at the highest one.

    `lost_at` is when the member loses their level, unless their xp recovers to its `keeps_at`.
    """

    member: MemberEmbed
    xp: int
    level: RungPublic
    since: datetime | None
    next: RungPublic | None
    missing: list[Missing]
    lost_at: datetime | None
    as_of: datetime

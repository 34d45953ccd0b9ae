"""What a deed earns: a pure fold over a member's occurrences, and nothing else.

A running cap would pay by order of arrival (a cap of 20, awards of 15 and 15, the first one taken back: 5 or 15). So what
rules read is kept, and everything is folded in the order in which it happened: any order of arrival, any duplicates and
any late correction end in the same grants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from chassis.moments import StatusThen

OncePer = Literal["event", "target", "member"]
Operator = Literal["eq", "ne", "in", "not_in", "gte", "lte", "contains"]
Refusal = Literal[
    "daily_cap",
    "weekly_cap",
    "own_content",
    "condition",
    "not_a_member",
    "suspended",
    "not_in_force",
    "already_earned",
    "giver_limit",
    "too_many_authors",
    "per_target_cap",
    "cooldown",
]
Span = Literal["occurrence", "day", "week", "life"]
State = Literal["counts", "removed", "void"]

Order = tuple[datetime, UUID]
"""When a deed happened, then its id: the order of the fold."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one attribute of the occurrence; a missing attribute fails every test."""

    field: str
    op: Operator
    value: Any

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the attributes pass; values that cannot be compared do not."""
        actual = attributes.get(self.field)
        if actual is None:
            return False
        try:
            return _compare(self.op, actual, self.value)
        except TypeError:
            return False


def _compare(op: Operator, actual: Any, value: Any) -> bool:
    match op:
        case "eq":
            return bool(actual == value)
        case "ne":
            return bool(actual != value)
        case "in":
            return actual in value
        case "not_in":
            return actual not in value
        case "gte":
            return bool(actual >= value)
        case "lte":
            return bool(actual <= value)
        case "contains":
            return value in actual


MOST_SHARING = 5
"""How many may share what is paid for one thing; whoever is named after them gets nothing."""


@dataclass(frozen=True, slots=True)
class GiverLimit:
    """How many deeds of one giver are paid in a day or an ISO week of the community."""

    count: int
    per: Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Multiplier:
    """Deeds from one moment on and before another earn so many hundredths of what the rule gives."""

    from_at: datetime
    to_at: datetime
    percent: int


@dataclass(frozen=True, slots=True)
class Recount:
    """A version whose past is being folded again: from which day (None: the first), and up to which member that is done."""

    from_day: date | None
    done_to: UUID | None

    def awaits(self, member_id: UUID) -> bool:
        """Whether the member's past is still as it was before the version."""
        return self.done_to is None or member_id.int > self.done_to.int


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of an earning rule. `valid_from` None means from the beginning; version 0 is the product's default.

    `made_at` is when it was made, None for a default.
    Caps count points by the community's day and ISO week. Negative points take points away and are never capped.
    `per_target_cap` counts points by the thing that the deeds are about, for ever. Within `cooldown_minutes` after a deed that counted none is paid.
    Of `multipliers` that cover a moment the largest applies.
    `shared` pays the points once, in equal parts for all who did it together; else each of them gets them.
    """

    code: str
    trigger: str
    points: int
    xp: int
    beneficiary: str = "member"
    when: tuple[Condition, ...] = ()
    once_per: OncePer = "event"
    daily_cap: int | None = None
    weekly_cap: int | None = None
    per_target_cap: int | None = None
    cooldown_minutes: int | None = None
    multipliers: tuple[Multiplier, ...] = ()
    per_giver: GiverLimit | None = None
    shared: bool = False
    enabled: bool = True
    valid_from: datetime | None = None
    version: int = 0
    made_at: datetime | None = None
    recount: Recount | None = None

    @property
    def reaches_far(self) -> bool:
        """Whether a deed may change what one of years later earns."""
        return self.once_per != "event" or self.per_target_cap is not None or self.cooldown_minutes is not None

    def wanted(self, occurrence: "Occurrence") -> tuple[int, int]:
        """Points and xp that it gives for the occurrence where nothing limits them.

        Of what cannot be parted evenly the first ones get one more, so that the parts add up to the whole.
        """
        whole = self._multiplied(occurrence.occurred_at)
        if not self.shared:
            return whole
        sharing = min(occurrence.sharing, MOST_SHARING)
        if occurrence.place >= sharing:
            return 0, 0
        points, xp = (divmod(amount, sharing) for amount in whole)
        return points[0] + (occurrence.place < points[1]), xp[0] + (occurrence.place < xp[1])

    def _multiplied(self, at: datetime) -> tuple[int, int]:
        """Points and xp of a moment; of what is below one nothing is paid."""
        factors = [each.percent for each in self.multipliers if each.from_at <= at < each.to_at]
        if not factors:
            return self.points, self.xp
        percent = max(factors)
        return self.points * percent // 100, self.xp * percent // 100

    def gives_way_to(self, older: "RuleVersion") -> bool:
        """Whether an older version still applies from its own moment on: it was planned when this one was made.

        Editing a rule today leaves planned versions alone. A version replaces one by starting at the same moment or later.
        """
        if older.valid_from is None or self.made_at is None or older.valid_from <= self.made_at:
            return False
        return self.valid_from is None or older.valid_from > self.valid_from


@dataclass(frozen=True, slots=True)
class Target:
    """A thing that occurrences are about."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened to one member in one role, as rules see it.

    `source_id` is the message's id (or the deed's own, for what happens inside this service); together with `member_id` and
    `beneficiary` it names the occurrence for ever. `target_*` is the thing done to or made: what `once_per: target` counts and
    what a removal withdraws; `about_*`, where there is one, is the content that the target is about (a like's reply), whose
    removal withdraws it as well. `own` marks a deed on the member's own thing, `giver_id` is who did it to them. `sharing` did it
    together, of whom this one has the `place` named, counted from 0. `attributes` are what rules may test. `backfill`
    marks history. `restated` says that it was thought to have happened at another moment, where awards of it may stand.
    """

    source_id: UUID
    trigger: str
    community_id: UUID
    member_id: UUID
    occurred_at: datetime
    target_kind: str
    target_id: str
    beneficiary: str = "member"
    own: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    backfill: bool = False
    about_kind: str | None = None
    about_id: str | None = None
    restated: bool = False
    giver_id: UUID | None = None
    sharing: int = 1
    place: int = 0

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """Kind and id of everything whose removal withdraws it: its target, and what that is about."""
        target = (self.target_kind, self.target_id)
        if self.about_kind is None or self.about_id is None:
            return (target,)
        return (target, (self.about_kind, self.about_id))


@dataclass(frozen=True, slots=True)
class Deed:
    """An occurrence with what only the whole record knows: its day, whether it still counts, and what the member was then.

    state: `removed` pays nothing but keeps its share of the caps (deleting and posting again wins nothing); `void` is as if
    it had never been.
    """

    occurrence: Occurrence
    day: date
    state: State = "counts"
    status: StatusThen = "member"

    @property
    def order(self) -> Order:
        """Its place in the fold."""
        return (self.occurrence.occurred_at, self.occurrence.source_id)


def _span(versions: Sequence[RuleVersion]) -> Span:
    if any(version.reaches_far for version in versions):
        return "life"
    giving = {version.per_giver.per for version in versions if version.per_giver is not None}
    if "week" in giving or any(version.weekly_cap is not None for version in versions):
        return "week"
    return "day" if giving or any(version.daily_cap is not None for version in versions) else "occurrence"


@dataclass(frozen=True, slots=True)
class Rule:
    """All versions of one code in one community, the oldest first."""

    versions: tuple[RuleVersion, ...]
    code: str = field(init=False)
    """The code all versions share."""
    trigger: str = field(init=False)
    """The message type all versions share."""
    span: Span = field(init=False)
    """How far one occurrence can change what others earn, by any version."""

    def __post_init__(self) -> None:
        # Asked for every deed, so worked out once.
        object.__setattr__(self, "code", self.versions[0].code)
        object.__setattr__(self, "trigger", self.versions[0].trigger)
        object.__setattr__(self, "span", _span(self.versions))

    def awaited_from(self, member_id: UUID) -> tuple[date | None] | None:
        """From which day on the member's past is to be folded again before anything else; None where it is not."""
        waiting = [v.recount for v in self.versions if v.recount is not None and v.recount.awaits(member_id)]
        if not waiting:
            return None
        days = [recount.from_day for recount in waiting if recount.from_day is not None]
        return (min(days) if len(days) == len(waiting) else None,)

    @property
    def caps_targets(self) -> bool:
        """Whether any version pays only so much for one thing."""
        return any(version.per_target_cap is not None for version in self.versions)

    @property
    def limits_givers(self) -> bool:
        """Whether any version pays only so many deeds of one giver."""
        return any(version.per_giver is not None for version in self.versions)

    @property
    def current(self) -> RuleVersion:
        """The newest version, in force or still to come."""
        return self.versions[-1]

    def in_force(self, at: datetime) -> RuleVersion | None:
        """The version that applies to a deed of that moment: the newest valid one, unless it gives way to a planned one."""
        found: RuleVersion | None = None
        for version in reversed(self.versions):
            begun = version.valid_from is None or version.valid_from <= at
            if begun and (found is None or found.gives_way_to(version)):
                found = version
        return found

    def concerns(self, occurrence: Occurrence) -> bool:
        """Whether any version could pay for the occurrence."""
        return self.trigger == occurrence.trigger and any(
            version.beneficiary == occurrence.beneficiary for version in self.versions
        )


def thing_of(rule: RuleVersion, occurrence: Occurrence) -> str:
    """What the rule pays for once."""
    match rule.once_per:
        case "event":
            return f"event:{occurrence.source_id}"
        case "target":
            return f"{occurrence.target_kind}:{occurrence.target_id}"
        case "member":
            return "member"


COOLDOWN = "cooldown"
"""The name under which a fold keeps the last deed that counted, among the things that rules pay for once."""


def target_of(occurrence: Occurrence) -> str:
    """What a cap for one thing counts by: the content that a like is about, not the like."""
    kind, target_id = occurrence.targets[-1]
    return f"{kind}:{target_id}"


def things_of(rule: Rule, occurrence: Occurrence) -> set[str]:
    """What any version of the rule might pay for once, where that is more than the occurrence itself."""
    things = {thing_of(version, occurrence) for version in rule.versions if version.once_per != "event"}
    return things | {COOLDOWN} if any(version.cooldown_minutes is not None for version in rule.versions) else things

"""What a deed earns: a pure fold over a member's occurrences, and nothing else.

A running cap would pay by order of arrival (a cap of 20, awards of 15 and 15, the first one taken back: 5 or 15). So what
rules read is kept, and everything is folded in the order in which it happened: any order of arrival, any duplicates and
any late correction end in the same grants.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of an earning rule. `valid_from` None means from the beginning; version 0 is the product's default.

    `made_at` is when it was made, None for a default.
    Caps count points by the community's day and ISO week. Negative points take points away and are never capped.
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
    enabled: bool = True
    valid_from: datetime | None = None
    version: int = 0
    made_at: datetime | None = None

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
    removal withdraws it as well. `own` marks a deed on the member's own thing. `attributes` are what rules may test. `backfill`
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


@dataclass(frozen=True, slots=True)
class Grant:
    """What one occurrence earns by one rule; `refused` says why it is less than the rule would give."""

    deed: Deed
    rule: RuleVersion
    points: int
    xp: int
    refused: Refusal | None
    thing: str

    @property
    def pays(self) -> bool:
        """Whether anything is posted."""
        return self.points != 0 or self.xp != 0


@dataclass(slots=True)
class Share:
    """What one day has used of the caps: points, those of removed things included, and the last deed that had a share."""

    counted: int
    last: Order


@dataclass(slots=True)
class Windows:
    """What earlier deeds of a member used up of a rule: the state from which a fold continues."""

    shares: dict[date, Share] = field(default_factory=dict)
    claims: dict[str, Order] = field(default_factory=dict)

    def counted_on(self, day: date) -> int:
        """Points counted on the day."""
        share = self.shares.get(day)
        return share.counted if share else 0

    def counted_in_week(self, day: date) -> int:
        """Points counted in the ISO week of the day."""
        return sum(self.counted_on(other) for other in week_of(day))

    def are_behind(self, deed: "Deed", rule: "Rule") -> bool:
        """Whether a fold may go on with the deed: nothing kept here comes after it."""
        if rule.span == "occurrence":
            return True
        days = (deed.day,) if rule.span == "day" else week_of(deed.day)
        if any(share.last > deed.order for share in map(self.shares.get, days) if share is not None):
            return False
        return rule.span != "life" or all(
            self.claims.get(thing, deed.order) <= deed.order for thing in things_of(rule, deed.occurrence)
        )


def week_of(day: date) -> tuple[date, ...]:
    """The seven days of the day's ISO week, from Monday."""
    monday = week_start(day)
    return tuple(monday + timedelta(days=n) for n in range(7))


def week_start(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def _span(versions: Sequence[RuleVersion]) -> Span:
    if any(version.once_per != "event" for version in versions):
        return "life"
    if any(version.weekly_cap is not None for version in versions):
        return "week"
    return "day" if any(version.daily_cap is not None for version in versions) else "occurrence"


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


def things_of(rule: Rule, occurrence: Occurrence) -> set[str]:
    """What any version of the rule might pay for once, where that is more than the occurrence itself."""
    return {thing_of(version, occurrence) for version in rule.versions if version.once_per != "event"}


def fold(rule: Rule, deeds: Iterable[Deed], windows: Windows) -> list[Grant]:
    """What the deeds of ONE member earn by one rule, going on from `windows`, which is moved forward.

    From empty windows and with all of a member's deeds it is the definition; going on from kept windows with deeds newer
    than everything in them gives the same. Void deeds and those in a role the version does not pay leave no grant.
    """
    grants: list[Grant] = []
    for deed in sorted(deeds, key=lambda deed: deed.order):
        if deed.state == "void":
            continue
        grant = _grant(rule, deed, windows)
        if grant is not None:
            grants.append(grant)
    return grants


def refused_at_sight(rule: Rule, deed: Deed) -> Grant | None:
    """The grant of a deed that earns nothing in any case, so that no window must be read; None for others."""
    occurrence = deed.occurrence
    version = rule.in_force(occurrence.occurred_at)
    judged = version or rule.versions[0]
    if deed.state == "void" or judged.beneficiary != occurrence.beneficiary:
        return None
    refused: Refusal | None = "not_in_force" if version is None else _ineligible(judged, deed)
    return None if refused is None else Grant(deed, judged, 0, 0, refused, thing_of(judged, occurrence))


def _grant(rule: Rule, deed: Deed, windows: Windows) -> Grant | None:
    occurrence = deed.occurrence
    version = rule.in_force(occurrence.occurred_at)
    if (version or rule.versions[0]).beneficiary != occurrence.beneficiary:
        return None
    if version is None:
        return Grant(deed, rule.versions[0], 0, 0, "not_in_force", thing_of(rule.versions[0], occurrence))
    thing = thing_of(version, occurrence)
    refused = _ineligible(version, deed)
    if refused is None and version.once_per != "event":
        if thing in windows.claims:
            refused = "already_earned"
        else:
            windows.claims[thing] = deed.order
    if refused is not None:
        return Grant(deed, version, 0, 0, refused, thing)
    points, cut = _capped(version, deed, windows)
    if deed.state == "removed":
        return Grant(deed, version, 0, 0, None, thing)
    xp = version.xp if cut is None else version.xp * points // version.points
    return Grant(deed, version, points, xp, cut, thing)


def _ineligible(version: RuleVersion, deed: Deed) -> Refusal | None:
    if not version.enabled:
        return "not_in_force"
    if deed.status == "stranger":
        return "not_a_member"
    if deed.status == "suspended":
        return "suspended"
    if deed.occurrence.own:
        return "own_content"
    if not all(condition.holds(deed.occurrence.attributes) for condition in version.when):
        return "condition"
    return None


def _capped(version: RuleVersion, deed: Deed, windows: Windows) -> tuple[int, Refusal | None]:
    if version.points <= 0 or (version.daily_cap is None and version.weekly_cap is None):
        return version.points, None
    paid = version.points
    cut: Refusal | None = None
    if version.daily_cap is not None:
        room = max(0, version.daily_cap - windows.counted_on(deed.day))
        if room < paid:
            paid, cut = room, "daily_cap"
    if version.weekly_cap is not None:
        room = max(0, version.weekly_cap - windows.counted_in_week(deed.day))
        if room < paid:
            paid, cut = room, "weekly_cap"
    windows.shares[deed.day] = Share(windows.counted_on(deed.day) + paid, deed.order)
    return paid, cut

"""What deeds earn by one rule: the fold itself, and the state from which it goes on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.gamification.earning.rules import (
    COOLDOWN,
    MOST_SHARING,
    Deed,
    Order,
    Refusal,
    Rule,
    RuleVersion,
    target_of,
    thing_of,
    things_of,
)


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
    def wanted(self) -> tuple[int, int]:
        """Points and xp that the rule would give where nothing limits them."""
        return self.rule.wanted(self.deed.occurrence)

    @property
    def pays(self) -> bool:
        """Whether anything is posted."""
        return self.points != 0 or self.xp != 0


@dataclass(slots=True)
class Share:
    """What one day has used of a limit, removed things included, and the last deed that had a share.

    Caps count points, limits of givers count deeds.
    """

    counted: int
    last: Order


@dataclass(slots=True)
class Windows:
    """What earlier deeds of a member used up of a rule: the state from which a fold continues."""

    shares: dict[date, Share] = field(default_factory=dict)
    claims: dict[str, Order] = field(default_factory=dict)
    givers: dict[tuple[UUID, date], Share] = field(default_factory=dict)
    """By who gave and the day: how many of their deeds a limit has counted."""
    targets: dict[str, Share] = field(default_factory=dict)
    """By the thing that deeds are about: how many points a cap has counted."""

    def counted_on(self, day: date) -> int:
        """Points counted on the day."""
        share = self.shares.get(day)
        return share.counted if share else 0

    def counted_in_week(self, day: date) -> int:
        """Points counted in the ISO week of the day."""
        return sum(self.counted_on(other) for other in week_of(day))

    def copy(self) -> "Windows":
        """The same, not moved by a fold that goes on from these."""
        return Windows(dict(self.shares), dict(self.claims), dict(self.givers), dict(self.targets))

    def given_in(self, giver_id: UUID, days: Iterable[date]) -> int:
        """How many deeds of one giver were counted on these days."""
        found = (self.givers.get((giver_id, day)) for day in days)
        return sum(share.counted for share in found if share is not None)

    def end_before(self, order: Order) -> bool:
        """Whether nothing kept here comes after this place in the fold."""
        lasts = [share.last for share in (*self.shares.values(), *self.givers.values(), *self.targets.values())]
        return all(last <= order for last in (*lasts, *self.claims.values()))

    def are_behind(self, deed: "Deed", rule: "Rule") -> bool:
        """Whether a fold may go on with the deed: nothing kept here comes after it."""
        if rule.span == "occurrence":
            return True
        days = (deed.day,) if rule.span == "day" else week_of(deed.day)
        if any(share.last > deed.order for share in map(self.shares.get, days) if share is not None):
            return False
        giver_id = deed.occurrence.giver_id
        if giver_id is not None:
            given = (self.givers.get((giver_id, day)) for day in days)
            if any(share.last > deed.order for share in given if share is not None):
                return False
        about = self.targets.get(target_of(deed.occurrence))
        if about is not None and about.last > deed.order:
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
    if refused is None and _has_given_all(version, deed, windows):
        refused = "giver_limit"
    if refused is None and version.once_per != "event" and thing in windows.claims:
        refused = "already_earned"
    if refused is None and _is_cooling(version, deed, windows):
        refused = "cooldown"
    if refused is not None:
        return Grant(deed, version, 0, 0, refused, thing)
    _count(version, deed, thing, windows)
    wanted_points, wanted_xp = version.wanted(occurrence)
    points, cut = _capped(version, wanted_points, deed, windows)
    if deed.state == "removed":
        return Grant(deed, version, 0, 0, None, thing)
    xp = wanted_xp if cut is None else wanted_xp * points // wanted_points
    return Grant(deed, version, points, xp, cut, thing)


def _has_given_all(version: RuleVersion, deed: Deed, windows: Windows) -> bool:
    """Whether no more deeds of the giver are paid. Asked before anything is claimed: then other deeds never change the answer."""
    limit, giver_id = version.per_giver, deed.occurrence.giver_id
    if limit is None or giver_id is None:
        return False
    days = (deed.day,) if limit.per == "day" else week_of(deed.day)
    return windows.given_in(giver_id, days) >= limit.count


def _is_cooling(version: RuleVersion, deed: Deed, windows: Windows) -> bool:
    """Whether the last deed that counted is too near. What this refuses does not count, so that it puts nothing off."""
    last = windows.claims.get(COOLDOWN)
    if version.cooldown_minutes is None or last is None:
        return False
    return deed.occurrence.occurred_at < last[0] + timedelta(minutes=version.cooldown_minutes)


def _count(version: RuleVersion, deed: Deed, thing: str, windows: Windows) -> None:
    """The thing is claimed, and the deed is one of its giver's."""
    if version.once_per != "event":
        windows.claims[thing] = deed.order
    if version.cooldown_minutes is not None:
        windows.claims[COOLDOWN] = deed.order
    giver_id = deed.occurrence.giver_id
    if version.per_giver is not None and giver_id is not None:
        windows.givers[giver_id, deed.day] = Share(windows.given_in(giver_id, (deed.day,)) + 1, deed.order)


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
    return "too_many_authors" if version.shared and deed.occurrence.place >= MOST_SHARING else None


def _capped(version: RuleVersion, wanted: int, deed: Deed, windows: Windows) -> tuple[int, Refusal | None]:
    caps = (version.daily_cap, version.weekly_cap, version.per_target_cap)
    if wanted <= 0 or caps == (None, None, None):
        return wanted, None
    paid = wanted
    cut: Refusal | None = None
    if version.daily_cap is not None:
        room = max(0, version.daily_cap - windows.counted_on(deed.day))
        if room < paid:
            paid, cut = room, "daily_cap"
    if version.weekly_cap is not None:
        room = max(0, version.weekly_cap - windows.counted_in_week(deed.day))
        if room < paid:
            paid, cut = room, "weekly_cap"
    if version.per_target_cap is not None:
        name = target_of(deed.occurrence)
        before = windows.targets[name].counted if name in windows.targets else 0
        room = max(0, version.per_target_cap - before)
        if room < paid:
            paid, cut = room, "per_target_cap"
        windows.targets[name] = Share(before + paid, deed.order)
    if version.daily_cap is not None or version.weekly_cap is not None:
        windows.shares[deed.day] = Share(windows.counted_on(deed.day) + paid, deed.order)
    return paid, cut

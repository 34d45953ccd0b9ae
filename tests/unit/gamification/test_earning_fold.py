"""What a member earns is a fold over what happened, whatever the order in which it became known."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.moments import Calendar, Calendars, StatusChange, status_then
from services.gamification.earning.fold_rules import Windows, fold, week_of
from services.gamification.earning.rules import Condition, Deed, GiverLimit, Multiplier, Occurrence, Rule, RuleVersion

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
MEMBER = UUID(int=1)
COMMUNITY = UUID(int=2)


def a_deed(
    number: int,
    *,
    hours: float = 0.0,
    state="counts",
    status="member",
    target=None,
    own=False,
    giver=None,
    sharing=1,
    place=0,
    **attributes,
):
    at = MONDAY + timedelta(hours=hours)
    occurrence = Occurrence(
        UUID(int=number),
        "reply.posted",
        COMMUNITY,
        MEMBER,
        at,
        "reply",
        str(target or number),
        own=own,
        attributes=attributes,
        giver_id=None if giver is None else UUID(int=giver),
        sharing=sharing,
        place=place,
    )
    return Deed(occurrence, at.date(), state, status)


def a_rule(**changes) -> Rule:
    values: dict[str, Any] = {"code": "reply", "trigger": "reply.posted", "points": 15, "xp": 15}
    return Rule((RuleVersion(**values | changes),))


def paid(rule, deeds):
    return [grant.points for grant in fold(rule, deeds, Windows())]


def refusals(rule, deeds):
    return [grant.refused for grant in fold(rule, deeds, Windows())]


def test_a_daily_cap_cuts_the_award_that_passes_it():
    deeds = [a_deed(1, hours=1), a_deed(2, hours=2), a_deed(3, hours=3), a_deed(4, hours=25)]
    assert paid(a_rule(daily_cap=20), deeds) == [15, 5, 0, 15]
    assert refusals(a_rule(daily_cap=20), deeds) == [None, "daily_cap", "daily_cap", None]


def test_xp_is_cut_in_the_same_proportion_as_points():
    grants = fold(a_rule(points=10, xp=5, daily_cap=14), [a_deed(1, hours=1), a_deed(2, hours=2)], Windows())
    assert [(grant.points, grant.xp) for grant in grants] == [(10, 5), (4, 2)]


def test_a_weekly_cap_counts_from_monday():
    deeds = [a_deed(1, hours=1), a_deed(2, hours=24 * 6), a_deed(3, hours=24 * 7)]
    assert paid(a_rule(weekly_cap=20), deeds) == [15, 5, 15]
    assert refusals(a_rule(weekly_cap=20), deeds) == [None, "weekly_cap", None]


def test_what_was_removed_pays_nothing_and_keeps_its_share_of_the_cap():
    deeds = [a_deed(1, hours=1, state="removed"), a_deed(2, hours=2)]
    assert paid(a_rule(daily_cap=20), deeds) == [0, 5]


def test_what_is_void_takes_no_share_of_the_cap():
    deeds = [a_deed(1, hours=1, state="void"), a_deed(2, hours=2)]
    assert paid(a_rule(daily_cap=20), deeds) == [15]


def test_of_one_giver_only_so_many_deeds_of_a_day_are_paid():
    rule = a_rule(per_giver=GiverLimit(2, "day"))
    deeds = [a_deed(n, hours=n, giver=7) for n in (1, 2, 3)]
    deeds += [a_deed(4, hours=4, giver=8), a_deed(5, hours=25, giver=7)]
    assert refusals(rule, deeds) == [None, None, "giver_limit", None, None]


def test_a_week_of_a_giver_begins_on_monday():
    deeds = [a_deed(1, giver=7), a_deed(2, hours=24 * 6, giver=7), a_deed(3, hours=24 * 7, giver=7)]
    assert refusals(a_rule(per_giver=GiverLimit(1, "week")), deeds) == [None, "giver_limit", None]


def test_what_a_limit_of_a_giver_refuses_takes_no_room_of_a_cap_and_claims_nothing():
    rule = a_rule(per_giver=GiverLimit(1, "day"), daily_cap=30, once_per="target")
    deeds = [
        a_deed(1, hours=1, giver=7),
        a_deed(2, hours=2, giver=7, target="x"),
        a_deed(3, hours=3, giver=8, target="x"),
    ]
    assert paid(rule, deeds) == [15, 0, 15]


def test_what_was_removed_keeps_its_place_under_the_limit_of_its_giver():
    deeds = [a_deed(1, hours=1, giver=7, state="removed"), a_deed(2, hours=2, giver=7)]
    assert paid(a_rule(per_giver=GiverLimit(1, "day")), deeds) == [0, 0]


def test_for_one_thing_only_so_many_points_are_paid_however_long_it_goes_on():
    deeds = [a_deed(n, hours=n * 50, target="a") for n in (1, 2, 3)] + [a_deed(4, hours=160, target="b")]
    assert paid(a_rule(per_target_cap=20), deeds) == [15, 5, 0, 15]
    assert refusals(a_rule(per_target_cap=20), deeds) == [None, "per_target_cap", "per_target_cap", None]


def test_what_was_removed_keeps_its_share_of_the_cap_for_its_thing():
    deeds = [a_deed(1, hours=1, target="a", state="removed"), a_deed(2, hours=2, target="a")]
    assert paid(a_rule(per_target_cap=20), deeds) == [0, 5]


def test_what_comes_too_soon_after_a_deed_that_counted_pays_nothing_and_puts_nothing_off():
    deeds = [a_deed(n, hours=hours) for n, hours in ((1, 0), (2, 0.75), (3, 1), (4, 1.5), (5, 2.5))]
    assert refusals(a_rule(cooldown_minutes=60), deeds) == [None, "cooldown", None, "cooldown", None]


def test_in_a_window_deeds_earn_many_times_as_much_and_the_largest_applies():
    windows = (
        Multiplier(MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=6), 200),
        Multiplier(MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=5), 150),
        Multiplier(MONDAY + timedelta(hours=5), MONDAY + timedelta(hours=7), 250),
    )
    deeds = [a_deed(n, hours=n) for n in range(1, 8)]
    assert paid(a_rule(multipliers=windows), deeds) == [15, 30, 30, 30, 37, 37, 15]


def test_a_cap_counts_what_was_multiplied():
    double = (Multiplier(MONDAY, MONDAY + timedelta(days=1), 200),)
    assert paid(a_rule(multipliers=double, daily_cap=40), [a_deed(1, hours=1), a_deed(2, hours=2)]) == [30, 10]


def shares(points: int, authors: int) -> list[int]:
    return [paid(a_rule(points=points, shared=True), [a_deed(1, sharing=authors, place=n)])[0] for n in range(authors)]


def test_points_that_are_shared_are_paid_once_among_five_at_most():
    assert shares(30, 1) == [30]
    assert shares(30, 4) == [8, 8, 7, 7]
    assert shares(30, 7) == [6, 6, 6, 6, 6, 0, 0]
    assert refusals(a_rule(shared=True), [a_deed(1, sharing=6, place=5)]) == ["too_many_authors"]


def test_a_thing_is_paid_once_however_often_it_happens():
    deeds = [a_deed(1, hours=1, target="a"), a_deed(2, hours=30, target="a"), a_deed(3, hours=31, target="b")]
    assert refusals(a_rule(once_per="target"), deeds) == [None, "already_earned", None]
    assert refusals(a_rule(once_per="member"), deeds) == [None, "already_earned", "already_earned"]


@pytest.mark.parametrize(
    ("deed", "refused"),
    [
        (a_deed(1, own=True, kind="answer"), "own_content"),
        (a_deed(1, kind="comment"), "condition"),
        (a_deed(1), "condition"),
        (a_deed(1, status="stranger", kind="answer"), "not_a_member"),
        (a_deed(1, status="suspended", kind="answer"), "suspended"),
        (a_deed(1, kind="answer"), None),
    ],
)
def test_what_pays_nothing_says_why(deed, refused):
    assert refusals(a_rule(when=(Condition("kind", "eq", "answer"),)), [deed]) == [refused]


def test_a_rule_switched_off_or_not_yet_valid_is_not_in_force():
    assert refusals(a_rule(enabled=False), [a_deed(1)]) == ["not_in_force"]
    assert refusals(a_rule(valid_from=MONDAY + timedelta(hours=1)), [a_deed(1)]) == ["not_in_force"]


def test_the_version_in_force_when_it_happened_pays():
    first = RuleVersion("reply", "reply.posted", 2, 2)
    later = RuleVersion("reply", "reply.posted", 7, 7, valid_from=MONDAY + timedelta(hours=10), version=1)
    assert paid(Rule((first, later)), [a_deed(1, hours=9), a_deed(2, hours=10)]) == [2, 7]


def test_a_newer_version_valid_from_the_past_supersedes_an_older_one():
    first = RuleVersion("reply", "reply.posted", 2, 2)
    second = RuleVersion("reply", "reply.posted", 7, 7, valid_from=MONDAY + timedelta(hours=10), version=1)
    third = RuleVersion("reply", "reply.posted", 9, 9, valid_from=MONDAY + timedelta(hours=5), version=2)
    deeds = [a_deed(1, hours=4), a_deed(2, hours=6), a_deed(3, hours=11)]
    assert paid(Rule((first, second, third)), deeds) == [2, 9, 9]


@pytest.mark.parametrize(
    ("op", "value", "passing", "failing"),
    [
        ("eq", "a", "a", "b"),
        ("ne", "a", "b", "a"),
        ("in", ["a", "b"], "a", "c"),
        ("not_in", ["a", "b"], "c", "a"),
        ("gte", 3, 3, 2),
        ("lte", 3, 3, 4),
        ("contains", "x", ["x", "y"], ["y"]),
        ("gte", 3, 3.5, "many"),
    ],
)
def test_conditions_compare_and_what_cannot_be_compared_fails(op, value, passing, failing):
    condition = Condition("field", op, value)
    assert condition.holds({"field": passing})
    assert not condition.holds({"field": failing})
    assert not condition.holds({})


def test_a_negative_rule_takes_away_and_is_never_capped():
    rule = a_rule(points=-30, xp=0, daily_cap=20)
    assert paid(rule, [a_deed(1), a_deed(2)]) == [-30, -30]


def test_a_status_follows_the_changes_and_a_suspension_ends_by_the_clock():
    changes = [
        StatusChange(MONDAY, "active"),
        StatusChange(MONDAY + timedelta(days=2), "suspended", MONDAY + timedelta(days=4)),
        StatusChange(MONDAY + timedelta(days=9), "left"),
    ]
    days = {-1: "stranger", 1: "member", 3: "suspended", 5: "member", 10: "stranger"}
    assert {day: status_then(changes, MONDAY + timedelta(days=day)) for day in days} == days


def test_a_day_is_the_communitys_and_starts_when_it_says():
    shanghai = Calendar(MONDAY, "Asia/Shanghai", time(4))
    assert shanghai.day_of(datetime(2024, 3, 4, 19, 59, tzinfo=UTC)) == date(2024, 3, 4)
    assert shanghai.day_of(datetime(2024, 3, 4, 20, 0, tzinfo=UTC)) == date(2024, 3, 5)
    utc = Calendar(MONDAY + timedelta(days=3), "UTC")
    assert Calendars((shanghai, utc)).at(MONDAY + timedelta(days=4)) is utc
    assert Calendars((shanghai, utc)).at(MONDAY - timedelta(days=4)) is shanghai


# --- any order of arrival, any duplicates, any batches -------------------------------------------------------------------

rules = st.builds(
    lambda points, daily, weekly, once_per, later, giver, target_cap, cooldown, multipliers: Rule(
        (
            RuleVersion(
                "r",
                "reply.posted",
                points,
                points,
                daily_cap=daily,
                weekly_cap=weekly,
                once_per=once_per,
                per_giver=giver,
                per_target_cap=target_cap,
                cooldown_minutes=cooldown,
                multipliers=multipliers,
            ),
            *(
                [
                    RuleVersion(
                        "r", "reply.posted", points + 1, 3, valid_from=MONDAY + timedelta(days=5), once_per=once_per
                    )
                ]
                if later
                else []
            ),
        )
    ),
    points=st.integers(-5, 15),
    daily=st.none() | st.integers(0, 30),
    weekly=st.none() | st.integers(0, 60),
    once_per=st.sampled_from(["event", "event", "target", "member"]),
    later=st.booleans(),
    target_cap=st.none() | st.none() | st.integers(0, 40),
    cooldown=st.none() | st.none() | st.integers(1, 60 * 30),
    multipliers=st.lists(
        st.builds(
            lambda day, days, percent: Multiplier(
                MONDAY + timedelta(days=day), MONDAY + timedelta(days=day + days), percent
            ),
            st.integers(0, 14),
            st.integers(1, 5),
            st.integers(10, 300),
        ),
        max_size=2,
    ).map(tuple),
    giver=st.none() | st.builds(GiverLimit, st.integers(1, 3), st.sampled_from(["day", "week"])),
)
histories = st.lists(
    st.tuples(
        st.integers(0, 24 * 15),
        st.sampled_from(["counts", "counts", "counts", "removed", "void"]),
        st.sampled_from(["member", "member", "suspended"]),
        st.integers(1, 4),
        st.booleans(),
        st.sampled_from([None, 7, 8]),
    ),
    max_size=25,
).map(
    lambda rows: [
        a_deed(number + 1, hours=hours, state=state, status=status, target=f"t{target}", own=own, giver=giver)
        for number, (hours, state, status, target, own, giver) in enumerate(rows)
    ]
)


class Keeper:
    """How a service uses the fold: goes on from kept windows where it may, else folds the span again."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.known: dict[UUID, Deed] = {}
        self.windows = Windows()
        self.grants: dict[UUID, tuple[int, int, str | None]] = {}
        self.incremental = 0

    def receive(self, batch: list[Deed]) -> None:
        new = {deed.occurrence.source_id: deed for deed in batch if deed.occurrence.source_id not in self.known}
        self.known |= new
        if all(self.windows.are_behind(deed, self.rule) for deed in new.values()):
            self.incremental += bool(new)
            self._keep(fold(self.rule, new.values(), self.windows))
            return
        touched = {day for deed in new.values() for day in self._days(deed)}
        if self.rule.span == "life":
            again, self.windows = list(self.known.values()), Windows()
        else:
            again = [deed for deed in self.known.values() if deed.day in touched]
            for day in touched:
                self.windows.shares.pop(day, None)
            self.windows.givers = {key: share for key, share in self.windows.givers.items() if key[1] not in touched}
        self._keep(fold(self.rule, again, self.windows))

    def _days(self, deed: Deed) -> tuple[date, ...]:
        return week_of(deed.day) if self.rule.span == "week" else (deed.day,)

    def _keep(self, grants) -> None:
        for grant in grants:
            self.grants[grant.deed.occurrence.source_id] = (grant.points, grant.xp, grant.refused)


@settings(max_examples=3 * settings().max_examples)
@given(rule=rules, deeds=histories, data=st.data())
def test_any_order_of_arrival_and_any_duplicates_earn_the_same(rule, deeds, data):
    arrivals = data.draw(st.permutations(deeds + data.draw(st.lists(st.sampled_from(deeds)) if deeds else st.just([]))))
    keeper = Keeper(rule)
    while arrivals:
        size = data.draw(st.integers(1, 5))
        keeper.receive(arrivals[:size])
        arrivals = arrivals[size:]
    expected = {
        grant.deed.occurrence.source_id: (grant.points, grant.xp, grant.refused)
        for grant in fold(rule, deeds, Windows())
    }
    assert keeper.grants == expected


@given(rule=rules, deeds=histories)
def test_no_day_and_no_week_pays_more_than_its_cap(rule, deeds):
    grants = [grant for grant in fold(rule, deeds, Windows()) if grant.points > 0]
    for grant in grants:
        version = grant.rule
        in_day = sum(g.points for g in grants if g.deed.day == grant.deed.day and g.rule is version)
        in_week = sum(g.points for g in grants if g.deed.day in week_of(grant.deed.day) and g.rule is version)
        assert version.daily_cap is None or in_day <= version.daily_cap
        assert version.weekly_cap is None or in_week <= version.weekly_cap


def test_deeds_in_order_never_need_an_older_one_read_again():
    keeper = Keeper(a_rule(daily_cap=20, weekly_cap=50))
    for number in range(1, 50):
        keeper.receive([a_deed(number, hours=number * 5)])
    assert keeper.incremental == 49


def a_schedule(*versions: tuple[int, int | None, int]) -> Rule:
    """Versions by number: the day from which each is valid, and the day on which it was made."""
    return Rule(
        tuple(
            RuleVersion(
                "reply",
                "reply.posted",
                points=1,
                xp=1,
                version=number,
                valid_from=None if valid is None else MONDAY + timedelta(days=valid),
                made_at=MONDAY + timedelta(days=made),
            )
            for number, valid, made in versions
        )
    )


def in_force_by_day(rule: Rule, days: int) -> list[int]:
    found = [rule.in_force(MONDAY + timedelta(days=day)) for day in range(days)]
    return [version.version if version else 0 for version in found]


def test_a_version_that_is_to_come_is_not_overridden_by_an_edit_that_is_in_force_now():
    assert in_force_by_day(a_schedule((1, None, 0), (2, 4, 1), (3, 2, 2)), 7) == [1, 1, 3, 3, 2, 2, 2]


def test_nor_by_one_that_is_valid_from_the_past():
    assert in_force_by_day(a_schedule((1, None, 0), (2, 4, 1), (3, 1, 2)), 6) == [1, 3, 3, 3, 2, 2]
    assert in_force_by_day(a_schedule((1, None, 0), (2, 4, 1), (3, None, 2)), 6) == [3, 3, 3, 3, 2, 2]


@pytest.mark.parametrize(("valid", "days"), [(4, [1, 1, 1, 1, 3, 3]), (5, [1, 1, 1, 1, 2, 3])])
def test_a_version_that_is_to_come_is_replaced_by_one_for_the_same_moment_or_a_later_one(valid, days):
    assert in_force_by_day(a_schedule((1, None, 0), (2, 4, 1), (3, valid, 2)), 6) == days


def test_two_versions_to_come_each_begin_in_their_time():
    assert in_force_by_day(a_schedule((1, None, 0), (2, 5, 1), (3, 3, 1)), 7) == [1, 1, 1, 3, 3, 2, 2]


def test_once_it_has_begun_an_edit_overrides_it_and_its_past():
    assert in_force_by_day(a_schedule((1, None, 0), (2, 4, 1), (3, 3, 5)), 7) == [1, 1, 1, 3, 3, 3, 3]

"""Funnels through the API: each person once, steps in their order, whatever the order of the messages; against a plain recomputation."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import SettableClock
from contracts import content, events, membership, recruitment
from services.analytics.definition import definition
from services.analytics.metrics.funnel_rules import Way, funnel, steps_reached
from services.analytics.processes.models import ApplicationCourse, MemberCourse
from tests.service.analytics.courses import START, Elsewhere, named, rows_of
from tests.service.analytics.test_processes import hear
from tests.service.stage import Stage
from tests.support.raw_funnels import RawFunnels

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = START + timedelta(days=20)


@pytest.fixture
async def harness(start_service):
    async with start_service(definition, clock=SettableClock(START + 300 * DAY)) as harness:
        await Stage(harness).open()
        yield harness


@pytest.fixture
async def here(harness):
    here = Elsewhere(harness)
    await here.open()
    return here


def steps(values, *, by_group=False):
    """The values of each cell, in the order of the steps."""
    found = {}
    for item in values:
        found.setdefault((item["from"], item["group"]) if by_group else item["from"], []).append(item["value"])
    return found


def measure(telling, name, *means, kind="workshop", at=None):
    telling.tell(
        events.SatisfactionMeasured(
            community_id=telling.here,
            activity_id=named(name),
            survey_id=named(f"survey of {name}"),
            kind=kind,
            means=tuple(events.Mean(code="content", mean=mean, n=n) for mean, n in means),
        ),
        at=at,
    )


# --- pure ------------------------------------------------------------------------------------------------------------


def test_what_happens_at_one_moment_happens_in_the_order_of_the_steps():
    assert steps_reached([START, START, START]) == 3
    assert steps_reached([START, None, START]) == 1
    assert steps_reached([START, START - HOUR, START]) == 1
    assert steps_reached([None, START]) == 0


def test_who_went_several_ways_counts_once_at_each_step():
    ways: list[tuple[str, Way]] = [
        ("cell", ("one", [START, START])),
        ("cell", ("one", [START, None])),
        ("cell", ("two", [START, None])),
    ]
    assert funnel(ways, 2) == {"cell": [2, 1]}


# --- activities ------------------------------------------------------------------------------------------------------


async def test_of_those_who_hear_of_an_activity_some_register_some_of_these_come_and_are_satisfied(here):
    tell = here.telling
    for name in ("a", "b", "c", "d"):
        tell.member(membership.MemberJoined, name, START - DAY, at=START - DAY)
    tell.activity(events.ActivityAnnounced, "talk", starts_at=SOON, at=START)
    tell.member(membership.MemberJoined, "late", SOON + DAY, at=SOON + DAY)
    for name in ("a", "b", "c"):
        tell.register(events.RegistrationConfirmed, "talk", name, at=START + HOUR)
    tell.register(events.RegistrationCancelled, "talk", "c", at=START + 2 * HOUR)
    for name in ("a", "b"):
        tell.attend("talk", name, at=SOON)
    tell.attend("talk", "speaker", role="speaker", at=SOON)
    await here.harness.deliver(*tell.told)
    assert steps(await here.values("activity_funnel", "2024-03-29", "2024-03-29")) == {"2024-03-29": [4, 3, 2, None]}
    measure(tell, "talk", (4.2, 5), at=SOON + DAY)
    await here.harness.deliver(tell.told[-1])
    values = await here.values("activity_funnel", "2024-03-29", "2024-03-29")
    assert [(item["part"], item["value"], item["n"]) for item in values] == [
        ("announced", 4, 4),
        ("registered", 3, 4),
        ("attended", 2, 4),
        ("satisfied", 2, 4),
    ]


async def test_who_comes_without_a_seat_registers_at_the_door_and_a_revoked_attendance_is_none(here):
    tell = here.telling
    for name in ("walks in", "was not there"):
        tell.member(membership.MemberJoined, name, START - DAY, at=START - DAY)
    tell.activity(events.ActivityAnnounced, "talk", starts_at=SOON, at=START)
    tell.attend("talk", "walks in", walk_in=True, at=SOON)
    tell.register(events.RegistrationConfirmed, "talk", "was not there", at=START + HOUR)
    tell.attend("talk", "was not there", at=SOON)
    tell.revoke("talk", "was not there")
    measure(tell, "talk", (3.9, 5))
    await here.harness.deliver(*tell.told)
    assert steps(await here.values("activity_funnel", "2024-03-29", "2024-03-29")) == {"2024-03-29": [2, 2, 1, 0]}


KINDS = ("workshop", "meeting")
MEMBERS = ("m0", "m1", "m2", "m3")
ACTIVITY = st.tuples(
    st.integers(0, 24 * 40),
    st.integers(0, 24 * 12),
    st.sampled_from(KINDS),
    st.booleans(),
    st.sampled_from((None, 3.5, 4.5)),
)
COMING = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(-30, 300)),
    st.one_of(st.none(), st.integers(0, 400)),
)
STAY = st.tuples(st.integers(-24 * 5, 24 * 40), st.one_of(st.none(), st.integers(1, 24 * 40)))


def day(at):
    return at.astimezone(BERLIN).date()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    stays=st.lists(STAY, min_size=4, max_size=4),
    activities=st.lists(ACTIVITY, min_size=1, max_size=4),
    comings=st.lists(COMING, max_size=10, unique_by=lambda one: one[:2]),
    by_kind=st.booleans(),
    seed=st.integers(0, 2**16),
)
async def test_the_activity_funnel_is_what_a_plain_recomputation_says(
    harness, stays, activities, comings, by_kind, seed
):
    here = Elsewhere(harness)
    await here.open()
    tell, there = here.telling, {}
    for name, (joins, stays_for) in zip(MEMBERS, stays, strict=True):
        joined = START + joins * HOUR
        left = None if stays_for is None else joined + stays_for * HOUR
        key = f"{name} of {here.id}"
        there[name] = joined, left
        tell.member(membership.MemberJoined, key, joined, at=joined)
        if left is not None:
            tell.member(membership.MemberLeft, key, joined, at=left)
    plain = []
    for number, (announced, until, kind, cancelled, mean) in enumerate(activities):
        name = f"activity {number} of {here.id}"
        at = START + announced * HOUR
        tell.activity(events.ActivityAnnounced, name, kind=kind, starts_at=at + until * HOUR, at=at)
        if cancelled:
            tell.activity(events.ActivityCancelled, name, kind=kind, starts_at=at + until * HOUR)
        rated = None if mean is None else at + 500 * HOUR
        if rated:
            measure(tell, name, (mean, 6), kind=kind, at=rated)
        coming = {}
        for who, which, registers, attends in comings:
            if which != number:
                continue
            member = f"{MEMBERS[who]} of {here.id}"
            if registers is not None:
                tell.register(events.RegistrationConfirmed, name, member, kind=kind, at=at + registers * HOUR)
            if attends is not None:
                tell.attend(name, member, kind=kind, at=at + attends * HOUR)
            coming[MEMBERS[who]] = (
                None if registers is None else at + registers * HOUR,
                None if attends is None else at + attends * HOUR,
            )
        if not cancelled:
            plain.append((kind, at, at + until * HOUR, rated, mean, coming))
    await hear(harness, tell.told, random.Random(seed))
    query = {"grain": "week"} | ({"group_by": "kind"} if by_kind else {})
    values = steps(await here.values("activity_funnel", "2024-03-25", "2024-05-12", **query), by_group=True)
    found = {key: value for key, value in values.items() if any(value)}
    assert found == _plainly(plain, there, by_kind=by_kind)
    assert found == _by_sql(plain, there).activities(zone="Europe/Berlin", grain="week", by_kind=by_kind)


def _by_sql(activities, there):
    """The same in DuckDB."""
    raw = RawFunnels()
    raw.tell("stays", [(name, *stay) for name, stay in there.items()])
    for number, (kind, announced, starts, rated, mean, coming) in enumerate(activities):
        name = str(number)
        raw.tell("activities", [(name, kind, announced, starts, rated, mean)])
        raw.tell("registered", [(name, member, at) for member, (at, _) in coming.items() if at is not None])
        raw.tell("attended", [(name, member, at) for member, (_, at) in coming.items() if at is not None])
    return raw


def _plainly(activities, there, *, by_kind):
    """One activity, one member, one step after the other."""
    cells, rated_cells = {}, set()
    for kind, announced, starts, rated, mean, coming in activities:
        monday = day(announced) - timedelta(days=day(announced).weekday())
        cell = monday.isoformat(), kind if by_kind else None
        reached = cells.setdefault(cell, [set(), set(), set(), set()])
        if rated:
            rated_cells.add(cell)
        for name, (joined, left) in there.items():
            if day(joined) > day(starts) or (left is not None and day(left) < day(announced)):
                continue
            reached[0].add(name)
            registered, attended = coming.get(name, (None, None))
            registered = registered or attended
            heard = announced
            if day(joined) > day(announced):
                heard = datetime.combine(day(joined), datetime.min.time(), tzinfo=BERLIN).astimezone(UTC)
            if registered is None or registered < heard:
                continue
            reached[1].add(name)
            if attended is None or attended < registered:
                continue
            reached[2].add(name)
            if rated and mean >= 4 and rated >= attended:
                reached[3].add(name)
    found = {
        cell: [*(len(some) for some in reached[:3]), len(reached[3]) if cell in rated_cells else None]
        for cell, reached in cells.items()
    }
    return {cell: counts for cell, counts in found.items() if any(counts)}


# --- recruitment -----------------------------------------------------------------------------------------------------


class Recruits:
    """People who hear of a community, and what becomes of them."""

    def __init__(self, here):
        self.here = here
        self.tell = here.telling

    def looked(self, channel, day_, visits):
        data = recruitment.CampaignVisited(
            community_id=self.here.id, campaign_id=named("campaign"), channel=channel, day=day_, visits=visits
        )
        self.tell.tell(data)

    def applies(self, name, channel, at, accepted_at=None, application=None):
        person = f"{name} of {self.here.id}"
        options = {"channel": channel, "application_id": named(f"application {application or name} of {self.here.id}")}
        self.tell.apply(recruitment.ApplicationSubmitted, person, at=at, **options)
        if accepted_at is not None:
            decided = options | {"to": "decided", "outcome": "accepted"}
            self.tell.apply(recruitment.ApplicationDecided, person, at=accepted_at, **decided)
            self.tell.member(membership.MemberJoined, person, accepted_at, at=accepted_at, **options)

    def writes(self, name, what, at):
        self.tell.ask(f"{what} of {self.here.id}", f"{name} of {self.here.id}", kind="topic", at=at)


async def test_a_channel_from_being_looked_at_to_who_is_still_there_after_thirty_days(here):
    recruits = Recruits(here)
    recruits.looked("poster", day(START), 40)
    recruits.looked("forum", day(START), 9)
    recruits.applies("stays", "poster", START, START + DAY)
    recruits.writes("stays", "first", START + 2 * DAY)
    recruits.writes("stays", "later", START + 31 * DAY)
    recruits.applies("goes", "poster", START, START + DAY)
    recruits.writes("goes", "only", START + 30 * DAY)
    recruits.applies("silent", "poster", START, START + DAY)
    recruits.applies("rejected", "forum", START)
    await here.harness.deliver(*recruits.tell.told)
    values = await here.values("recruitment_funnel", "2024-03-01", "2024-03-31", group_by="channel")
    assert steps(values, by_group=True) == {
        ("2024-03-01", "forum"): [9, 1, 0, 0, 0],
        ("2024-03-01", "poster"): [40, 3, 3, 2, 1],
    }
    assert steps(await here.values("recruitment_funnel", "2024-03-01", "2024-03-31")) == {
        "2024-03-01": [49, 4, 3, 2, 1]
    }


async def test_a_day_that_has_not_come_yet_is_null_and_not_nobody(here):
    recruits = Recruits(here)
    recruits.applies("a", "poster", START, START + DAY)
    recruits.writes("a", "first", START + 2 * DAY)
    recruits.applies("b", "forum", START - 40 * DAY, START - 39 * DAY)
    await here.harness.deliver(*recruits.tell.told)
    here.harness.clock.now = START + 31 * DAY
    values = await here.values("recruitment_funnel", "2024-02-01", "2024-03-31", group_by="channel", grain="month")
    assert steps(values, by_group=True) == {
        ("2024-02-01", "forum"): [0, 1, 1, 0, 0],
        ("2024-03-01", "poster"): [0, 1, 1, 1, None],
    }
    here.harness.clock.now = START + 32 * DAY
    values = await here.values("recruitment_funnel", "2024-03-01", "2024-03-31")
    assert steps(values) == {"2024-03-01": [0, 1, 1, 1, 0]}


async def test_views_of_a_day_that_runs_are_not_known_and_not_none(here):
    recruits = Recruits(here)
    recruits.applies("a", "poster", START)
    await here.harness.deliver(*recruits.tell.told)
    here.harness.clock.now = START + timedelta(hours=1)
    asked = {"grain": "day", "group_by": "channel"}
    values = await here.values("recruitment_funnel", "2024-03-01", "2024-03-31", **asked)
    today = day(START)
    assert steps(values, by_group=True)[today.isoformat(), "poster"][:2] == [None, 1]
    recruits.looked("poster", today, 40)
    await here.harness.deliver(*recruits.tell.told)
    here.harness.clock.now = START + DAY
    values = await here.values("recruitment_funnel", "2024-03-01", "2024-03-31", **asked)
    assert steps(values, by_group=True)[today.isoformat(), "poster"][:2] == [40, 1]


async def test_who_applied_by_two_channels_counts_once_and_once_for_each(here):
    recruits = Recruits(here)
    recruits.applies("a", "poster", START, application="first")
    recruits.applies("a", "forum", START + DAY, START + 2 * DAY, application="second")
    await here.harness.deliver(*recruits.tell.told)
    values = await here.values("recruitment_funnel", "2024-03-01", "2024-04-30", group_by="channel")
    assert {key[1]: value[1:3] for key, value in steps(values, by_group=True).items()} == {
        "forum": [1, 1],
        "poster": [1, 0],
    }
    assert steps(await here.values("recruitment_funnel", "2024-03-01", "2024-04-30"))["2024-03-01"][1:3] == [1, 1]


async def test_who_was_erased_stays_counted_once_and_nobody_knows_who_it_was(here):
    recruits = Recruits(here)
    recruits.applies("a", "poster", START, application="first")
    recruits.applies("a", "forum", START + DAY, START + 2 * DAY, application="second")
    recruits.applies("b", "forum", START)
    await here.harness.deliver(*recruits.tell.told)
    before = await here.values("recruitment_funnel", "2024-03-01", "2024-04-30")
    erased = named(f"a of {here.id}")
    for _ in range(2):
        async with here.harness.runtime.database.transaction() as session:
            for feature in definition.features:
                if feature.erasure is not None:
                    await feature.erasure(session, erased, START)
    assert await here.values("recruitment_funnel", "2024-03-01", "2024-04-30") == before
    for model in (ApplicationCourse, MemberCourse):
        rows = await rows_of(here.harness, model)
        assert rows
        assert erased not in {row["person_id"] for row in rows.values()}


async def test_what_is_told_again_fills_what_was_never_heard(here):
    recruits = Recruits(here)
    recruits.tell.activity(events.ActivityAnnounced, "talk", starts_at=SOON, at=START)
    recruits.tell.member(membership.MemberJoined, "a", START - DAY, at=START - DAY)
    recruits.tell.register(events.RegistrationConfirmed, "talk", "a", at=START + HOUR)
    recruits.tell.attend("talk", "a", at=SOON)
    told = [replace(message, backfill=True, recorded_at=START + 200 * DAY) for message in recruits.tell.told]
    await here.harness.deliver(*told, times=2)
    assert steps(await here.values("activity_funnel", "2024-03-29", "2024-03-29")) == {"2024-03-29": [1, 1, 1, None]}


async def test_a_removed_post_is_no_contribution(here):
    recruits = Recruits(here)
    recruits.applies("a", "poster", START, START + DAY)
    recruits.writes("a", "spam", START + 2 * DAY)
    spam = f"spam of {here.id}"
    recruits.tell.remove(content.DiscussionRemoved, "discussion", spam, spam)
    await here.harness.deliver(*recruits.tell.told)
    assert steps(await here.values("recruitment_funnel", "2024-03-01", "2024-03-31"))["2024-03-01"][:4] == [0, 1, 1, 0]


APPLICANT = st.tuples(
    st.integers(0, 24 * 60),
    st.sampled_from(("poster", "forum")),
    st.one_of(st.none(), st.integers(0, 24 * 20)),
    st.lists(st.integers(-48, 24 * 60), max_size=4),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(applicants=st.lists(APPLICANT, max_size=6), now=st.integers(0, 120), seed=st.integers(0, 2**16))
async def test_the_recruitment_funnel_is_what_a_plain_recomputation_says(harness, applicants, now, seed):
    here = Elsewhere(harness)
    await here.open()
    recruits, today = Recruits(here), START + now * DAY
    expected, waiting, raw = {}, set(), RawFunnels()
    for number, (applies, channel, accepted, deeds) in enumerate(applicants):
        name, at = f"p{number}", START + applies * HOUR
        accepted_at = None if accepted is None else at + accepted * HOUR
        recruits.applies(name, channel, at, accepted_at)
        written = []
        if accepted_at is not None:
            for place, deed in enumerate(deeds):
                written.append(accepted_at + deed * HOUR)
                recruits.writes(name, f"{name} {place}", written[-1])
        raw.tell("applied", [(name, channel, at, accepted_at)])
        raw.tell("wrote", [(name, moment) for moment in written])
        cell = day(at).replace(day=1).isoformat(), channel
        reached = expected.setdefault(cell, [0, 0, 0, 0])
        reached[0] += 1
        if accepted_at is None:
            continue
        reached[1] += 1
        if day(today) <= day(accepted_at) + 30 * DAY:
            waiting.add(cell)
        if any(moment >= accepted_at for moment in written):
            reached[2] += 1
            reached[3] += any(day(moment) >= day(accepted_at) + 30 * DAY for moment in written)
    harness.clock.now = START + 300 * DAY
    await hear(harness, recruits.tell.told, random.Random(seed))
    harness.clock.now = today
    values = steps(
        await here.values("recruitment_funnel", "2024-03-01", "2024-05-31", grain="month", group_by="channel"),
        by_group=True,
    )
    begun = {cell: reached for cell, reached in expected.items() if cell[0] <= day(today).isoformat()}
    # Nobody was told of views: in a month that runs nobody knows them yet.
    runs = day(today).replace(day=1).isoformat()
    assert values == {
        cell: [None if cell[0] == runs else 0, *reached[:3], None if cell in waiting else reached[3]]
        for cell, reached in begun.items()
    }
    by_sql = raw.recruits(zone="Europe/Berlin", grain="month", today=day(today))
    assert {key: value[1:] for key, value in values.items()} == {key: by_sql[key] for key in begun}

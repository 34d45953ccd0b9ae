"""Whatever is told in whatever order, twice and late: the rollups are what a plain recomputation from all messages says, live and rebuilt."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import content, membership
from services.analytics.definition import definition
from services.analytics.facts import moving, rebuilding
from services.analytics.facts.models import MemberDay, MemberPeriod, ObjectDay, Place, RollupGeneration
from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, Verb
from tests.service.analytics.counting import Counting

START = datetime(2024, 3, 29, 12, tzinfo=UTC)
"""Two days before clocks are set forward in Berlin."""
CALENDARS = (("Europe/Berlin", 0), ("Europe/Berlin", 4), ("Asia/Shanghai", 0), ("America/New_York", 0))
HOURS = st.integers(0, 24 * 6)
DEED = st.tuples(
    st.sampled_from(("reply", "comment", "article", "like", "attend", "read", "ask")), st.integers(0, 2), HOURS
)
STEP = st.one_of(
    DEED,
    DEED,
    st.tuples(st.sampled_from(("undo", "redo", "again")), st.integers(0, 9), HOURS),
    st.tuples(st.just("works"), st.integers(0, 2), st.sampled_from(("D1", "D2"))),
    st.tuples(st.just("runs"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("calendar"), st.sampled_from(CALENDARS), st.none()),
)


class World(Counting):
    """One community of three members, and all that is told of it, in the order in which it happened."""

    def __init__(self, harness):
        super().__init__(harness)
        self.told = []
        self.who = [new_id() for _ in range(3)]
        self.persons = [new_id() for _ in range(3)]
        self.versions = Counter()
        self.deeds = []
        self.calendars, self.worked, self.stands = [], defaultdict(list), defaultdict(list)
        self.now = START
        self.state = [{"department_code": "D0", "roles": ("member",)} for _ in range(3)]
        self.calendar(("Europe/Berlin", 0))
        for number in range(3):
            self.works_in(number, "D0")
            self.runs(number, staff=False)

    def tell(self, data, subject, at):
        self.versions[subject] += 1
        self.told.append(received(data, occurred_at=at, version=self.versions[subject]))
        return self.told[-1]

    def do(self, step):
        self.now += timedelta(hours=17)
        match step:
            case ("works", number, code):
                self.works_in(number, code)
            case ("runs", number, staff):
                self.runs(number, staff=staff)
            case ("calendar", which, None):
                self.calendar(which)
            case (("undo" | "redo" | "again") as what, number, hours):
                if self.deeds:
                    getattr(self, what)(self.deeds[number % len(self.deeds)], START + timedelta(hours=hours))
            case (kind, number, hours):
                self.deed(kind, number, START + timedelta(hours=hours, minutes=number))

    def calendar(self, which):
        zone, hour = which
        self._community |= {"time_zone": zone, "day_starts_at": time(hour)}
        self.tell(membership.CommunityUpdated(**self._community), self.community_id, self.now)
        self.calendars.append((self.now, zone, hour))

    def works_in(self, number, code):
        self.state[number]["department_code"] = code
        data = membership.PersonUpdated(
            person_id=self.persons[number],
            display_name="孙丽",
            department_code=code,
            kind="employee",
            status="active",
        )
        self.tell(data, self.persons[number], self.now)
        self.worked[number].append((self.now, code))

    def runs(self, number, *, staff):
        data = membership.MemberRoleChanged(
            community_id=self.community_id,
            member_id=self.who[number],
            person_id=self.persons[number],
            display_name="孙丽",
            person_kind="employee",
            roles=("member", "owner") if staff else ("member",),
            status="active",
            joined_at=START,
            via="import",
        )
        self.tell(data, self.who[number], self.now)
        self.stands[number].append((self.now, staff))

    def deed(self, kind, number, at):
        member, thing, root = self.who[number], new_id(), new_id()
        others = (member, self.who[(number + 1) % 3])
        made = {
            "reply": lambda: self.reply(member, at, reply_id=thing, discussion_id=root),
            "comment": lambda: self.reply(member, at, kind="comment", reply_id=thing, discussion_id=root),
            "article": lambda: self.article(*others, at=at, article_id=thing),
            "like": lambda: self.like(member, at, reaction_id=thing),
            "attend": lambda: self.attendance(member, at, attendance_id=thing),
            "ask": lambda: self.discussion(member, at, discussion_id=thing),
            "read": lambda: received(
                content.ArticleRead(
                    community_id=self.community_id, article_id=thing, member_id=member, progress=0.5, finished=False
                ),
                occurred_at=at,
            ),
        }[kind]()
        about = {
            "reply": root,
            "comment": root,
            "article": thing,
            "like": made.data.object.root_id if kind == "like" else None,
            "attend": getattr(made.data, "activity_id", None),
            "ask": thing,
            "read": thing,
        }[kind]
        verb = {
            "reply": Verb.REPLIED,
            "comment": Verb.COMMENTED,
            "article": Verb.PUBLISHED_ARTICLE,
            "like": Verb.REACTED,
            "attend": Verb.ATTENDED,
            "ask": Verb.STARTED_DISCUSSION,
            "read": Verb.READ,
        }[kind]
        value = {"reply": 12, "comment": 12, "article": 0.5, "attend": 60, "read": 0.5}.get(kind, 0)
        who = [number, (number + 1) % 3] if kind == "article" else [number]
        self.tell(made.data, thing, at)
        self.deeds.append(
            {
                "kind": kind,
                "id": thing,
                "made": made,
                "at": at,
                "who": who,
                "verb": verb,
                "about": about,
                "value": value,
                "gone": False,
            }
        )

    def undo(self, deed, at):
        data = self._undoing(deed)
        if data is not None and not deed["gone"]:
            self.tell(data, deed["id"], at)
            deed["gone"] = True

    def redo(self, deed, at):
        if deed["kind"] in {"reply", "comment", "article", "ask"} and deed["gone"]:
            self.tell(self.removed(deed["made"], at, restored=True).data, deed["id"], at)
            deed["gone"] = False

    def again(self, deed, at):
        if deed["kind"] in {"like", "attend"} and deed["gone"]:
            self.tell(deed["made"].data, deed["id"], at)
            deed |= {"gone": False, "at": at}

    def _undoing(self, deed):
        made = deed["made"]
        if deed["kind"] in {"reply", "comment", "article", "ask"}:
            return self.removed(made, START).data
        if deed["kind"] == "like":
            return content.ReactionRemoved(**made.data.model_dump())
        return self.revoked(made, START, version=0).data if deed["kind"] == "attend" else None

    # --- the plain recomputation ------------------------------------------------------------------------------------

    def expected(self):
        days, periods, things = Counter(), Counter(), Counter()
        for deed in self.deeds:
            if deed["gone"]:
                continue
            day = self.day_of(deed["at"])
            for number in deed["who"]:
                staff = then(self.stands[number], deed["at"])
                place = (then(self.worked[number], deed["at"]), staff)
                member = self.who[number]
                days[day, deed["verb"], member, *place] += 1
                things[day, deed["verb"], deed["about"], staff] += 1
                for grain, start in (
                    ("week", day - timedelta(days=day.isoweekday() - 1)),
                    ("month", day.replace(day=1)),
                    ("quarter", day.replace(day=1, month={1: 1, 2: 4, 3: 7, 4: 10}[(day.month + 2) // 3])),
                ):
                    for name, verbs in (("deeds", ACTIVE), ("taking_part", TAKING_PART), ("reads", READING)):
                        if deed["verb"] in verbs:
                            periods[grain, start, member, staff, name] += 1
        return dict(days), dict(periods), dict(things)

    def day_of(self, at):
        zone, hour = next(
            ((zone, hour) for since, zone, hour in reversed(self.calendars) if since <= at), self.calendars[0][1:]
        )
        local = at.astimezone(ZoneInfo(zone))
        return local.date() if local.hour >= hour else local.date() - timedelta(days=1)

    async def counted(self):
        """The same, out of the generation that is read."""
        reading = select(col(RollupGeneration.reading)).scalar_subquery()
        here = self.community_id
        members = await self.rows(
            select(
                col(MemberDay.day),
                col(MemberDay.verb),
                col(MemberDay.member_id),
                col(Place.department_code),
                col(Place.staff),
                col(MemberDay.n),
            )
            .join(Place, col(Place.id) == col(MemberDay.place_id))
            .where(
                col(MemberDay.community_id) == here,
                col(MemberDay.generation) == reading,
                col(MemberDay.n) != 0,
                col(MemberDay.verb) != Verb.JOINED,
            )
        )
        periods = await self.rows(
            select(
                col(MemberPeriod.grain),
                col(MemberPeriod.starts_on),
                col(MemberPeriod.member_id),
                col(MemberPeriod.staff),
                col(MemberPeriod.deeds),
                col(MemberPeriod.taking_part),
                col(MemberPeriod.reads),
            ).where(col(MemberPeriod.community_id) == here, col(MemberPeriod.generation) == reading)
        )
        things = await self.rows(
            select(
                col(ObjectDay.day), col(ObjectDay.verb), col(ObjectDay.about), col(ObjectDay.staff), col(ObjectDay.n)
            ).where(col(ObjectDay.community_id) == here, col(ObjectDay.generation) == reading, col(ObjectDay.n) != 0)
        )
        return (
            {tuple(row[:-1]): row[-1] for row in members},
            {
                (*row[:4], name): n
                for row in periods
                for name, n in zip(("deeds", "taking_part", "reads"), row[4:], strict=True)
                if n
            },
            {tuple(row[:-1]): row[-1] for row in things},
        )


def then(versions, at):
    return next((what for since, what in reversed(versions) if since <= at), versions[0][1])


@pytest.fixture
async def harness(start_service, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 4)
    monkeypatch.setattr(moving, "FIRST_CHUNK", 1)
    monkeypatch.setattr(moving, "MOST_FACTS", 3)
    monkeypatch.setattr(rebuilding, "FIRST_CHUNK", 2)
    monkeypatch.setattr(rebuilding, "MOST_FACTS", 5)
    async with start_service(definition, clock=SettableClock(START)) as harness:
        yield harness


async def hear(world, chance):
    """All of it twice, in any order and in batches of any size; now and then a worker does what waits, or a rebuild goes on."""
    left = chance.sample(world.told * 2, len(world.told) * 2)
    while left:
        size = chance.randint(1, 9)
        batch, left = left[:size], left[size:]
        await world.harness.deliver(*batch)
        match chance.randint(0, 5):
            case 0:
                await world.harness.run_jobs()
            case 1 | 2:
                async with world.harness.runtime.database.transaction() as session:
                    await rebuilding.begin(session)
                    await rebuilding.step(session, chance.randint(1, 4))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(STEP, max_size=30), seed=st.integers(0, 2**16))
async def test_rollups_are_what_a_plain_recomputation_says(harness, steps, seed):
    world, chance = World(harness), random.Random(seed)
    for step in steps:
        world.do(step)
    await hear(world, chance)
    await harness.run_jobs()
    assert await world.waiting() == 0
    assert await world.counted() == world.expected()
    async with harness.runtime.database.transaction() as session:
        await rebuilding.begin(session)
    done = False
    while not done:
        async with harness.runtime.database.transaction() as session:
            done = (await rebuilding.step(session, 7)).done
    assert await world.counted() == world.expected()

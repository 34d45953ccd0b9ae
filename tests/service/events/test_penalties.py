"""What a suspension takes from a member comes back when it is undone: in any order, and answered once."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing.harness import received
from contracts.conduct import EventsApplied, PenaltyImposed, PenaltyLifted, PenaltyRevised
from contracts.membership import SanctionChanged
from services.events.base import penalties
from services.events.registrations.models import Registration
from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path

WEEK = timedelta(days=7)


@dataclass
class Penalty:
    """A penalty as membership tells of it, revision by revision, and what it makes of the member's sanction."""

    hall: Any
    name: str
    id: UUID = field(default_factory=new_id)
    case_id: UUID = field(default_factory=new_id)
    revision: int = 0

    def told(self, kind: type[Any], *, sanction: str | None = None, until: Any = None, since: Any = None) -> Any:
        self.revision += 1
        lifted = kind is PenaltyLifted
        event = kind(
            community_id=self.hall.stage.community_id,
            penalty_id=self.id,
            revision=self.revision,
            case_id=self.case_id,
            member_id=self.hall[self.name].id,
            severity="serious",
            violation_points=0 if lifted else 6,
            since=since or self.hall.now,
            until=until,
            sanction=sanction,
            undone=lifted,
        )
        return received(event, occurred_at=self.hall.now, version=self.revision)

    async def suspends(self, *, until: Any = None) -> Any:
        """Have it suspend for a week, and have what it takes be taken."""
        until = until or self.hall.now + WEEK
        message = self.told(PenaltyImposed, sanction="suspend", until=until)
        await tell(self.hall, message, sanctioned(self.hall, self.name, until=until))
        return message

    async def is_lifted(self) -> Any:
        message = self.told(PenaltyLifted)
        await tell(self.hall, message, sanctioned(self.hall, self.name))
        return message


def sanctioned(hall, name, *, until=None, status=None):
    versions = hall.__dict__.setdefault("sanctions", {})
    versions[name] = versions.get(name, 0) + 1
    state = SanctionChanged(
        community_id=hall.stage.community_id,
        member_id=hall[name].id,
        status=status or ("suspended" if until else "none"),
        until=until,
    )
    return received(state, occurred_at=hall.now, version=versions[name])


async def tell(hall, *messages):
    await hall.stage.harness.deliver(*messages)
    await hall.stage.harness.run_timers()


async def answers(hall, penalty=None):
    told = await hall.stage.harness.published("penalty.applied")
    return [
        (one.data["revision"], one.data["undone"], [left["code"] for left in one.data["left"]])
        for one in told
        if penalty is None or one.data["penalty_id"] == str(penalty.id)
    ]


async def stands(hall, name, registration):
    seen = await hall.see("群主", REGISTRATIONS, activity_id=registration["activity_id"])
    (one,) = [one for one in seen["items"] if one["id"] == registration["id"]]
    return one["status"], one["place"]


async def in_ten_days(hall, **fields):
    return await hall.announces(starts_at=hall.after(days=10), ends_at=hall.after(days=10, hours=2), **fields)


async def test_a_seat_comes_back_where_it_is_free_and_a_place_in_the_line_where_it_was(hall):
    free, full = await in_ten_days(hall, capacity=3), await in_ten_days(hall, capacity=1)
    seat = await hall.registers("甲", free)
    await hall.registers("丁", full)
    place = await hall.registers("甲", full)
    behind = await hall.registers("乙", full)
    penalty = Penalty(hall, "甲")
    await penalty.suspends()
    assert await stands(hall, "甲", seat) == ("cancelled", None)
    assert await stands(hall, "乙", behind) == ("waitlisted", 1)
    assert await answers(hall) == [(1, {"registrations_given_up": 2}, [])]
    hall.later(days=1)
    await penalty.is_lifted()
    assert await stands(hall, "甲", seat) == ("confirmed", None)
    assert await stands(hall, "甲", place) == ("waitlisted", 1)
    assert await stands(hall, "乙", behind) == ("waitlisted", 2)
    assert (await answers(hall))[1:] == [(2, {"registrations_in_line": 1, "registrations_returned": 1}, [])]


async def test_who_finds_their_seat_taken_is_first_in_line_and_has_the_next_seat(hall):
    activity = await in_ten_days(hall, capacity=1, seat_offers="at_once")
    seat = await hall.registers("甲", activity)
    taken, waits = await hall.registers("乙", activity), await hall.registers("丙", activity)
    penalty = Penalty(hall, "甲")
    await penalty.suspends()
    assert await stands(hall, "乙", taken) == ("confirmed", None)
    await penalty.is_lifted()
    assert await stands(hall, "甲", seat) == ("waitlisted", 1)
    assert await stands(hall, "丙", waits) == ("waitlisted", 2)
    assert (await answers(hall))[1] == (2, {"registrations_first_in_line": 1}, [])
    await hall.cancels("乙", taken)
    assert await stands(hall, "甲", seat) == ("confirmed", None)


async def test_who_was_assigned_is_expected_again_beyond_the_capacity(hall):
    activity = await in_ten_days(hall, capacity=1)
    await hall.registers("丁", activity)
    await hall.send(
        "群主", "/v1/registrations/assign", {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    )
    mine = (await hall.see("甲", path(activity)))["mine"]["registration"]
    penalty = Penalty(hall, "甲")
    await penalty.suspends()
    await penalty.is_lifted()
    assert await stands(hall, "甲", {"activity_id": activity["id"], **mine}) == ("assigned", None)


async def test_of_a_shortened_one_comes_back_what_begins_after_it_and_nothing_else(hall):
    soon = await hall.announces(starts_at=hall.after(days=2), ends_at=hall.after(days=2, hours=1))
    later = await hall.announces(starts_at=hall.after(days=5), ends_at=hall.after(days=5, hours=1))
    rows = [await hall.registers("甲", one) for one in (soon, later)]
    penalty = Penalty(hall, "甲")
    began = hall.now
    await penalty.suspends()
    assert [(await stands(hall, "甲", row))[0] for row in rows] == ["cancelled"] * 2
    hall.later(hours=20)
    until = began + timedelta(days=3)
    revised = penalty.told(PenaltyRevised, sanction="suspend", since=began, until=until)
    # What it says of the member comes by another way, and suspends them again until then.
    await tell(hall, revised, sanctioned(hall, "甲", until=until))
    assert [(await stands(hall, "甲", row))[0] for row in rows] == ["cancelled", "confirmed"]
    assert (await answers(hall))[1] == (2, {"registrations_returned": 1}, [])
    hall.later(hours=1)
    await penalty.is_lifted()
    assert [(await stands(hall, "甲", row))[0] for row in rows] == ["confirmed"] * 2
    assert (await answers(hall))[2] == (3, {"registrations_returned": 1}, [])


async def test_what_cannot_come_back_is_left_and_said_why(hall):
    began = await hall.announces(starts_at=hall.after(hours=30), ends_at=hall.after(hours=31))
    called_off, again, given_back = [await in_ten_days(hall) for _ in range(3)]
    rows = [await hall.registers("甲", one) for one in (began, called_off, again, given_back)]
    penalty = Penalty(hall, "甲")
    await penalty.suspends(until=hall.now + timedelta(days=1))
    hall.later(days=1, hours=7)
    await hall.send("群主", path(called_off, "cancel"), {"reason": "老师病了"}, version=2)
    await hall.registers("甲", again)
    await hall.registers("甲", given_back)
    await hall.cancels("甲", rows[3])
    await penalty.is_lifted()
    (_, undone, left) = (await answers(hall))[1]
    assert undone == {}
    assert sorted(left) == ["activity_cancelled", "activity_started", "given_back_since", "registered_again"]
    assert (await stands(hall, "甲", rows[2]))[0] == "confirmed"
    assert (await stands(hall, "甲", rows[3]))[0] == "cancelled"


async def test_what_another_penalty_takes_too_stays_given_up_until_that_is_undone(hall):
    activity = await in_ten_days(hall)
    seat = await hall.registers("甲", activity)
    one, other = Penalty(hall, "甲"), Penalty(hall, "甲")
    until = hall.now + timedelta(days=1)
    await hall.stage.harness.deliver(other.told(PenaltyImposed, sanction="suspend", until=until))
    await one.suspends(until=until)
    # Both are over by the clock: nothing keeps them from coming again.
    hall.later(days=2)
    await tell(hall, one.told(PenaltyLifted))
    assert (await stands(hall, "甲", seat))[0] == "cancelled"
    assert (await answers(hall, one))[-1] == (2, {}, ["other_penalty"])
    await other.is_lifted()
    assert (await stands(hall, "甲", seat))[0] == "confirmed"
    assert (await answers(hall, other))[-1] == (2, {"registrations_returned": 1}, [])


async def test_nobody_has_anything_again_who_left_or_whose_suspension_is_not_for_a_penalty(hall):
    activity = await in_ten_days(hall)
    mine, theirs = await hall.registers("甲", activity), await hall.registers("乙", activity)
    penalty = Penalty(hall, "甲")
    await penalty.suspends()
    await tell(hall, sanctioned(hall, "乙", until=hall.now + WEEK))
    await hall.stage.leave(hall["甲"])
    await tell(hall, penalty.told(PenaltyLifted), sanctioned(hall, "甲"), sanctioned(hall, "乙"))
    # What membership says of the member may still be on its way.
    assert len(await answers(hall)) == 1
    hall.later(minutes=11)
    await hall.stage.harness.run_timers()
    assert [(await stands(hall, *one))[0] for one in (("甲", mine), ("乙", theirs))] == ["cancelled"] * 2
    assert (await answers(hall))[1] == (2, {}, ["not_a_member"])


async def missing(hall, activity):
    seen = await hall.see("群主", path(activity))
    return seen["no_shows"]


async def no_show(hall, name):
    async with hall.stage.harness.runtime.database.reading() as session:
        found = select(col(Registration.no_show_at)).where(col(Registration.member_id) == hall[name].id)
        return [row is not None for row in (await session.execute(found)).scalars()]


@pytest.mark.parametrize("completed_first", [True, False])
async def test_nobody_was_missing_while_they_could_not_come_and_should_have_been_able_to(hall, completed_first):
    activity = await hall.announces(starts_at=hall.after(days=2), ends_at=hall.after(days=2, hours=3))
    await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    hall.later(days=2, hours=1)
    penalty = Penalty(hall, "甲")
    imposed = penalty.told(PenaltyImposed, sanction="suspend", until=hall.now + WEEK)
    await tell(hall, imposed, sanctioned(hall, "甲", until=hall.now + WEEK))
    hall.later(hours=5)
    lifted = penalty.told(PenaltyLifted)
    if not completed_first:
        await tell(hall, lifted, sanctioned(hall, "甲"))
    hall.later(days=2)
    await hall.stage.harness.run_timers()
    if completed_first:
        assert (await no_show(hall, "甲"), await no_show(hall, "乙")) == ([True], [True])
        await tell(hall, lifted, sanctioned(hall, "甲"))
        assert (await answers(hall))[1] == (2, {"no_shows": 1}, [])
    assert (await no_show(hall, "甲"), await no_show(hall, "乙")) == ([False], [True])


async def test_a_revision_is_answered_once_and_an_older_one_not_at_all_and_again_as_it_was_told(hall):
    penalty = Penalty(hall, "甲")
    imposed = penalty.told(PenaltyImposed, sanction="suspend", until=hall.now + WEEK)
    lifted = penalty.told(PenaltyLifted)
    for message in (lifted, imposed, lifted, imposed):
        await tell(hall, message)
    assert await answers(hall) == [(2, {}, [])]
    (told,) = await hall.stage.harness.published("penalty.applied")
    assert (told.partition_key, EventsApplied.TOPIC) == (str(hall["甲"].id), "qunxue.events.restricted")
    async with hall.stage.harness.runtime.database.reading() as session:
        (again,) = [message async for message in penalties.again(session, None)]
    assert (again.id, again.version, again.event.model_dump(mode="json")) == (told.id, 1, told.data)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_duplicates_end_as_the_right_order(hall, seed):
    """Two members who have and do the same: of one what happens is heard of in its order, of the other in any, and twice."""
    random = Random(seed)
    activities = [
        await hall.announces(starts_at=hall.after(days=days), ends_at=hall.after(days=days, hours=1))
        for days in (1, 2, 4, 6, 9)
    ]
    rows = {name: [await hall.registers(name, one) for one in activities] for name in "甲乙"}
    begun, first = hall.now, hall.now + WEEK
    both = {name: [Penalty(hall, name) for _ in range(2)] for name in "甲乙"}
    told: dict[str, list[Any]] = {name: [] for name in "甲乙"}
    plan = [(random.randrange(2), random.choice(["revise", "revise", "mute", "lift"])) for _ in range(4)]
    for name in "甲乙":
        for penalty in both[name]:
            told[name].append(penalty.told(PenaltyImposed, sanction="suspend", since=begun, until=first))
        for which, what in plan:
            penalty = both[name][which]
            days = Random(f"{seed} {what} {penalty.revision}").randint(1, 6)
            match what:
                case "lift":
                    told[name].append(penalty.told(PenaltyLifted, since=begun))
                case "mute":
                    told[name].append(penalty.told(PenaltyRevised, sanction="mute", since=begun, until=first))
                case _:
                    until = begun + timedelta(days=days)
                    told[name].append(penalty.told(PenaltyRevised, sanction="suspend", since=begun, until=until))
    standing = _ends(told["甲"], first)
    hall.later(minutes=1)
    await tell(hall, *told["甲"][:2], *told["乙"][1:2], *[sanctioned(hall, one, until=first) for one in "甲乙"])
    assert {(await stands(hall, name, row))[0] for name in "甲乙" for row in rows[name]} == {"cancelled"}
    ends = max(standing, default=None)
    messy = told["乙"] * 2
    random.shuffle(messy)
    for message in told["甲"]:
        await tell(hall, message)
    news = [sanctioned(hall, one, until=ends) for one in "甲乙"]
    for at, message in enumerate([*messy, *news[1:]] if random.random() < 0.5 else [*news[1:], *messy]):
        await tell(hall, message)
        hall.later(seconds=at % 2)
    await tell(hall, news[0])
    hall.later(minutes=11)
    await hall.stage.harness.run_timers()
    one, other = [[await stands(hall, name, row) for row in rows[name]] for name in "甲乙"]
    assert one == other
    answered = [
        (one.data["penalty_id"], one.data["revision"]) for one in await hall.stage.harness.published("penalty.applied")
    ]
    assert len(answered) == len(set(answered))
    for name in "甲乙":
        for penalty in both[name]:
            assert (str(penalty.id), penalty.revision) in answered


def _ends(messages, first):
    """When those suspensions end that stand at last."""
    last = {}
    for message in messages:
        last[message.data.penalty_id] = message.data
    return [one.until or first for one in last.values() if one.sanction == "suspend" and not one.undone]


async def test_an_expulsion_that_is_undone_gives_back_what_it_took(hall):
    activity = await in_ten_days(hall)
    seat = await hall.registers("甲", activity)
    penalty = Penalty(hall, "甲")
    await hall.stage.leave(hall["甲"])
    await tell(hall, penalty.told(PenaltyImposed, sanction="expel"))
    assert (await stands(hall, "甲", seat))[0] == "cancelled"
    assert await answers(hall) == [(1, {"registrations_given_up": 1}, [])]
    hall.later(days=1)
    await tell(hall, penalty.told(PenaltyLifted))
    # They are no member again yet, as far as is known here.
    assert len(await answers(hall)) == 1
    await hall.stage.come_back(hall["甲"])
    await hall.stage.harness.run_timers()
    assert (await stands(hall, "甲", seat))[0] == "confirmed"
    assert (await answers(hall))[1] == (2, {"registrations_returned": 1}, [])

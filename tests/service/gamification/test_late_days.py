"""Days and moments that arrive late: what they move keeps its name, and the order of arrival shows nowhere."""

import itertools
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import MemberRoleChanged
from services.gamification.definition import definition
from services.gamification.earning import service as earning
from services.gamification.earning.restating import restate
from services.gamification.earning.rules import Occurrence, Target
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.verification import verify
from tests.service.gamification.stage import JOINED, NOON, Stage

WELCOME = 10
LONG = {
    "trigger": "streak.completed_week",
    "when": [{"field": "length", "op": "gte", "value": 14}],
    "points": 11,
    "xp": 0,
}


class Imported(Stage):
    async def owner(self):
        one = await self.member()
        changed = MemberRoleChanged(**self._member(one, JOINED, roles=("owner",)))
        await self.harness.deliver(received(changed, occurred_at=JOINED, version=self._next(one.id)))
        return one

    async def arrive(self, one, *days, hour=12):
        await self.import_csv(*(f"{one.employee_no},2024-03-{day:02d}T{hour:02d}:00:00+08:00,," for day in days))

    async def entries(self, one):
        response = await one.client.get("/v1/ledger-entries", params={"member_id": str(one.id), "limit": 100})
        return response.json()["items"]

    async def bonuses(self, one):
        """Days of the month on which a week's bonus stands, in points."""
        net: dict[int, int] = {}
        for entry in await self.entries(one):
            if entry["rule"] and entry["rule"]["code"] == "streak_week" and entry["currency"] == "points":
                day = int(entry["occurred_at"][8:10])
                net[day] = net.get(day, 0) + entry["amount"]
        return {day: amount for day, amount in sorted(net.items()) if amount}

    async def take_back(self, owner, one, day):
        (entry,) = [
            entry
            for entry in await self.entries(one)
            if entry["rule"]
            and entry["rule"]["code"] == "streak_week"
            and entry["currency"] == "points"
            and entry["amount"] > 0
            and entry["reversed_by"] is None
            and int(entry["occurred_at"][8:10]) == day
        ]
        reversed_ = await owner.client.post(
            f"/v1/ledger-entries/{entry['id']}/reverse", json={"reason": "shared login"}
        )
        assert reversed_.status_code == 201, reversed_.text

    async def net_state(self, one):
        """What a member has in the end, by rule, currency and moment."""
        async with self.harness.runtime.database.reading() as session:
            rows = (await session.execute(select(PostedTransfer))).scalars().all()
        net: dict[tuple, int] = {}
        for row in rows:
            if row.member_id == one.id:
                key = (row.currency, row.rule_code, row.occurred_at)
                net[key] = net.get(key, 0) + (row.amount if row.credit == "wallet" else -row.amount)
        return {key: amount for key, amount in net.items() if amount}


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Imported(harness)
        await stage.open()
        yield stage
        async with harness.runtime.database.reading() as session:
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


async def test_a_bonus_taken_back_by_hand_is_not_paid_again_when_late_days_move_it(stage):
    owner, member = await stage.owner(), await stage.member()
    await stage.arrive(member, *range(8, 15))
    await stage.take_back(owner, member, 14)
    for late in range(7, 0, -1):
        await stage.arrive(member, late)
        # With the seventh late day a second week is full: that one is paid, and the other is where it was.
        assert await stage.bonuses(member) == ({7: 20} if late == 1 else {}), late
    await stage.arrive(member, *range(15, 22))
    assert await stage.bonuses(member) == {7: 20, 21: 20}


async def test_of_two_bonuses_only_the_one_taken_back_stays_so(stage):
    owner, member = await stage.owner(), await stage.member()
    await stage.arrive(member, *range(3, 17))
    assert await stage.bonuses(member) == {9: 20, 16: 20}
    await stage.take_back(owner, member, 16)
    await stage.arrive(member, 2)
    assert await stage.bonuses(member) == {8: 20}
    await stage.arrive(member, 1)
    assert await stage.bonuses(member) == {7: 20}


async def test_a_moved_bonus_says_that_it_was_taken_back(stage):
    owner, member = await stage.owner(), await stage.member()
    await stage.arrive(member, *range(8, 15))
    await stage.take_back(owner, member, 14)
    await stage.arrive(member, 7)
    told = (await member.client.get("/v1/earning-outcomes", params={"member_id": str(member.id)})).json()["items"]
    (bonus,) = [each for each in told if each["rule"] == "streak_week"]
    assert (bonus["code"], bonus["paid"]) == ("taken_back", {"points": 0, "xp": 0})
    assert bonus["source"]["occurred_at"] == "2024-03-13T04:00:00Z"


async def test_a_rule_on_the_length_of_a_streak_pays_the_same_by_any_order_of_files(stage):
    owner = await stage.owner()
    put = await owner.client.put(
        "/v1/earning-rules/long_streak", params={"community_id": str(stage.community_id)}, json=LONG
    )
    assert put.status_code == 200, put.text
    files = (range(1, 8), range(8, 15), range(15, 22))
    found = []
    for order in itertools.permutations(files):
        member = await stage.member()
        for days in order:
            await stage.arrive(member, *days)
        found.append(await stage.net_state(member))
    assert [sum(amount for key, amount in each.items() if key[1] == "long_streak") for each in found] == [22] * 6
    assert all(each == found[0] for each in found)


async def checkins(stage, one):
    found = (await one.client.get("/v1/checkins", params={"member_id": str(one.id), "limit": 100})).json()["items"]
    return sorted((each["day"], each["occurred_at"], each["note"], each["streak"]) for each in found)


async def test_the_first_moment_of_a_day_wins_whichever_file_has_it(stage):
    one, other = await stage.members(2)
    morning, evening = "2024-03-05T09:00:00+08:00,morning,", "2024-03-05T21:00:00+08:00,evening,"
    for member, order in ((one, (morning, evening)), (other, (evening, morning))):
        for row in order:
            await stage.import_csv(f"{member.employee_no},{row}")
        # Again, in both orders: nothing is left to change.
        for row in (evening, morning):
            job = await stage.import_csv(f"{member.employee_no},{row}")
            assert job["result"] == {"created": 0, "changed": 0, "unchanged": 1}
        assert await checkins(stage, member) == [("2024-03-05", "2024-03-05T01:00:00Z", "morning", 1)]
    assert await stage.net_state(one) == await stage.net_state(other)
    told = await stage.harness.published("checkin.recorded")
    assert len(told) == 2


async def test_an_earlier_moment_moves_what_the_checkin_and_the_week_it_fills_earned(stage):
    member = await stage.member()
    await stage.arrive(member, *range(1, 8), hour=21)
    await stage.arrive(member, 7, hour=9)
    moments = {key[2].isoformat() for key in await stage.net_state(member) if key[1] in {"checkin", "streak_week"}}
    assert "2024-03-07T01:00:00+00:00" in moments
    assert "2024-03-07T13:00:00+00:00" not in moments
    assert await stage.bonuses(member) == {7: 20}


async def test_an_earlier_moment_that_is_imported_leaves_what_the_member_wrote(stage):
    member = await stage.member()
    await stage.check_in(member, note="by myself")
    job = await stage.import_csv(f"{member.employee_no},2024-05-06T08:00:00+08:00,from the group,post-1")
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 0}
    assert await checkins(stage, member) == [("2024-05-06", "2024-05-06T00:00:00Z", "by myself", 1)]


@pytest.mark.slow
async def test_files_in_any_order_end_in_the_same_net_state(stage):
    """With rules that read the length of a streak and the moment of a check-in, and a cap by the community's day."""
    owner = await stage.owner()
    capped = {"trigger": "checkin.recorded", "points": 7, "xp": 1, "daily_cap": 10, "weekly_cap": 40}
    for code, rule in (("long_streak", LONG), ("capped", capped)):
        put = await owner.client.put(
            f"/v1/earning-rules/{code}", params={"community_id": str(stage.community_id)}, json=rule
        )
        assert put.status_code == 200, put.text
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for zone in ("Asia/Shanghai", "America/New_York", "Pacific/Auckland"):
        days = chance.sample(range(1, 31), 26)
        moments = [(day, chance.randrange(24)) for day in [*days, *chance.sample(days, 10)]]
        chance.shuffle(moments)
        files = [moments[n::4] for n in range(4)]
        found = []
        for _ in range(3):
            member = await stage.member(time_zone=zone)
            chance.shuffle(files)
            for file in files:
                lines = [f"{member.employee_no},2024-03-{day:02d}T{hour:02d}:00:00+08:00,," for day, hour in file]
                await stage.import_csv(*lines)
            wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
            found.append(
                (await stage.net_state(member), await checkins(stage, member), wallet["streak"], wallet["level"])
            )
        assert found[0] == found[1] == found[2], f"seed {seed}, {zone}"


def an_occurrence(stage, member, at, **changes):
    values = {
        "source_id": new_id(),
        "trigger": "reply.posted",
        "community_id": stage.community_id,
        "member_id": member.id,
        "occurred_at": at,
        "target_kind": "reply",
        "target_id": str(new_id()),
        "beneficiary": "author",
        "attributes": {"kind": "answer"},
    }
    return Occurrence(**values | changes)


async def test_what_is_restated_is_paid_at_its_new_moment_and_makes_room_at_the_old_one(stage):
    member = await stage.member()
    deeds = [an_occurrence(stage, member, NOON + timedelta(minutes=n)) for n in range(11)]
    earlier = NOON - timedelta(days=3)
    async with stage.harness.runtime.database.transaction() as session:
        await earning.record(session, deeds)
        moved = an_occurrence(stage, member, earlier, source_id=deeds[0].source_id, target_id=deeds[0].target_id)
        await restate(session, [moved])
    net = await stage.net_state(member)
    assert {key[2] for key in net if key[1] == "reply"} == {earlier} | {deed.occurred_at for deed in deeds[1:]}
    # And back: what was posted at a moment before is no reason not to post there again.
    async with stage.harness.runtime.database.transaction() as session:
        await restate(session, [deeds[0]])
        await restate(session, [moved])
        await restate(session, [moved])
        targets = [Target(moved.target_kind, moved.target_id)]
        await earning.withdraw(session, targets, version=1)
        await earning.restore(session, targets, version=2)
    assert await stage.net_state(member) == net


async def test_restating_what_nobody_recorded_changes_nothing(stage):
    member = await stage.member()
    async with stage.harness.runtime.database.transaction() as session:
        await restate(session, [an_occurrence(stage, member, NOON)])
    assert {key[1] for key in await stage.net_state(member)} == {"joined"}

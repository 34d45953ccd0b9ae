"""What rules want of each member in each window: counted in any order, shown, reminded of, listed, and nothing unfair."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from chassis.ids import new_id
from chassis.testing import received
from contracts.conduct import RuleSetPublished
from contracts.content import ReplyPosted, ReplyRemoved, ReplyRestored
from contracts.events import AttendanceRecorded, AttendanceRevoked
from contracts.gamification import CheckinRecorded
from services.membership.measures.models import MeasuredDeed
from services.membership.measures.service import timers
from tests.service.membership.scene import DAY
from tests.service.membership.test_rule_sets import PATH, POLITE, acknowledge, draft, published

THRICE = {"metric": "checkins", "op": "gte", "value": 3, "window": "week"}
MONDAY = datetime(2026, 6, 7, 16, tzinfo=UTC)
"""When a Monday begins in Shanghai."""
HOUR = timedelta(hours=1)


def active(**measure):
    return {**POLITE, "code": "active", "measure": THRICE | measure}


async def in_force(scene, community, *rules):
    """A version that its owner has acknowledged."""
    version = await published(scene, community, *rules)
    await acknowledge(scene, "owner", version)
    return version


@pytest.fixture
async def community(scene):
    return await scene.community(time_zone="Asia/Shanghai")


class Doing:
    """Other services, as they tell of what one member does."""

    def __init__(self, scene, community, member):
        self.scene, self.here, self.member_id = scene, UUID(community["id"]), UUID(member["id"])

    def _said(self, message, version, at=None, *, backfill=False, **fields):
        data = message(community_id=self.here, **fields)
        return received(data, occurred_at=at or self.scene.harness.clock(), version=version, backfill=backfill)

    async def checks_in(self, day, *, backfill=False):
        fields = {"checkin_id": new_id(), "member_id": self.member_id, "day": day}
        one = self._said(CheckinRecorded, 1, **fields, time_zone="Asia/Shanghai", origin="now", backfill=backfill)
        await self.scene.harness.deliver(one, one)

    def answer(self, *kinds, at=None):
        """Of one answer, what becomes of it."""
        reply_id, discussion_id = new_id(), new_id()
        about = {"kind": "reply", "id": reply_id, "root_id": discussion_id, "author_ids": (self.member_id,)}
        posted = {
            "reply_id": reply_id,
            "kind": "answer",
            "discussion_id": discussion_id,
            "discussion_kind": "question",
            "discussion_author_id": new_id(),
            "author_id": self.member_id,
        }
        return [
            self._said(kind, version, at, **(posted if kind is ReplyPosted else about | {"cause": "author"}))
            for version, kind in enumerate(kinds, start=1)
        ]

    def attendance(self, *kinds, starts_at):
        fields = {"attendance_id": new_id(), "activity_id": new_id(), "member_id": self.member_id}
        more = {"activity_kind": "lecture", "role": "attendee", "extent": "full", "minutes": 60, "method": "code"}
        return [
            self._said(kind, n, **fields, **(more | {"starts_at": starts_at} if kind is AttendanceRecorded else {}))
            for n, kind in enumerate(kinds, start=1)
        ]


async def own(scene, name, rules, code="active"):
    page = await scene.see(scene.again(name), f"{PATH}/{rules['id']}/measures")
    return next(one for one in page["items"] if one["code"] == code)


async def short(scene, rules, code="active"):
    page = await scene.see(scene.again("owner"), f"{PATH}/{rules['id']}/measures/{code}/short")
    return {one["member"]["display_name"]: one["figure"] for one in page["items"]}


async def desk(scene, community):
    queues = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
    return next(one for one in queues if one["code"] == "members_short_of_measure")


def until(scene, moment):
    scene.harness.clock.advance(moment - scene.harness.clock())


async def reminded(scene, name):
    inbox = await scene.see(scene.again(name), "/v1/notifications")
    return [one["href"] for one in inbox["items"] if one["template"] == "reminder.measure"]


async def test_members_see_their_figure_those_short_are_reminded_once_and_then_listed(scene, community):
    members = {name: await scene.member(name, community) for name in ("勤", "懒")}
    until(scene, MONDAY - 3 * DAY)
    rules = await in_force(scene, community, active())
    # What it is called others read once moderation has let it through, here as in the rules.
    assert [(await own(scene, name, rules))["title"] for name in ("owner", "懒")] == [POLITE["title"], None]
    told = (await scene.told("rule_set.published"))[0]["rules"][0]
    assert told["measure"] == THRICE
    until(scene, MONDAY)
    for day in ("2026-06-08", "2026-06-09", "2026-06-10"):
        await Doing(scene, community, members["勤"]).checks_in(day)
    await Doing(scene, community, members["懒"]).checks_in("2026-06-08")
    running = (await own(scene, "懒", rules))["running"]
    assert running == {"begins_on": "2026-06-08", "ends_on": "2026-06-14", "figure": 1, "kept": False, "asked": True}
    assert (await own(scene, "勤", rules))["running"]["kept"]
    until(scene, MONDAY + 6 * DAY - HOUR)
    await scene.harness.run_timers()
    assert await reminded(scene, "懒") == []
    until(scene, MONDAY + 6 * DAY + HOUR)
    await scene.harness.run_timers()
    await scene.harness.run_timers()
    assert await reminded(scene, "懒") == [f"{PATH}/{rules['id']}/measures"]
    assert await reminded(scene, "勤") == []
    assert await short(scene, rules) == {}
    assert (await desk(scene, community))["count"] == 0
    until(scene, MONDAY + 7 * DAY)
    assert await short(scene, rules) == {"懒": 1}
    queue = await desk(scene, community)
    assert (queue["count"], queue["oldest_at"]) == (1, "2026-06-14T16:00:00Z")
    (listed,) = (await scene.see(scene.again("owner"), queue["href"]))["items"]
    assert (listed["code"], listed["short"]) == ("active", 1)
    assert (await own(scene, "懒", rules))["short"] is None
    last = (await own(scene, "懒", rules))["last"]
    assert (last["figure"], last["kept"], last["asked"]) == (1, False, True)
    # What is heard late mends it.
    for day in ("2026-06-12", "2026-06-13"):
        await Doing(scene, community, members["懒"]).checks_in(day, backfill=True)
    assert await short(scene, rules) == {}
    await scene.see(scene.again("懒"), f"{PATH}/{rules['id']}/measures/active/short", status=403)


async def test_what_is_removed_counts_out_and_what_is_restored_in_again_in_any_order(scene, community):
    doing = Doing(scene, community, await scene.member("甲", community))
    rules = await in_force(
        scene, community, active(metric="answers", value=9), {**active(metric="activities"), "code": "there"}
    )
    until(scene, MONDAY + DAY)
    messages = [
        *doing.answer(ReplyPosted),
        *doing.answer(ReplyPosted, ReplyRemoved),
        *doing.answer(ReplyPosted, ReplyRemoved, ReplyRestored),
        # Before the day begins where the community is, though the day of the clock in Greenwich is the same.
        *doing.answer(ReplyPosted, at=MONDAY - HOUR),
        *doing.attendance(AttendanceRecorded, starts_at=MONDAY + HOUR),
        *doing.attendance(AttendanceRecorded, starts_at=MONDAY - HOUR),
        *doing.attendance(AttendanceRecorded, AttendanceRevoked, starts_at=MONDAY + HOUR),
    ]
    random.Random(7).shuffle(messages)
    for one in messages:
        await scene.harness.deliver(one)
    answers, there = [await own(scene, "甲", rules, code) for code in ("active", "there")]
    assert (answers["running"]["figure"], answers["last"]["figure"]) == (2, 1)
    assert (there["running"]["figure"], there["last"]["figure"]) == (1, 1)


async def test_nobody_is_listed_who_came_within_the_window_was_muted_in_it_or_runs_the_community(scene, community):
    members = {name: await scene.member(name, community) for name in ("懒", "禁言", "运营")}
    await scene.send(
        scene.again("owner"), "/v1/role-grants", {"member_id": members["运营"]["id"], "role": "operator"}, status=201
    )
    rules = await in_force(scene, community, active())
    until(scene, MONDAY + HOUR)
    await scene.member("新人", community)
    body = {"until": (MONDAY + DAY).isoformat(), "reason": "刷屏"}
    await scene.send(scene.again("owner"), f"/v1/members/{members['禁言']['id']}/mute", body)
    until(scene, MONDAY + 7 * DAY)
    # The mute is over, and that is recorded.
    await scene.harness.run_timers()
    assert await short(scene, rules) == {"懒": 0}
    for name in ("新人", "禁言", "运营"):
        assert (await own(scene, name, rules))["last"]["asked"] is False
    until(scene, MONDAY + 14 * DAY)
    assert await short(scene, rules) == {"懒": 0, "新人": 0, "禁言": 0}


async def test_members_are_held_to_windows_that_begin_after_a_rule_wants_something_and_a_new_version_leaves_it(
    scene, community
):
    await scene.member("懒", community)
    until(scene, MONDAY + HOUR)
    first = await in_force(scene, community, active())
    until(scene, MONDAY + 8 * DAY)
    assert await short(scene, first) == {}
    second = await in_force(scene, community, active(), {**active(op="lte", metric="posts"), "code": "quiet"})
    until(scene, MONDAY + 15 * DAY)
    assert await short(scene, second) == {"懒": 0}
    assert await short(scene, second, "quiet") == {}
    # The version before wants nothing any more.
    assert (await scene.see(scene.again("owner"), f"{PATH}/{first['id']}/measures"))["items"] == []
    await scene.see(scene.again("owner"), f"{PATH}/{first['id']}/measures/active/short", status=404)
    third = await in_force(scene, community, active(value=4))
    assert await short(scene, third) == {}


async def test_what_no_rule_counts_and_no_window_needs_is_not_kept(scene, community):
    doing = Doing(scene, community, await scene.member("甲", community))
    until(scene, MONDAY)

    async with scene.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, scene.harness.clock())

    async def kept():
        await scene.harness.run_timers()
        async with scene.harness.runtime.database.reading() as session:
            return (await session.execute(select(func.count()).select_from(MeasuredDeed))).scalar_one()

    await doing.checks_in("2026-06-08")
    assert await kept() == 0
    rules = await in_force(scene, community, active())
    await doing.checks_in("2026-06-08")
    await doing.checks_in("2026-02-01", backfill=True)
    await scene.harness.deliver(*doing.answer(ReplyPosted))
    assert await kept() == 1
    until(scene, MONDAY + 60 * DAY)
    assert await kept() == 1
    until(scene, MONDAY + 72 * DAY)
    assert await kept() == 0
    assert (await own(scene, "甲", rules))["running"]["figure"] == 0


async def test_a_measure_that_cannot_be_meant_is_pointed_at(scene, community):
    refused = await draft(scene, community, POLITE, active(value=8), status=422)
    assert (refused["errors"][0]["code"], refused["errors"][0]["pointer"]) == ("never_kept", "/rules/1/measure/value")
    many = [{**active(), "code": f"r{n}"} for n in range(11)]
    assert (await draft(scene, community, *many, status=422))["errors"][0]["code"] == "too_many_measures"


async def test_the_line_that_asked_for_it_goes_when_somebody_acknowledges(scene, community):
    await scene.member("甲", community)
    rules = await published(scene, community)
    [told] = await scene.told("rule_set.published")
    message = RuleSetPublished.model_validate(told)
    await scene.harness.deliver(received(message, occurred_at=scene.harness.clock()))
    await scene.harness.run_timers()
    scene.harness.clock.advance(8 * DAY)
    await scene.harness.run_timers()
    asked = {"rule_set.published", "reminder.rule_set"}

    async def unread():
        inbox = await scene.see(scene.again("甲"), "/v1/notifications", unread=True)
        return asked & {one["template"] for one in inbox["items"]}

    assert await unread() == asked
    await acknowledge(scene, "甲", rules)
    assert await unread() == set()


async def test_a_draft_is_thrown_away_and_what_is_published_is_not(scene, community):
    first = await draft(scene, community)
    assert "delete" in first["viewer"]["can"]
    gone = await scene.again("owner").delete(f"{PATH}/{first['id']}")
    assert gone.status_code == 204
    await scene.see(scene.again("owner"), f"{PATH}/{first['id']}", status=404)
    rules = await published(scene, community)
    assert rules["viewer"]["cannot"]["delete"] == "illegal_transition"
    refused = await scene.again("owner").delete(f"{PATH}/{rules['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")

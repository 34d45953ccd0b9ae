"""What a service knows of members besides their present state: what each was at a moment, a community's days, how answers name them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.moments import status_then
from chassis.projections.history import calendars_of, days_moved_by, keep_calendars, statuses_of
from chassis.projections.members import embedded, known_member
from chassis.testing import received
from contracts.membership import (
    CommunityOpened,
    CommunityUpdated,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    MemberSnapshot,
    MemberStatusChanged,
)
from tests.service.chassis.workshop_things import known

JOINED = datetime(2024, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


def state(member_id: UUID, status: str = "active", **facts: Any) -> dict[str, Any]:
    return {
        "member_id": member_id, "person_id": member_id, "community_id": new_id(), "display_name": "张伟",
        "person_kind": "employee", "status": status, "joined_at": JOINED, "via": "import",
    } | facts  # fmt: skip


async def statuses(shop, member_id, months=5):
    """What the member was in the middle of each month since joining."""
    async with shop.runtime.database.reading() as session:
        changes = (await statuses_of(session, [member_id])).get(member_id, [])
    return [status_then(changes, JOINED + MONTH * month + MONTH / 2) for month in range(months)]


async def test_what_a_member_was_is_the_same_in_whatever_order_it_was_heard(shop):
    for order in permutations(range(4)):
        one = new_id()
        told = [
            received(MemberJoined(**state(one)), occurred_at=JOINED + MONTH, version=1),
            received(
                MemberStatusChanged(**state(one, "suspended", status_until=JOINED + MONTH * 3)),
                occurred_at=JOINED + MONTH * 2,
                version=2,
            ),
            received(MemberRoleChanged(**state(one)), occurred_at=JOINED + MONTH * 3, version=3),
            received(MemberLeft(**state(one, "left")), occurred_at=JOINED + MONTH * 4, version=4),
        ]
        for number in order:
            await shop.deliver(told[number])
        assert await statuses(shop, one) == ["member", "member", "suspended", "member", "stranger"], order


async def test_who_comes_again_was_away_in_between(shop):
    one = new_id()
    await shop.deliver(
        received(MemberJoined(**state(one)), occurred_at=JOINED, version=1),
        received(MemberLeft(**state(one, "left")), occurred_at=JOINED + MONTH, version=2),
        received(MemberJoined(**state(one, joined_at=JOINED)), occurred_at=JOINED + MONTH * 2, version=3),
    )
    assert await statuses(shop, one, 3) == ["member", "stranger", "member"]


async def test_who_is_first_known_by_a_snapshot_has_been_so_since_joining(shop):
    stays, left = new_id(), new_id()
    for one, status in ((stays, "active"), (left, "left")):
        await shop.deliver(received(MemberSnapshot(**state(one, status)), occurred_at=JOINED + MONTH * 9, version=7))
    assert await statuses(shop, stays, 2) == ["member", "member"]
    assert await statuses(shop, left, 2) == ["stranger", "stranger"]


async def test_a_snapshot_changes_nothing_of_who_is_known(shop):
    one = new_id()
    await shop.deliver(
        received(MemberJoined(**state(one)), occurred_at=JOINED, version=1),
        received(MemberLeft(**state(one, "left")), occurred_at=JOINED + MONTH, version=2),
        received(MemberSnapshot(**state(one, "left")), occurred_at=JOINED + MONTH * 9, version=2),
    )
    assert await statuses(shop, one, 2) == ["member", "stranger"]


async def test_a_communitys_days_are_those_of_the_moment(shop):
    facts: dict[str, Any] = {
        "community_id": new_id(), "slug": "readers", "name": "读书会", "kind": "training", "status": "open",
        "visibility": "internal", "join": "open", "time_zone": "Asia/Shanghai", "day_starts_at": time(0),
        "streak_days": "every_day", "charter_version": 1,
    }  # fmt: skip
    opened = received(CommunityOpened(**facts), occurred_at=JOINED, version=1)
    renamed = received(CommunityUpdated(**facts | {"name": "新名"}), occurred_at=JOINED + MONTH, version=2)
    moved = received(CommunityUpdated(**facts | {"day_starts_at": time(4)}), occurred_at=JOINED + MONTH * 2, version=3)
    async with shop.runtime.database.transaction() as session:
        told = []
        for message in (opened, renamed, moved):
            told.append(bool(await days_moved_by(session, [message])))
            await keep_calendars(session, [message])
        calendars = (await calendars_of(session, [facts["community_id"]]))[facts["community_id"]]
    assert told == [True, False, True]
    night = datetime(2024, 1, 30, 18, tzinfo=UTC)  # two o'clock in Shanghai
    assert calendars.day_of(night) == date(2024, 1, 31)
    assert calendars.day_of(night + MONTH * 2) == (night + MONTH * 2).date()


async def test_answers_name_a_member_as_far_as_anybody_may_know(shop):
    owner, gone = await shop.member("owner"), await shop.member(status="left")
    erased, unknown = await shop.member(person_status="erased"), new_id()
    rows = {row.person_id: row.id for row in await shop.rows(known.members.select())}
    ids = [rows[one.person_id] for one in (owner, gone, erased)] + [unknown]
    async with shop.runtime.database.reading() as session:
        named = await embedded(session, ids)
        assert await known_member(session, unknown) is None
        found = await known_member(session, ids[0])
        assert found is not None
        assert found.person_id == owner.person_id
    assert [named[id_].display_name for id_ in ids] == ["张伟", "张伟", None, None]
    assert [named[id_].left for id_ in ids] == [False, True, False, False]
    assert named[ids[0]].roles == ["owner"]

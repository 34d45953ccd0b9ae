"""Whatever is proposed and accepted in whichever order, and by however many at once: no mentee has two mentors, no mentor more than they take."""

import asyncio
import random
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from contracts.belonging import MentorshipStarted
from services.membership.definition import definition
from services.membership.mentorships.deeds import mentorship_deeds
from services.membership.mentorships.ending import take_up_again
from services.membership.mentorships.erasing import erase
from services.membership.mentorships.models import Mentorship, MentorshipNote
from services.membership.roster.joining import come_back, lock_member
from services.membership.roster.models import RoleGrant
from services.membership.roster.occasions import MembershipRestored
from tests.service.membership.pairs import PATH, WEEK, Pairs
from tests.service.membership.scene import DAY

MENTORS, MENTEES = ("导师", "副导师"), ("学员", "新人", "组员甲", "组员乙")
ROOM = {"导师": 1, "副导师": 2}


@pytest.fixture
async def pairs(scene):
    made = await Pairs(scene, await scene.community()).fill()
    for name in MENTEES[2:]:
        await made.join(name)
    for name, capacity in ROOM.items():
        path = f"{PATH}/mentors/{made.members[name]}"
        assert (await scene.again(name).put(path, json={"capacity": capacity})).status_code == 200
    return made


async def rows(pairs):
    async with pairs.scene.harness.runtime.database.reading() as session:
        return (await session.execute(select(Mentorship).order_by(col(Mentorship.id)))).scalars().all()


async def within_room(pairs):
    """Who has how many by the clock; none has too many."""
    now = pairs.scene.harness.clock()
    active = [row for row in await rows(pairs) if row.course.status_at(now) == "active"]
    mentees, mentors = Counter(row.mentee_id for row in active), Counter(str(row.mentor_id) for row in active)
    assert all(count == 1 for count in mentees.values())
    assert all(mentors[pairs.members[name]] <= room for name, room in ROOM.items())
    live = Counter(
        (row.mentor_id, row.mentee_id)
        for row in await rows(pairs)
        if row.course.status_at(now) in {"proposed", "active"}
    )
    assert all(count == 1 for count in live.values())
    return len(active)


@pytest.mark.parametrize("seed", [3, 7])
async def test_no_order_of_proposals_and_answers_gives_anybody_too_much(pairs, seed):
    chance, most = random.Random(seed), 0
    for _ in range(45):
        waiting = [
            row
            for row in await rows(pairs)
            if row.course.status_at(pairs.scene.harness.clock()) in {"proposed", "active"}
        ]
        if not waiting or chance.random() < 0.45:
            mentor, mentee = chance.choice(MENTORS), chance.choice(MENTEES)
            by, body = (mentee, {"mentor_id": pairs.members[mentor]})
            if chance.random() < 0.5:
                by, body = mentor, {"mentee_id": pairs.members[mentee]}
            answer = await pairs.scene.again(by).post(
                PATH, json={"community_id": pairs.community["id"], **body, "weeks": 4}
            )
        else:
            row, verb = (
                chance.choice(waiting),
                chance.choice(["accept", "accept", "accept", "decline", "withdraw", "end", "complete"]),
            )
            name = chance.choice(
                [one for one, id_ in pairs.members.items() if id_ in {str(row.mentor_id), str(row.mentee_id)}]
            )
            reason = {"reason": "换组"} if verb == "end" else None
            answer = await pairs.scene.again(name).post(f"{PATH}/{row.id}/{verb}", json=reason)
        assert answer.status_code < 500, answer.text
        most = max(most, await within_room(pairs))
        if chance.random() < 0.3:
            pairs.later(chance.choice([DAY, WEEK, 2 * WEEK]))
            await pairs.scene.harness.run_timers()
    assert most >= 2


async def test_who_accept_at_the_same_moment_take_no_more_than_there_is_room_for(pairs):
    asked = [await pairs.ask(name, mentor) for name in MENTEES for mentor in MENTORS]

    async def accept(one):
        name = next(name for name in MENTORS if pairs.members[name] == one["mentor"]["member_id"])
        return (await pairs.scene.again(name).post(f"{PATH}/{one['id']}/accept")).status_code

    codes = await asyncio.gather(*map(accept, asked))
    assert set(codes) <= {200, 409}
    # One mentor has room for one, the other for two.
    assert (codes.count(200), await within_room(pairs)) == (3, 3)


# --- after an appeal -----------------------------------------------------------------------------------------------


async def come_in_again(pairs, name, *, roles=()):
    """What an appeal that was granted does: the membership goes on, and what ended with it."""
    harness = pairs.scene.harness
    async with harness.runtime.database.transaction() as session:
        member, person = await lock_member(session, UUID(pairs.members[name]))
        ended_at = member.ended_at
        assert ended_at is not None
        come_back(member, via="import", joined_at=member.joined_at, now=harness.clock())
        member.roles = dict.fromkeys(roles)
        for role in roles:
            at = {"community_id": member.community_id, "member_id": member.id, "since": harness.clock()}
            session.add(RoleGrant(**at, role=role, cause="person", given_by="system"))
        await session.flush()
        return await take_up_again(session, MembershipRestored(member, person, ended_at, harness.clock()))


async def leave(pairs, name):
    await pairs.scene.send(pairs.scene.again(name), f"/v1/members/{pairs.members[name]}/leave")


async def test_what_ended_with_a_membership_goes_on_after_an_appeal(pairs):
    begun = await pairs.begun(weeks=8)
    await leave(pairs, "导师")
    pairs.later(WEEK)
    returned = await come_in_again(pairs, "导师", roles=["mentor"])
    assert (returned.count, returned.left) == (1, [])
    seen = await pairs.see("学员", begun)
    assert (seen["status"], seen["closed_at"], seen["ends_at"]) == ("active", None, begun["ends_at"])
    pairs.later(7 * WEEK)
    await pairs.scene.harness.run_timers()
    assert [what for what, _ in await pairs.told()] == ["started", "ended", "started", "completed"]


@pytest.mark.parametrize("why", ["mentee_has_mentor", "mentor_full", "not_a_mentor", "time_over", "not_a_member"])
async def test_what_is_filled_or_over_meanwhile_does_not_go_on(pairs, why):
    begun = await pairs.begun(weeks=8)
    gone, roles = ("导师", ["mentor"]) if why != "mentor_full" else ("学员", [])
    await leave(pairs, gone)
    match why:
        case "mentee_has_mentor":
            await pairs.begun("学员", "副导师")
        case "mentor_full":
            await pairs.begun("新人", "导师")
        case "not_a_mentor":
            roles = []
        case "time_over":
            pairs.later(8 * WEEK)
        case "not_a_member":
            await leave(pairs, "学员")
    returned = await come_in_again(pairs, gone, roles=roles)
    assert (returned.count, [(str(key), code) for key, code in returned.left]) == (0, [(begun["id"], why)])


# --- told again, and forgotten -------------------------------------------------------------------------------------


async def test_what_was_told_is_told_again_as_it_was(pairs):
    begun = await pairs.begun(weeks=4)
    pairs.later(4 * WEEK)
    await pairs.scene.harness.run_timers()
    await pairs.ask("新人")
    told = [
        (one.id, one.type, one.version, one.occurred_at)
        for one in await pairs.scene.harness.published("membership.mentorship")
    ]
    async with pairs.scene.harness.runtime.database.reading() as session:
        again = [one async for one in mentorship_deeds(session, None)]
        lately = [one async for one in mentorship_deeds(session, pairs.scene.harness.clock() + DAY)]
    assert [(one.id, type(one.event).TYPE, one.version, one.occurred_at) for one in again] == told
    assert (all(one.backfill for one in again), isinstance(again[0].event, MentorshipStarted), lately) == (
        True,
        True,
        [],
    )
    assert [feature.name for feature in definition.features if feature.deeds] == ["mentorships"], begun


async def test_what_somebody_wrote_goes_when_they_are_erased(pairs):
    begun = await pairs.begun(message="请多指教", goals=[{"text": "会写连接查询"}])
    for name in ("学员", "导师"):
        await pairs.do(name, "notes", begun, {"text": f"{name}写的"}, status=201)
    await pairs.do("学员", "end", begun, {"reason": "换组"})
    await pairs.do("学员", "feedback", begun, {"rating": 2, "words": "不合适"}, status=201)
    async with pairs.scene.harness.runtime.database.transaction() as session:
        await erase(session, pairs.scene.people["学员"], pairs.scene.harness.clock())
        await erase(session, new_id(), pairs.scene.harness.clock())
    async with pairs.scene.harness.runtime.database.reading() as session:
        assert (await session.execute(select(col(MentorshipNote.text)))).scalars().all() == ["导师写的"]
    (row,) = await rows(pairs)
    assert (row.message, row.goals, row.reason, row.mentee_feedback, row.status) == (None, [], None, None, "ended")

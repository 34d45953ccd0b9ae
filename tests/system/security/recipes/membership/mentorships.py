from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.mentorships.models import Mentorship, MentorshipNote
from tests.system.security.casts.membership import add_somebody
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import Player, World

SAID = {"rating": 5, "words": "每周都有进步"}
ACTIVE = own("mentorship")

RECIPES = [
    recipe("propose_mentorship", body={"community_id": here(), "mentor_id": here("mentor")}, whose=OWN),
    recipe("list_mentorships", query={"community_id": here(), "limit": 100}, shows=ACTIVE),
    recipe("list_mentorships", query={"mine": True}, shows=ACTIVE, people_only=True, whose=OWN),
    recipe("list_mentors", query={"community_id": here(), "limit": 100}, shows=here("mentor")),
    recipe("set_mentor_capacity", own(), body={"capacity": 2}),
    recipe("read_mentorship", ACTIVE, shows=ACTIVE),
    recipe("update_mentorship", ACTIVE, body={"goals": [{"text": "会写连接查询", "done": True}]}, version=1),
    recipe("accept_mentorship", own("mentorship_offered")),
    recipe("decline_mentorship", own("mentorship_offered")),
    recipe("withdraw_mentorship", own("mentorship_proposed")),
    recipe("complete_mentorship", ACTIVE),
    recipe("go_on_with_mentorship", ACTIVE),
    recipe("end_mentorship", ACTIVE, body={"reason": "调去海外项目"}),
    recipe("give_mentorship_feedback", own("mentorship_over"), body=SAID),
    recipe("create_mentorship_note", ACTIVE, body={"text": "第一个月的小结"}),
    recipe("list_mentorship_notes", ACTIVE, shows=own("mentorship_note")),
]


async def prepare(world: World) -> None:
    """Of every member an offer to them, one that they proposed, one that goes on, and one that is over."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in (world.home, world.twin.ground):
            ground.ids["mentor"] = await add_somebody(session, ground.id, "who is free", now, roles=["mentor"])
        for player in world.members:
            await _mentoring_of(session, player, now)


async def _mentoring_of(session: AsyncSession, player: Player, now: datetime) -> None:
    assert player.member_id is not None
    where, week = player.ground.id, timedelta(weeks=1)
    mentor = await add_somebody(session, where, f"mentor of {player.column}", now, roles=["mentor"])
    mentee = await add_somebody(session, where, f"mentee of {player.column}", now)

    def pair(mentor_id: UUID, mentee_id: UUID, **values: Any) -> Mentorship:
        given: dict[str, Any] = {"proposed_by": "mentor", "weeks": 12, "proposed_at": now - 6 * week}
        return Mentorship(community_id=where, mentor_id=mentor_id, mentee_id=mentee_id, **given | values)

    begun: dict[str, Any] = {"started_at": now - 5 * week, "ends_at": now + 7 * week, "noted_at": now - 5 * week}
    over: dict[str, Any] = {"closed_at": now - timedelta(days=1), "closed_because": "mentor"}
    rows = {
        "mentorship_offered": pair(mentor, player.member_id, proposed_at=now),
        "mentorship_proposed": pair(player.member_id, mentor, proposed_at=now),
        "mentorship": pair(player.member_id, mentee, status="active", completion_asked_by="mentee", **begun),
        "mentorship_over": pair(mentor, player.member_id, status="ended", **begun, **over),
    }
    session.add_all(rows.values())
    await session.flush()
    note = MentorshipNote(
        community_id=where,
        mentorship_id=rows["mentorship"].id,
        author_id=mentee,
        text="第一周",
        shared=True,
        written_at=now,
    )
    session.add(note)
    player.own |= {name: row.id for name, row in rows.items()} | {"mentorship_note": note.id}

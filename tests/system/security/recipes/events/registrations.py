from datetime import timedelta
from typing import Any
from uuid import UUID

from services.events.activities.models import Activity, ActivityForm
from services.events.registrations.models import Registration, RegistrationAnswers
from tests.system.security.casts.activities import A_FORM, an_activity
from tests.system.security.recipe import OTHER, OWN, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
ANSWERS = {"diet": "素食"}
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who registered decides nothing about it."""

RECIPES = [
    recipe("register", body={"activity_id": here("activity")}, whose=OWN),
    recipe("register", body={"activity_id": here("activity that asks"), "answers": ANSWERS}, whose=OWN),
    recipe("answer_form", own("registration that asks"), body={"answers": ANSWERS}, whose=OWN),
    recipe("list_registrations", query={"activity_id": here("full activity")}, shows=own("registration")),
    recipe(
        "list_waiting_registrations",
        query={"community_id": here(), "queue": "leave_to_decide", "limit": 100},
        shows=own("leave asked"),
        whose=OTHER,
    ),
    recipe("read_registration", own("registration"), shows=own("registration")),
    recipe("cancel_registration", own("registration")),
    recipe("confirm_registration", own("registration")),
    recipe("accept_seat", own("offered seat"), whose=OWN),
    recipe("ask_for_leave", own("assigned seat"), body={"reason": "出差"}, whose=OWN),
    recipe(
        "assign_registrations", body={"activity_id": own("activity run"), "member_ids": [here("organiser")]}, whose=RUNS
    ),
    recipe("decide_leave", own("leave asked"), body={"excused": True}, whose=RUNS),
    recipe("read_waitlist", own("activity run"), whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def registered(activity_id: UUID, community_id: UUID, member_id: UUID | None, **facts: Any) -> UUID:
            assert member_id is not None
            one = Registration(
                community_id=community_id,
                activity_id=activity_id,
                member_id=member_id,
                registered_at=now,
                seated_at=now,
                **{"status": "confirmed"} | facts,
            )
            session.add(one)
            return one.id

        async def held(community_id: UUID, **facts: Any) -> Activity:
            one = an_activity(community_id, now, **facts)
            session.add(one)
            await session.flush()
            return one

        seats = {
            ground.id: (
                await held(ground.id, offered=len(world.members)),
                await held(ground.id, confirmed=len(world.members)),
            )
            for ground in world.grounds.values()
        }
        asking = {}
        for ground in world.grounds.values():
            for name in ("activity that asks", "activity that asked"):
                one = await held(ground.id, form_version=1, form_versions=1, confirmed=len(world.members))
                session.add(ActivityForm(activity_id=one.id, version=1, form=A_FORM, created_at=now))
                ground.ids[name] = asking[ground.id] = one.id
        for player in world.members:
            ground, me = player.ground, player.member_id
            offering, expecting = (one.id for one in seats[ground.id])
            player.own["registration"] = registered(ground.ids["full activity"], ground.id, me)
            player.own["registration that asks"] = answered = registered(asking[ground.id], ground.id, me)
            await session.flush()
            session.add(RegistrationAnswers(registration_id=answered, form_version=1, answers=ANSWERS, given_at=now))
            player.own["offered seat"] = registered(
                offering, ground.id, me, status="offered", offer_ends_at=now + timedelta(hours=12)
            )
            player.own["assigned seat"] = registered(expecting, ground.id, me, status="assigned")
            run = await held(ground.id, confirmed=1, organiser_ids=[str(me)])
            # Nobody decides about themselves.
            expected = ground.ids["organiser"] if me != ground.ids["organiser"] else world.players["L"].member_id
            player.own["leave asked"] = player.assigned["leave asked"] = registered(
                run.id, ground.id, expected, status="assigned", leave_reason="出差", leave_asked_at=now
            )

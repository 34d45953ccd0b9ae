from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from services.membership.applications.models import Application
from services.membership.approvals.models import Absence, Approval
from services.membership.departments.models import Department
from services.membership.people.models import Person
from tests.service.membership.scene import ANSWERS
from tests.system.security.casts.membership import FAR, add_person
from tests.system.security.recipe import ASSIGNED, OWN, Whose, own, recipe, thing
from tests.system.security.recipes.membership.campaigns import add_campaign
from tests.system.security.world import World

AFTER = ["interviews"]
JUDGES: tuple[Whose, ...] = ("assigned", "other")

RECIPES = [
    recipe("read_approval", own("to approve"), whose=ASSIGNED),
    recipe("approve_application", own("to approve"), body={"note": "可以"}, whose=JUDGES),
    recipe("refuse_application", own("to approve"), body={"reason": "季度末"}, whose=JUDGES),
    recipe("list_own_approvals", people_only=True, whose=OWN),
    recipe("read_own_absence", people_only=True, whose=OWN),
    recipe(
        "put_own_absence",
        body={"until": thing("a while"), "deputy_employee_no": thing("deputy number")},
        people_only=True,
        whose=OWN,
    ),
    recipe("end_own_absence", people_only=True, whose=OWN),
]


async def prepare(world: World) -> None:
    """Everybody manages a department, is away, and has somebody to approve, and an application that waits for another."""
    now = world.harness.clock()
    async with world.transaction() as session:
        deputy = new_id()
        add_person(session, deputy, "deputy", now)
        world.things["deputy number"] = f"k{deputy.hex}"
        world.things["a while"] = (now + timedelta(days=30)).isoformat()
        for player in world.people:
            person = await session.get_one(Person, player.person_id)
            key = person.employee_key = person.employee_key or f"k{player.person_id.hex}"
            code = f"of-{player.person_id.hex}"
            managed = Department(code=code, name="部门", manager_employee_no=key, created_at=now, updated_at=now)
            managed.manager_employee_key = key
            session.add(managed)
            times = {"since": now, "until": FAR, "said_at": now}
            session.add(Absence(person_id=player.person_id, deputy_id=deputy, **times))
        await session.flush()

        # As if none had been handed in: the list of applications is a page long.
        async def asked(ground: Any, applicant_id: UUID, manager_id: UUID) -> UUID:
            campaign_id, channel_id = await add_campaign(session, world, ground, "open")
            application = Application(
                community_id=ground.id, campaign_id=campaign_id, channel="poster", person_id=applicant_id,
                channel_id=channel_id, form_version=1, answers=ANSWERS, state="approving", created_at=now,
                updated_at=now, step_since=now,
            )  # fmt: skip
            session.add(application)
            await session.flush()
            session.add(
                Approval(
                    application_id=application.id, community_id=ground.id, approver_id=manager_id,
                    asked_by="system", asked_at=now, due_at=now + timedelta(days=5),
                )
            )  # fmt: skip
            return application.id

        for player in world.people:
            if player.member_id is None or player is world.neighbour or player is world.twin:
                player.own["to approve"] = await asked(player.ground, player.person_id, deputy)
            if player is not world.twin:
                somebody = new_id()
                add_person(session, somebody, "somebody", now)
                await session.flush()
                player.assigned["to approve"] = await asked(player.ground, somebody, player.person_id)

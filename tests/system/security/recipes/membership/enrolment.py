from sqlalchemy import update
from sqlmodel import col

from chassis.ids import new_id
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.roster.models import Member
from tests.system.security.casts.membership import add_person, add_somebody
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

AFTER = ["roster"]

RECIPES = [
    recipe("read_enrolment", here()),
    recipe("list_enrolment_people", here(), query={"limit": 100}, shows=here("matching")),
    recipe("list_no_longer_matching", here(), query={"limit": 100}, shows=here("enrolled")),
    recipe("keep_enrolled", here(), body={"member_ids": [here("enrolled")]}),
]


async def prepare(world: World) -> None:
    """Rules that are not switched on, each of a grade of its own; somebody matches it, and somebody who joined by it does not."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for place, ground in world.grounds.items():
            matching, grade = new_id(), f"M-{place}"
            add_person(session, matching, f"matching-{place}", now)
            await session.flush()
            await session.execute(update(Person).where(col(Person.id) == matching).values(job_grade=grade))
            member_id = await add_somebody(session, ground.id, "enrolled", now)
            await session.execute(update(Member).where(col(Member.id) == member_id).values(via="assigned"))
            rule = {"job_grades": [grade]}
            await session.execute(update(Community).where(col(Community.id) == ground.id).values(assigned=rule))
            ground.ids |= {"enrolled": member_id, "matching": matching}

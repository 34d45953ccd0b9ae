from datetime import timedelta

from services.gamification.certifications.models import Certification, CertificationRun
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import World

ASKED = {"title_zh": "新的要求", "title_en": "New", "requires": [{"activity_kind": "workshop"}], "valid_months": 12}

RECIPES = [
    recipe("create_certification", body={"community_id": here()} | ASKED),
    recipe("list_certifications", query={"community_id": here()}, shows=here("certification")),
    recipe("read_certification", own("certification"), shows=own("certification"), whose=OWN),
    recipe("update_certification", here("certification"), body={"title_en": "Other"}, version=1),
    recipe("read_certification_compliance", here("certification")),
    recipe("read_certification_compliance_workbook", here("certification")),
    recipe("list_certification_runs", query={"member_id": own()}, shows=own("run")),
    recipe("list_certification_runs", query={"community_id": here(), "limit": 100}, shows=own("run")),
    recipe("list_certification_runs", query={"mine": True}, people_only=True, shows=own("run"), whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    due = now + timedelta(days=30)
    async with world.transaction() as session:
        for ground in world.grounds.values():
            one = Certification(
                community_id=ground.id,
                title_zh="消防安全",
                title_en="Fire safety",
                requires=[{"kind": "activity", "activity_kind": "workshop"}],
                begins_on=now.date(),
                first_due_days=30,
                valid_months=12,
                renewal_opens_days=90,
                created_at=now,
            )
            session.add(one)
            ground.ids["certification"] = one.id
        await session.flush()
        for player in world.members:
            assert player.member_id is not None
            run = CertificationRun(
                certification_id=player.ground.ids["certification"],
                community_id=player.ground.id,
                member_id=player.member_id,
                number=1,
                opens_on=now.date(),
                due_on=due.date(),
                opens_at=now,
                due_at=due,
            )
            session.add(run)
            player.own["run"] = run.id
            player.own["certification"] = run.certification_id

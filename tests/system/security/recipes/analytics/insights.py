from datetime import date
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.analytics.base import known
from services.analytics.insights.models import Insight
from services.analytics.insights.rules import effect_due_on
from tests.system.security.casts.following import JOINED
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

CHANGED = date(2024, 4, 1)

RECIPES = [
    recipe("raise_insight", body={"community_id": here(), "evidence": "周三的分享几乎没有人来。"}),
    recipe(
        "raise_insight",
        body={
            "community_id": here(),
            "evidence": "首期的人不再来。",
            "change": "改到午休时间",
            "changed_on": CHANGED.isoformat(),
            "owner_id": here("runner"),
            "cohort_id": here("cohort"),
        },
    ),
    recipe("raise_insight", body={"community_id": here(), "evidence": "没人回答。", "owner_id": here("runner")}),
    recipe("list_insights", query={"community_id": here()}, shows=here("insight")),
    recipe("read_insight", here("insight"), shows=here("insight")),
    recipe("update_insight", here("insight"), body={"owner_id": here("runner")}, version=1),
    recipe("acknowledge_insight", here("insight"), body={"owner_id": here("runner")}),
    recipe(
        "act_on_insight", here("acknowledged insight"), body={"change": "改到午休时间", "cohort_id": here("cohort")}
    ),
    recipe("resolve_insight", here("acting insight"), body={}),
    recipe("dismiss_insight", here("insight"), body={}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for status, name in (
                ("new", "insight"),
                ("acknowledged", "acknowledged insight"),
                ("acting", "acting insight"),
            ):
                one = Insight(
                    community_id=ground.id,
                    code="raised_by_hand",
                    severity="medium",
                    evidence="来的人少了",
                    status=status,
                    raised_at=now,
                )
                if status == "acting":
                    one.change, one.changed_on, one.effect_due_on = "改了时间", CHANGED, effect_due_on(CHANGED)
                session.add(one)
                ground.ids[name] = one.id
            ground.ids["cohort"] = new_id()
            ground.ids["runner"] = await _runner(session, ground.id, ground.ids["cohort"])


async def _runner(session: AsyncSession, community_id: UUID, cohort_id: UUID) -> UUID:
    """Somebody else who runs the community, of a cohort."""
    person_id, member_id = new_id(), new_id()
    person = {"id": person_id, "display_name": "另一位运营", "kind": "employee", "status": "active", "version": 1}
    member = {
        "id": member_id,
        "community_id": community_id,
        "person_id": person_id,
        "roles": ["operator"],
        "status": "active",
        "joined_at": JOINED,
        "via": "import",
        "cohort_id": cohort_id,
        "version": 1,
    }
    await session.execute(insert(known.people).values(person))
    await session.execute(insert(known.members).values(member))
    return member_id

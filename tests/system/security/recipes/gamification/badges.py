from services.gamification.badges.models import Badge, BadgeAward, BadgeVersion
from tests.system.security.recipe import here, recipe, theirs
from tests.system.security.world import World

NAMES = {"name_zh": "热心", "name_en": "Helper"}

RECIPES = [
    recipe("create_badge", body={"community_id": here(), "code": "patient", **NAMES}),
    recipe("list_badges", query={"community_id": here()}, shows=here("badge")),
    recipe("read_badge", here("badge"), shows=here("badge")),
    recipe("update_badge", here("badge"), body={"name_en": "Kind"}, version=1),
    recipe("award_badge", here("badge"), body={"member_id": theirs(), "reason": "帮助新人"}),
    recipe("revoke_badge", here("held"), body={"member_id": theirs(), "reason": "误发"}),
    recipe("list_badge_awards", query={"community_id": here(), "limit": 100}, shows=theirs("award")),
    recipe("grant_badge", body={"badge_id": here("reached"), "dry_run": True}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for code, name in (("helper", "badge"), ("held", "held"), ("reached", "reached")):
                # By nobody here: who is awarded a badge on the way takes more statements than who is not.
                criteria = [{"counter": "xp", "at_least": 1_000_000_000}] if name == "reached" else []
                badge = Badge(
                    community_id=ground.id,
                    code=code,
                    name_zh="热心",
                    name_en="Helper",
                    about_zh="",
                    about_en="",
                    match="all",
                    criteria=criteria,
                    created_at=now,
                )
                session.add(badge)
                await session.flush()
                session.add(
                    BadgeVersion(
                        badge_id=badge.id,
                        version=1,
                        match="all",
                        criteria=criteria,
                        made_at=now,
                        made_by="system",
                        name_zh="热心",
                        name_en="Helper",
                    )
                )
                ground.ids[name] = badge.id
        for player in world.members:
            assert player.member_id is not None
            award = BadgeAward(
                badge_id=player.ground.ids["held"],
                badge_version=1,
                community_id=player.ground.id,
                member_id=player.member_id,
                cause="reached",
                awarded_at=now,
                awarded_by="system",
            )
            session.add(award)
            await session.flush()
            player.own["award"] = award.id

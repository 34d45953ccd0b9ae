from datetime import date

from services.analytics.facts.verbs import Verb
from services.analytics.goals.models import Goal
from tests.system.security.recipe import here, own, recipe
from tests.system.security.world import World

MADE = {
    "title": "新人四周内融入",
    "horizon": "short",
    "due_on": "2024-06-02",
    "relevance": "新人愿意开口。",
    "ask": {"action": "replied", "count": 3},
}

RECIPES = [
    recipe("create_goal", body={"community_id": here(), "owner_id": here("goal owner")} | MADE),
    recipe(
        "create_goal", body={"community_id": here(), "parent_id": here("goal"), "owner_id": here("goal owner")} | MADE
    ),
    recipe(
        "create_goal",
        body={"community_id": here(), "owner_id": here("goal owner")}
        | MADE
        | {"metric": {"code": "active_members"}, "target": 30},
    ),
    recipe("list_goals", query={"community_id": here()}, shows=here("goal")),
    recipe("list_goals", query={"parent_id": here("goal")}, shows=here("part of goal")),
    recipe(
        "list_goals",
        query={"community_id": here(), "mine": True},
        people_only=True,
        shows=own("goal of theirs"),
        whose=("own",),
        but=["A"],
        why="it is no member",
    ),
    recipe("read_goal", here("goal"), shows=here("goal")),
    recipe("update_goal", here("goal"), body={"title": "换个说法"}, version=1),
    recipe("update_goal", here("part of goal"), body={"parent_id": here("other goal")}, version=1),
    recipe("withdraw_goal", here("goal")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def made(community_id, owner_id, **facts):
            one = Goal(
                community_id=community_id,
                owner_id=owner_id,
                title="新人融入",
                horizon="short",
                baseline=0,
                target=100,
                direction="up",
                starts_on=date(2024, 5, 1),
                due_on=date(2024, 6, 2),
                relevance="新人愿意开口。",
                created_at=now,
                **facts,
            )
            session.add(one)
            return one

        for player in world.members:
            one = made(player.ground.id, player.member_id, ask_verb=int(Verb.REPLIED), ask_count=3)
            player.own["goal of theirs"] = one.id
            ids = player.ground.ids
            if "goal" not in ids:
                ids["goal owner"] = player.member_id
        for ground in world.grounds.values():
            owner = ground.ids.get("goal owner")
            if owner is None:
                continue
            whole = made(ground.id, owner)
            await session.flush()
            part, other = made(ground.id, owner, parent_id=whole.id), made(ground.id, owner)
            ground.ids |= {"goal": whole.id, "part of goal": part.id, "other goal": other.id}

from services.gamification.rewards.models import Reward, RewardCommunity
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

ONE, CODES = here("reward"), here("voucher_reward")

RECIPES = [
    recipe(
        "create_reward",
        body={
            "community_id": here(),
            "kind": "physical",
            "title": "马克杯",
            "cost": 30,
            "stock": 5,
            "delivery": "pickup",
        },
    ),
    recipe("list_rewards", query={"community_id": here()}, shows=ONE),
    recipe("read_reward", ONE, shows=ONE),
    recipe("update_reward", ONE, body={"title": "保温杯"}, version=1),
    recipe("restock_reward", ONE, body={"change": 3}),
    recipe("add_voucher_codes", CODES, body={"codes": ["QX-2024-A1B2", "QX-2024-C3D4"]}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            mug = Reward(
                community_id=ground.id,
                kind="physical",
                title="帆布袋",
                cost=1,
                stock_left=1000,
                fulfilment="manual",
                delivery="pickup",
                created_at=now,
            )
            card = Reward(
                community_id=ground.id,
                kind="voucher",
                title="图书券",
                cost=1,
                stock_left=0,
                fulfilment="automatic",
                delivery="none",
                created_at=now,
            )
            session.add_all([mug, card])
            await session.flush()
            session.add_all([RewardCommunity(reward_id=one.id, community_id=ground.id) for one in (mug, card)])
            ground.ids["reward"], ground.ids["voucher_reward"] = mug.id, card.id

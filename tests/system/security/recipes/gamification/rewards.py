from services.gamification.rewards.models import Redemption, Reward, RewardCommunity, VoucherCode
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

ONE, CODES = here("reward"), here("voucher_reward")

MINE, THEIRS, VOUCHER, APPROVED = own("redemption"), theirs("redemption"), own("voucher"), theirs("approved")

RECIPES = [
    recipe("create_redemption", body={"reward_id": ONE, "community_id": here(), "cost_seen": 1}, whose=OWN),
    recipe("list_redemptions", query={"community_id": here(), "limit": 100}, shows=MINE),
    recipe("list_redemptions", query={"mine": True}, people_only=True, shows=MINE, whose=OWN),
    recipe("read_redemption", MINE, shows=MINE),
    recipe("cancel_redemption", MINE, whose=OWN),
    recipe("approve_redemption", THEIRS),
    recipe("reject_redemption", THEIRS, body={"reason": "库存盘点"}),
    recipe("fulfil_redemption", APPROVED, body={}),
    recipe("read_redemption_month", "2024-03", query={"community_id": here()}),
    recipe("read_voucher", VOUCHER, whose=OWN),
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
    recipe("read_hook_secret", here("hooked_reward")),
    recipe(
        "take_hook_result",
        own("redemption"),
        body={"result": "refused"},
        public="the signature says who calls; without it nothing is there",
        also={"everyone": 404},
        why="what has no signature is not there",
    ),
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
            hooked = Reward(
                community_id=ground.id,
                kind="privilege",
                title="会员",
                cost=1,
                fulfilment="webhook",
                delivery="none",
                hook_url="https://shop.example/redeem",
                created_at=now,
            )
            session.add_all([mug, card, hooked])
            await session.flush()
            session.add_all([RewardCommunity(reward_id=one.id, community_id=ground.id) for one in (mug, card, hooked)])
            ground.ids["reward"], ground.ids["voucher_reward"] = mug.id, card.id
            ground.ids["hooked_reward"] = hooked.id
        for player in world.members:
            assert player.member_id is not None
            rewards = {name: player.ground.ids[name] for name in ("reward", "voucher_reward")}
            for name, reward, status in (
                ("redemption", "reward", "requested"),
                ("approved", "reward", "approved"),
                ("voucher", "voucher_reward", "fulfilled"),
            ):
                is_voucher = reward == "voucher_reward"
                row = Redemption(
                    community_id=player.ground.id,
                    member_id=player.member_id,
                    reward_id=rewards[reward],
                    reward_kind="voucher" if is_voucher else "privilege",
                    title="奖品",
                    cost=1,
                    fulfilment="automatic" if is_voucher else "manual",
                    delivery="none",
                    status=status,
                    took_stock=False,
                    decide_by=now,
                    ended_at=now if is_voucher else None,
                    created_at=now,
                )
                session.add(row)
                await session.flush()
                player.own[name] = row.id
                if is_voucher:
                    session.add(
                        VoucherCode(
                            community_id=player.ground.id,
                            reward_id=row.reward_id,
                            code=f"QX-{row.id.hex}",
                            redemption_id=row.id,
                            created_at=now,
                        )
                    )

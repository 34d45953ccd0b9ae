from chassis.ids import new_id
from services.membership.messengers import keeping
from services.membership.messengers.messenger import Robot
from services.membership.messengers.models import MessengerChannel
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="

RECIPES = [
    recipe(
        "create_messenger_channel",
        body={
            "community_id": here(),
            "provider": "wecom",
            "name": "项目群",
            "address": f"{ROBOT}another-robot-key",
            "kinds": ["community"],
        },
    ),
    recipe("list_messenger_channels", query={"community_id": here()}, shows=here("messenger_channel")),
    recipe("read_messenger_channel", here("messenger_channel"), shows=here("messenger_channel")),
    recipe("update_messenger_channel", here("messenger_channel"), body={"name": "算法群"}, version=1),
    recipe("delete_messenger_channel", here("messenger_channel")),
    recipe("pause_messenger_channel", here("messenger_channel")),
    recipe("resume_messenger_channel", here("messenger_channel_off")),
    recipe("test_messenger_channel", here("messenger_channel")),
]


async def prepare(world: World) -> None:
    now, secret = world.harness.clock(), world.harness.runtime.secret
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for name, off in {"messenger_channel": None, "messenger_channel_off": "silent"}.items():
                key, robot = new_id(), Robot(f"{name}-robot-key")
                channel = MessengerChannel(
                    id=key,
                    community_id=ground.id,
                    provider="wecom",
                    name="项目群",
                    kinds=["community"],
                    locale="zh-CN",
                    robot_hash=keeping.robot_hash(secret, "wecom", robot),
                    sealed=keeping.sealed(secret, key, robot),
                    signed=False,
                    status="switched_off" if off else "active",
                    off_because=off,
                    created_at=now,
                )
                session.add(channel)
                ground.ids[name] = key

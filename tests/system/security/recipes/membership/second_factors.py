import pyotp

from chassis.ids import new_id
from chassis.secrets import seal
from services.membership.second_factors.models import SecondFactor
from services.membership.second_factors.proving import PURPOSE
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import OWN, own, recipe, thing
from tests.system.security.world import World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

RECIPES = [
    recipe("list_second_factors", shows=own("app")),
    recipe("create_second_factor", whose=OWN),
    recipe("confirm_second_factor", own("app"), body={"code": thing("code")}),
    recipe("delete_second_factor", own("app")),
    recipe("create_recovery_codes", whose=OWN, also={"everyone": 409}, why="there are none without a second factor"),
    recipe("reset_second_factor", thing("locked_out")),
]


async def prepare(world: World) -> None:
    now, secret = world.harness.clock(), world.harness.runtime.secret
    world.things["code"] = pyotp.TOTP(SECRET).at(now)
    person_id = world.things["locked_out"] = new_id()
    async with world.transaction() as session:
        add_person(session, person_id, "locked out", now)
        await session.flush()
        session.add(SecondFactor(person_id=person_id, sealed_secret=b"", created_at=now, confirmed_at=now))
        for player in world.people:
            id_ = player.own["app"] = new_id()
            sealed = seal(secret, PURPOSE, str(id_), SECRET.encode())
            session.add(SecondFactor(id=id_, person_id=player.person_id, sealed_secret=sealed, created_at=now))

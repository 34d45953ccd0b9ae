from datetime import timedelta

from chassis.ids import new_id
from services.membership.penalties.models import Penalty
from tests.system.security.casts.membership import FAR
from tests.system.security.recipe import here, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["roster"]
REASON = {"reason": "看错了"}
SANCTIONS = {"U": {"sanction": "mute", "until": FAR}, "X": {"sanction": "suspend", "until": FAR}}

RECIPES = [
    recipe("read_conduct_standing", own()),
    recipe("list_penalties", query={"member_id": own()}, shows=own("penalty")),
    recipe("list_penalties", query={"community_id": here(), "limit": 100}, shows=theirs("penalty")),
    recipe("read_penalty", own("penalty"), shows=own("penalty")),
    recipe("suspend_for_penalty", here("proposed"), version=1),
    recipe("expel_for_penalty", here("proposed"), version=1),
    recipe("forgo_proposed_sanction", here("proposed"), version=1),
    recipe("lift_penalty", theirs("penalty"), body=REASON, version=1),
]


async def prepare(world: World) -> None:
    """Warnings for everybody, for who is muted or suspended what makes them so, and for somebody an expulsion that waits for a second person."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            player.own["penalty"] = new_id()
            sanction = SANCTIONS.get(player.column, {})
            session.add(_penalty(player.ground.id, player.member_id, now, id=player.own["penalty"], **sanction))
        for ground in world.grounds.values():
            ground.ids["proposed"] = new_id()
            session.add(
                _penalty(
                    ground.id,
                    ground.ids["muted"],
                    now,
                    id=ground.ids["proposed"],
                    sanction="mute",
                    until=now + timedelta(days=3),
                    proposed="expel",
                    proposed_at=now,
                )
            )


def _penalty(community_id, member_id, now, **fields):
    return Penalty(
        community_id=community_id,
        member_id=member_id,
        case_id=new_id(),
        rule_code="rule",
        rule_version=1,
        severity="minor",
        violation_points=1,
        fine=0,
        since=now,
        imposed_at=now,
        imposed_by=f"person:{new_id()}",
        told_at=now,
        **fields,
    )

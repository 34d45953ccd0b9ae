"""Penalties for tests, imposed by the service's own use cases as somebody of the scene."""

from typing import Any
from uuid import UUID

from chassis.ids import new_id
from services.membership.penalties.service import Grounds, impose
from services.membership.roster.joining import lock_member
from tests.service.membership.scene import Scene


async def penalise(
    scene: Scene, member: dict[str, Any], severity: str = "serious", *, by: str = "版主", fine: int = 0
) -> str:
    """The id of a penalty for a case of its own."""
    actor = f"person:{scene.people[by]}"
    now = scene.harness.clock()
    async with scene.harness.runtime.database.transaction(actor=actor) as session:
        locked, person = await lock_member(session, UUID(member["id"]))
        grounds = Grounds(new_id(), "rule", 1, severity)  # type: ignore[arg-type]  # as tests write it
        made = await impose(session, locked, person, grounds, fine=fine, words="请遵守规则", now=now)
        return str(made.id)


async def decided(
    scene: Scene, penalty_id: str, verb: str, *, by: str = "owner", status: int = 200, **body: Any
) -> Any:
    """What a decision about a penalty is answered; in the version that is there."""
    where = f"/v1/penalties/{penalty_id}"
    return await scene.send(scene.again(by), f"{where}/{verb}", body or None, status=status, headers={"If-Match": "*"})

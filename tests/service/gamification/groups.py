"""Groups on the stage of gamification: formed and joined by membership's messages."""

import itertools
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts.belonging import GroupDissolved, GroupFormed, GroupJoined, GroupLeft
from tests.service.gamification.stage import OnStage, Stage

_VERSIONS = itertools.count(1)


async def form(stage: Stage, name: str, *members: OnStage) -> UUID:
    """A group to which these members belong."""
    group_id = new_id()
    await _deliver(stage, GroupFormed, group_id=group_id, name=name)
    for one in members:
        await join(stage, group_id, one)
    return group_id


async def join(stage: Stage, group_id: UUID, one: OnStage) -> None:
    """A member belongs to it from now on."""
    at = stage.harness.clock()
    await _deliver(stage, GroupJoined, group_id=group_id, member_id=one.id, since=at, belongs=True)


async def leave(stage: Stage, group_id: UUID, one: OnStage) -> None:
    """They belong to it no more."""
    at = stage.harness.clock()
    await _deliver(stage, GroupLeft, group_id=group_id, member_id=one.id, since=at, belongs=False)


async def dissolve(stage: Stage, group_id: UUID, name: str) -> None:
    """Nobody belongs to it any more."""
    await _deliver(stage, GroupDissolved, group_id=group_id, name=name, dissolved=True)


async def _deliver(stage: Stage, kind: Any, **facts: Any) -> None:
    message = kind(community_id=stage.community_id, **facts)
    await stage.harness.deliver(received(message, occurred_at=stage.harness.clock(), version=next(_VERSIONS)))

"""What is private does not show: to whoever may know nothing of it, it is as if it were not there, whatever they try."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.matrix import found
from tests.system.security.recipe import Call, Case
from tests.system.security.world import Player, World

together = pytest.mark.asyncio(loop_scope="module")

SEEN_BY_MEMBERS = {"discussion", "reply", "answer", "helped", "settled", "article", "article kept", "idea"} | {
    "activity run",
    "meeting",
    "activity scanned",
    "activity recorded",
    "activity filmed",
    "series run",
    "kudos",
    "certification",
    "joins",
    "group",
}
"""What a member made and every other one sees."""
KEYS = {"accept_invitation": "invitation_code"}
"""What opens something to whoever has it: with another there is nothing to open."""
NOT_FOR_MEMBERS = ("draft", "insight", "automation")
"""Words in the names of what only those who run a community know of."""


@pytest.fixture(scope="module", params=[name for name in SERVICES if features(name)])
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    async with world_of(service, tmp_path_factory.mktemp(service)) as made:
        yield made


@together
@pytest.mark.parametrize("column", ["N", "S", "external", "M"])
async def test_a_stranger_cannot_tell_what_is_there_from_what_is_not(service: str, world: World, column: str) -> None:
    """Nobody, an employee and an outsider of a private community; a member, about what is another's alone."""
    stranger = _stranger(world, column)
    wrong, tried = [], 0
    for recipe in (one for some in recipes(service).values() for one in some if not one.public):
        for variant in recipe.variants:
            call = recipe.call(world, Case(stranger, "other", "home", variant))
            if call is None:
                continue
            for what, missing in _without(call, _private(world, column)):
                if KEYS.get(call.operation) == what:
                    continue
                tried += 1
                there, absent = [found(one, await one.send(stranger.client)) for one in (call, missing)]
                if world.frozen.changed():
                    world.frozen.put_back()
                if _said(there) != _said(absent):
                    wrong.append(
                        f"{call.operation} {what}: {there[0]} {there[1][:120]} | {absent[0]} {absent[1][:120]}"
                    )
    assert not wrong, "\n".join(wrong)
    assert tried >= 5


def _stranger(world: World, column: str) -> Player:
    """Somebody of this column who has nothing of their own at home."""
    player = world.players[column]
    if f"{column} who is new" in world.things:
        # The other one has applied, so they know of the community.
        person_id = world.things[f"{column} who is new"]
        return replace(player, client=world.harness.as_person(person_id), own={}, assigned={})
    return replace(player, own={}, assigned={})


def _private(world: World, column: str) -> dict[str, str]:
    """Names of what the stranger may not know of, by id."""
    things = {**world.things, **world.neighbour.own}
    other = {str(one): name for name, one in things.items() if column != "M" or name not in SEEN_BY_MEMBERS}
    other[str(world.neighbour.person_id)] = "person"
    if column == "M":
        return other | {
            str(one): name for name, one in world.home.ids.items() if any(word in name for word in NOT_FOR_MEMBERS)
        }
    return {str(one): name for name, one in world.home.ids.items()} | other | {str(world.neighbour.member_id): "member"}


def _without(call: Call, private: dict[str, str]) -> Iterator[tuple[str, Call]]:
    said = call.path + orjson.dumps([dict(call.params), call.json]).decode()
    for there, name in private.items():
        if there in said and len(there) == 36:
            absent = str(uuid4())
            text = orjson.dumps(call.json).decode().replace(there, absent)
            params = {key: str(value).replace(there, absent) for key, value in call.params.items()}
            yield name, replace(call, path=call.path.replace(there, absent), params=params, json=orjson.loads(text))


def _said(found: tuple[int, str]) -> tuple[int, str | None]:
    status, text = found
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return status, None
    return status, said.get("code") if isinstance(said, dict) else None

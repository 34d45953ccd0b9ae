"""An owner may do everything at home. With another community's id in place of their own, they may do nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.matrix import found
from tests.system.security.operations import by_id
from tests.system.security.recipe import Call, Case

together = pytest.mark.asyncio(loop_scope="module")

OF_OUTSIDERS = {"create_application"}
"""Who is no member may do these."""
REFUSALS = {403, 404}
NAMED_IN_BODY = 422
"""How a body that names a cohort of another community, say, is refused."""


@pytest.fixture(scope="module", params=[name for name in SERVICES if features(name)])
def service(request):
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service, tmp_path_factory):
    async with world_of(service, tmp_path_factory.mktemp(service)) as made:
        yield made


@together
@pytest.mark.parametrize("column", ["W", "O", "svc"])
async def test_no_id_of_another_community_opens_anything_to_who_may_do_all_at_home(service, world, column):
    twins = world.twins()
    wrong, swaps = [], 0
    ways = [one for some in recipes(service).values() for one in some if not one.public]
    for recipe in ways:
        if recipe.operation in OF_OUTSIDERS:
            continue
        operation = by_id()[recipe.operation].id
        player = world.player(column, recipe.row or by_id()[operation].permission)
        for whose, variant in ((whose, variant) for whose in recipe.whose for variant in recipe.variants):
            call = recipe.call(world, Case(player, whose, "home", variant))
            for what, swapped in _swapped(call, twins) if call else ():
                swaps += 1
                answer = await swapped.send(player.client)
                status, text = found(swapped, answer)
                theirs = [there for there in twins.values() if there in text]
                empty = status < 300 and call is not None and call.method == "GET" and not theirs
                mixed = status == NAMED_IN_BODY and swapped.json is not None
                if not (status in REFUSALS or empty or mixed):
                    wrong.append(f"{operation} with another's {what}: {status} {text[:200]}")
                if world.frozen.changed():
                    if status >= 300 or call is None or call.method != "GET":
                        wrong.append(f"{operation} with another's {what} changed something ({status})")
                    world.frozen.put_back()
    assert wrong == []
    assert swaps > 20, "ids were found to swap"


def _swapped(call: Call, twins: dict[str, str]) -> Iterator[tuple[str, Call]]:
    """The call with each id exchanged alone, and with all of them."""
    said = call.path + orjson.dumps([dict(call.params), call.json]).decode()
    inside = [here for here in twins if here in said]
    for here in inside:
        yield here, _exchanged(call, {here: twins[here]})
    if len(inside) > 1:
        yield "everything", _exchanged(call, {here: twins[here] for here in inside})


def _exchanged(call: Call, pairs: dict[str, str]) -> Call:
    def exchange(text: str) -> str:
        for here, there in pairs.items():
            text = text.replace(here, there)
        return text

    json: Any = None if call.json is None else orjson.loads(exchange(orjson.dumps(call.json).decode()))
    params = {name: exchange(str(value)) for name, value in call.params.items()}
    return replace(call, path=exchange(call.path), params=params, json=json)

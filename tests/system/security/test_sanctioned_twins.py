"""One member, once idle and once sanctioned: whatever others ask or try, in every service, the answer is the same to the byte."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from chassis.ids import new_id
from chassis.settings import SERVICES
from chassis.testing import received
from contracts.membership import SanctionChanged
from services.membership.penalties.service import Grounds, impose, lock_penalty, second
from services.membership.roster.joining import end_membership, lock_member
from tests.system.security.casts.membership import FAR
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.frozen import Frozen
from tests.system.security.operations import by_id
from tests.system.security.recipe import Call, Case
from tests.system.security.world import World

together = pytest.mark.asyncio(loop_scope="module")

HEADERS = ("ETag", "Location", "Retry-After", "Poll-After", "Link")
COMPOSED = ("/internal/home", "/internal/tasks")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Answers = dict[str, tuple[int, dict[str, Any]]]


@dataclass
class Twins:
    """A service in which the neighbour is idle, and the same one in which they are sanctioned."""

    world: World
    file: Path
    idle: Frozen
    sanctioned: Frozen

    def frozen(self) -> Frozen:
        """The state that there is now."""
        return Frozen(self.file)


@pytest.fixture(scope="module", params=[name for name in SERVICES if features(name)])
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twins(service: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Twins]:
    folder: Path = tmp_path_factory.mktemp(f"twins-{service}")
    async with world_of(service, folder) as world:
        file = folder / f"{service}.sqlite"
        idle = Frozen(file)
        await (_by_penalty if service == "membership" else _by_message)(world)
        sanctioned = Frozen(file)
        yield Twins(world, file, idle, sanctioned)
        idle.close()
        sanctioned.close()


async def _by_penalty(world: World) -> None:
    """As it comes about: a case, the ladder, and the word of a second person."""
    now, member_id = world.harness.clock(), world.neighbour.member_id
    assert member_id is not None
    database = world.harness.runtime.database
    async with database.transaction(actor=world.players["O"].caller.actor) as session:  # type: ignore[union-attr]
        member, person = await lock_member(session, member_id)
        grounds = Grounds(new_id(), "rule", 1, "grave")
        penalty = await impose(session, member, person, grounds, fine=0, words="违规", now=now)
    async with database.transaction(actor=world.players["W"].caller.actor) as session:  # type: ignore[union-attr]
        locked = await lock_penalty(session, penalty.id)
        await second(session, locked, "suspend", now=now)
        assert locked.member.status == "suspended"


async def _by_message(world: World) -> None:
    member_id = world.neighbour.member_id
    assert member_id is not None
    told = SanctionChanged(community_id=world.home.id, member_id=member_id, status="suspended", until=FAR)
    await world.harness.deliver(received(told, occurred_at=world.harness.clock(), version=1))


@together
async def test_no_answer_to_another_member_says_who_is_suspended(service: str, twins: Twins) -> None:
    found, asked = await _differences(twins.world, twins.idle, twins.sanctioned, service)
    assert "\n".join(found) == ""
    assert asked > 15, "something was asked"


@together
async def test_who_is_suspended_is_refused_themselves(service: str, twins: Twins) -> None:
    """Otherwise nothing could be told of it."""
    client = twins.world.players["neighbour"].client
    for _, call in _calls(twins.world, service, "neighbour"):
        answered = []
        for state in (twins.idle, twins.sanctioned):
            state.put_back()
            answered.append((await call.send(client)).status_code)
        if answered[0] < 300 and answered[1] == 403:
            return
    pytest.fail("nothing was refused")


@together
@pytest.mark.parametrize("service", ["membership"], scope="module")
async def test_no_answer_to_another_member_says_who_was_expelled_and_who_left(service: str, twins: Twins) -> None:
    world, member_id = twins.world, twins.world.neighbour.member_id
    assert member_id is not None
    database, now, idle = world.harness.runtime.database, world.harness.clock(), twins.idle
    ended = []
    for status in ("left", "expelled"):
        idle.put_back()
        async with database.transaction(actor=world.players["W"].caller.actor) as session:  # type: ignore[union-attr]
            member, person = await lock_member(session, member_id)
            await end_membership(session, member=member, person=person, status=status, now=now)
        ended.append(twins.frozen())
    found, _ = await _differences(world, ended[0], ended[1], service)
    for one in ended:
        one.close()
    assert "\n".join(found) == ""


async def _differences(world: World, ordinary: Frozen, other: Frozen, service: str) -> tuple[list[str], int]:
    """What another member is answered otherwise in the other state; and how much they asked."""
    before = await _answers(world, ordinary, service)
    after = await _answers(world, other, service)
    differ = [name for name, answer in before.items() if after[name] != answer]
    # What is made anew differs each time: keys, codes, pictures of them. What stays the same where nothing has changed must stay the same.
    again = await _answers(world, ordinary, service, only=set(differ))
    found = [f"{name}: {told}" for name in differ if (told := _told(before[name], again[name], after[name]))]
    return found, len(before)


def _told(
    idle: tuple[int, dict[str, Any]], again: tuple[int, dict[str, Any]], other: tuple[int, dict[str, Any]]
) -> str:
    if other[0] != idle[0]:
        return f"{idle[0]} ordinarily, {other[0]} {list(other[1].items())[:6]}"
    differ = [
        f"{place}: {value!r:.80} ordinarily, {other[1].get(place)!r:.80}"
        for place, value in idle[1].items()
        if again[1].get(place) == value != other[1].get(place)
    ]
    more = [f"{place}: {value!r:.80} is new" for place, value in other[1].items() if place not in again[1] | idle[1]]
    return "; ".join((differ + more)[:6])


async def _answers(world: World, frozen: Frozen, service: str, only: set[str] | None = None) -> Answers:
    """Every answer to a member, by what was asked; each asked of the same state."""
    frozen.put_back()
    client, found = world.players["M"].client, Answers()
    for name, call in _calls(world, service, "M"):
        if only is not None and name not in only:
            continue
        answer = await call.send(client)
        found[name] = answer.status_code, _places(answer.text, dict(answer.headers))
        if frozen.changed():
            frozen.put_back()
    for path in COMPOSED:
        if only is None or path in only:
            answer = await client.get(path, params={"community_id": str(world.home.id)})
            found[path] = answer.status_code, _places(answer.text, dict(answer.headers))
    return found


def _calls(world: World, service: str, column: str) -> Iterator[tuple[str, Call]]:
    """What recipes ask about the neighbour, and what they ask about nobody."""
    for operation, ways in recipes(service).items():
        if by_id()[operation].is_open:
            continue
        for number, recipe in enumerate(ways):
            player = world.player(column, recipe.row or by_id()[operation].permission)
            for whose in recipe.whose:
                for variant in recipe.variants:
                    call = recipe.call(world, Case(player, whose, "home", variant))
                    if call is not None:
                        yield f"{operation} {number} {whose} {variant or ''}", call


def _places(text: str, headers: dict[str, str]) -> dict[str, Any]:
    """What an answer says, by the place where it says it; ids that are new each time by their order."""
    named: dict[str, str] = {}
    request = headers.get("x-request-id", "-" * 99)

    def by_order(said: str) -> str:
        return _ID.sub(lambda one: named.setdefault(one[0], f"id {len(named)}"), said)

    text = by_order(text.replace(request, ""))
    said: dict[str, Any] = {name: by_order(headers[name.lower()]) for name in HEADERS if name.lower() in headers}
    try:
        return said | dict(_leaves(orjson.loads(text), ""))
    except orjson.JSONDecodeError:
        return said | {"text": text}


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, f"{where}/{name}")
    elif isinstance(value, list):
        yield f"{where}/#", len(value)
        for number, one in enumerate(value):
            yield from _leaves(one, f"{where}/{number}")
    else:
        yield where, value


def test_an_answer_is_read_with_its_places_and_new_ids_by_their_order() -> None:
    one, two = (orjson.dumps({"items": [{"id": str(new_id()), "n": 1}]}).decode() for _ in range(2))
    assert one != two
    assert _places(one, {}) == _places(two, {}) == {"/items/#": 1, "/items/0/id": "id 0", "/items/0/n": 1}

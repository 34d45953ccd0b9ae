"""An owner may do everything at home. With another community's id in place of their own, they may do nothing at all, and nothing there shows here."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.matrix import found
from tests.system.security.operations import by_id
from tests.system.security.places import Place, documented, filled, places_with, pointer_of
from tests.system.security.recipe import Call, Case
from tests.system.security.world import Player, World

together = pytest.mark.asyncio(loop_scope="module")

OF_OUTSIDERS = {"create_application", "accept_invitation"}
"""Who is no member may do these."""
REFUSALS = {403, 404}
NAMED = 422
"""How a command that names a cohort of another community, say, is refused; a service names in the query for whom it speaks."""


WHO = ("W", "O", "svc")
"""Those who may do most at home."""
NEVER = {
    (
        "report_conduct",
        ("body", "object", "id"),
    ): "another service knows it: nothing of it is shown, and a penalty hides only what its member wrote here",
    ("create_application", ("body", "campaign_id")): "who applies is no member yet",
    (
        "create_checkin",
        ("body", "plan_ids", 0),
    ): "it stands whatever plans say; another's plan is one without the caller",
    (
        "make_up_checkin",
        ("body", "plan_ids", 0),
    ): "it stands whatever plans say; another's plan is one without the caller",
    (
        "create_reward",
        ("body", "picture_id"),
    ): "content knows files, and shows of a reward only what its namer had sent",
    (
        "update_reward",
        ("body", "picture_id"),
    ): "content knows files, and shows of a reward only what its namer had sent",
    ("scan_pass", ("body", "client_id")): "the device makes it, and nobody looks anything up by it",
    ("batch_scans", ("body", "scans", 0, "client_id")): "the device makes it, and nobody looks anything up by it",
    ("begin_contest_attempt", ("body", "client_id")): "the device makes it, and nobody looks anything up by it",
    ("name_campaign_interviewer", ("path", "person_id")): "people are the company's, and any of them may interview",
    ("drop_campaign_interviewer", ("path", "person_id")): "people are the company's, and any of them may interview",
    (
        "create_discussion",
        ("body", "announcement", "audience", "cohort_ids", 0),
    ): "cohorts are known by their members alone: of another's there is none here, so nobody is told",
}
COMPOSED = ("/internal/home", "/internal/desk", "/internal/tasks", "/internal/audit")
"""What the gateway composes its reads of."""


@pytest.fixture(scope="module", params=[name for name in SERVICES if features(name)])
def service(request):
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service, tmp_path_factory):
    async with world_of(service, tmp_path_factory.mktemp(service)) as made:
        yield made


@together
@pytest.mark.parametrize("column", WHO)
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
                mixed = status == NAMED and (
                    swapped.json is not None or (swapped.method != "GET" and bool(swapped.params))
                )
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


# --- wherever the documents take an id ---------------------------------------------------------------------------------


@together
async def test_wherever_an_id_is_taken_that_of_another_community_opens_nothing(service: str, world: World) -> None:
    """The places that recipes leave out: optional filters, fields and lists, each with every id that there is elsewhere."""
    twins = world.twins()
    theirs = sorted({there for there in twins.values() if len(there) == 36})
    wrong: list[str] = []
    left: dict[str, list[Place]] = {}
    for operation, places in documented(service).items():
        if by_id()[operation].is_open:
            continue
        calls = list(_calls(world, service, operation))
        missing = places - {place for _, call in calls for place in places_with(call, twins)}
        for place in sorted(missing, key=str):
            if (operation, place) in NEVER:
                continue
            reached = False
            for player, call in calls:
                found, faults = await _tried(world, player, call, place, theirs)
                reached |= found
                wrong += faults
                if reached:
                    break
            if not reached:
                left.setdefault(operation, []).append(place)
    assert "\n".join(wrong) == ""
    assert left == {}, "nobody's request came as far as the id"


async def _tried(world: World, player: Player, call: Call, place: Place, theirs: list[str]) -> tuple[bool, list[str]]:
    """Whether the id was what a refusal was about, and what was wrong."""
    reached, wrong = False, []
    for there in theirs:
        sent = filled(call, place, there)
        answer = await sent.send(player.client)
        said = f"{call.operation} with another's id at {pointer_of(place)}: {answer.status_code} {answer.text[:200]}"
        match answer.status_code:
            case 403 | 404:
                reached = True
            case 422:
                pointers = [error["pointer"] for error in answer.json().get("errors", [])]
                reached |= any(pointer.startswith(pointer_of(place).removesuffix("/0")) for pointer in pointers)
            case status if status < 300 and call.method == "GET":
                reached = True
                if any(one in answer.text for one in theirs):
                    wrong.append(said)
            case status if status < 300:
                wrong.append(said)
        if world.frozen.changed():
            if answer.status_code >= 300:
                wrong.append(f"changed something: {said}")
            world.frozen.put_back()
    return reached, wrong


def _calls(world: World, service: str, operation: str) -> Iterator[tuple[Player, Call]]:
    for recipe in recipes(service).get(operation, ()):
        for column in WHO:
            player = world.player(column, recipe.row or by_id()[operation].permission)
            for whose in recipe.whose:
                for variant in recipe.variants:
                    call = recipe.call(world, Case(player, whose, "home", variant))
                    if call is not None:
                        yield player, call


# --- what others do elsewhere does not show ---------------------------------------------------------------------------


@together
async def test_whatever_happens_elsewhere_nothing_that_is_read_here_changes(service: str, world: World) -> None:
    """Lists, counts, search, suggestions, tags, what is unread, drafts, files and what the gateway composes: byte by byte."""
    theirs = {there for there in world.twins().values() if len(there) == 36}
    elsewhere = _mirrored(world)
    by_id()  # Who looks at every document has every permission known: members read theirs.
    before, again, of_theirs = [await _read_and_put_back(one, service) for one in (world, world, elsewhere)]
    assert again == before, "what is read twice is the same"
    assert len(before) > 15
    shown = [name for name, (_, text) in before.items() if any(there in text for there in theirs)]
    assert shown == []
    done = await _everything_done(elsewhere, service)
    assert len(done) > 5, "something happened there"
    after, of_theirs_after = await _all_reads(world, service), await _all_reads(elsewhere, service)
    world.frozen.put_back()
    assert of_theirs != of_theirs_after, "and shows there"
    assert [(name, after[name], before[name]) for name in before if after[name] != before[name]] == []


async def _all_reads(world: World, service: str) -> dict[str, tuple[int, str]]:
    """What a member and an owner read with every operation that reads."""
    found: dict[str, tuple[int, str]] = {}
    # First, as the trail has who reads what.
    for column, path in ((column, path) for column in ("W", "M") for path in COMPOSED):
        answer = await world.players[column].client.get(path, params={"community_id": str(world.home.id)})
        found[f"{column} {path}"] = said_in(answer)
    for column in ("W", "M"):
        player = world.players[column]
        for operation, ways in recipes(service).items():
            if by_id()[operation].method != "GET" or by_id()[operation].is_open:
                continue
            for number, recipe in enumerate(ways):
                for whose in recipe.whose:
                    call = recipe.call(world, Case(player, whose, "home", next(iter(recipe.variants))))
                    if call is not None:
                        answer = await call.send(player.client)
                        found[f"{column} {operation} {number} {whose}"] = said_in(answer)
    return found


async def _read_and_put_back(world: World, service: str) -> dict[str, tuple[int, str]]:
    found = await _all_reads(world, service)
    world.frozen.put_back()
    return found


def said_in(answer: httpx.Response) -> tuple[int, str]:
    """Status and text, without the request's own id."""
    return answer.status_code, answer.text.replace(answer.headers.get("X-Request-Id", "-" * 99), "")


async def _everything_done(world: World, service: str) -> set[str]:
    """Have an owner and a member do all that they may, one thing after the other. Returns what was done."""
    done = set()
    for operation, ways in recipes(service).items():
        if by_id()[operation].method == "GET" or by_id()[operation].is_open:
            continue
        for recipe in ways:
            for column in ("W", "M"):
                player = world.players[column]
                for whose, variant in ((whose, variant) for whose in recipe.whose for variant in recipe.variants):
                    call = recipe.call(world, Case(player, whose, "home", variant))
                    if call is not None and (await call.send(player.client)).is_success:
                        done.add(operation)
    return done


def _mirrored(world: World) -> World:
    """The same world as those elsewhere see it: their community is home, and the twin is a member there, beside the owner."""
    elsewhere = world.grounds["elsewhere"]
    there = copy(world)
    there.grounds = world.grounds | {"home": elsewhere, "elsewhere": world.home}
    # They apply at home, too, judge and approve there: that is not what is meant here.
    owner = replace(world.players["S"], client=elsewhere.owner, ground=elsewhere, own={}, assigned={})
    there.players = world.players | {"W": owner, "M": world.twin, "neighbour": world.twin}
    there.twin = world.neighbour
    return there

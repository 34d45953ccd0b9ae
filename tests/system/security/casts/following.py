"""Who calls a service that follows membership: its communities and a caller for each column, told of by messages."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from chassis.ids import new_id
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.testing import Harness, SettableClock, received
from contracts.membership import (
    CommunityOpened,
    MemberJoined,
    MemberLeft,
    MemberStatusChanged,
    PersonRegistered,
    PersonSuspended,
)
from tests.system.security.casts.membership import COLUMNS, NO_MEMBERS, PLATFORM, ROLES, STATUS
from tests.system.security.owner import Owner, a_community
from tests.system.security.world import PLACES, VISIBILITY, Ground, Player, World

JOINED = datetime(2024, 1, 1, tzinfo=UTC)
NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
"""Noon of a Monday in Shanghai: the moment of everything that is tried."""


def clock() -> SettableClock:
    """An hour before, in which features make what there is."""
    return SettableClock(NOON - timedelta(hours=1))


async def cast(harness: Harness) -> World:
    """The communities with their owners, and everybody, all of them active as yet."""
    await _caught_up(harness)
    world = World(harness, {place: await _ground(harness, place) for place in VISIBILITY})
    world.players["N"] = Player("N", None, harness.anonymous(), world.home)
    world.invite()
    for column in COLUMNS:
        if not column.startswith("svc"):
            world.players[column] = await _player(world, column)
    world.twin = await _player(world, "twin")
    for place, ground in world.grounds.items():
        ground.owner = (await _owner(world, place)).client
    account = Caller(kind="service", id=new_id(), session_id=new_id())
    world.players["svc"] = Player("svc", account, harness.anonymous(), world.home)
    owner = Owner(*(a_community(one.id, visibility=VISIBILITY[place]) for place, one in world.grounds.items()))
    for column in NO_MEMBERS:
        owner.knows(world.players[column].person_id, kind="external" if column == "external" else "employee")
    harness.runtime.peers.apps = {"membership": owner.app}
    return world


async def settle(world: World) -> None:
    """Now some are muted, suspended, gone: after all have what features made for them."""
    harness = world.harness
    harness.clock.now = NOON
    for column, status in STATUS.items():
        player = world.players[column]
        for ground, member_id in [(world.home, player.member_id), *player.own.pop("other memberships")]:
            told = MemberLeft if status == "left" else MemberStatusChanged
            state = _member_state(player, ground, member_id, status=status)
            await harness.deliver(received(told(**state), occurred_at=NOON, version=2))
    state = _person_state(world.players["suspended"], status="suspended")
    await harness.deliver(received(PersonSuspended(**state), occurred_at=NOON, version=2))


async def _caught_up(harness: Harness) -> None:
    service = harness.runtime.service
    row = {"consumer": service.name, "topic": MEMBERSHIP_TOPIC, "partition": 0, "next_offset": 0}
    moments = {"caught_up_at": datetime(2100, 1, 1, tzinfo=UTC), "updated_at": JOINED}
    async with harness.runtime.database.transaction() as session:
        await session.execute(insert(service.tables.messaging.consumer_progress).values(row | moments))


async def _ground(harness: Harness, place: str) -> Ground:
    ground = Ground(place, {"id": new_id(), "slug": f"club-{place}"}, harness.anonymous())
    opened = CommunityOpened(
        community_id=ground.id,
        slug=f"club-{place}",
        name="读书会",
        kind="training",
        status="open",
        visibility=VISIBILITY[place],
        join="open",
        time_zone="Asia/Shanghai",
        day_starts_at=time(0),
        streak_days="every_day",
        charter_version=1,
    )
    await harness.deliver(received(opened, occurred_at=JOINED))
    return ground


async def _player(world: World, column: str, ground: Ground | None = None) -> Player:
    """Somebody known as a person, and but for a few a member."""
    where = ground or world.grounds["elsewhere" if column == "twin" else "home"]
    scopes = frozenset({PLATFORM_SCOPE + PLATFORM[column]} if column in PLATFORM else ())
    caller = Caller(kind="person", id=new_id(), session_id=new_id(), scopes=scopes)
    player = Player(column, caller, world.harness.as_(caller), where)
    person = PersonRegistered(**_person_state(player))
    await world.harness.deliver(received(person, occurred_at=JOINED))
    if column not in NO_MEMBERS:
        player.member_id = await _join(world, player, where)
    if column in STATUS:
        # One who is suspended is so wherever the community could be seen.
        others = [world.grounds[place] for place in PLACES[1:]] if column == "X" else []
        player.own["other memberships"] = [(other, await _join(world, player, other)) for other in others]
    return player


async def _owner(world: World, place: str) -> Player:
    """Who owns a community: at home the caller W, elsewhere the stranger S."""
    if place == "home":
        return world.players["W"]
    if place == "elsewhere":
        await _join(world, world.players["S"], world.grounds[place], roles=("owner",))
        return world.players["S"]
    return await _player(world, f"owner of {place}", world.grounds[place])


async def _join(world: World, player: Player, ground: Ground, roles: tuple[str, ...] | None = None) -> Any:
    if roles is None:
        owns = player.column.startswith("owner of")
        roles = ("owner",) if owns else (ROLES[player.column],) if player.column in ROLES else ()
    member_id = new_id()
    joined = MemberJoined(**_member_state(player, ground, member_id, roles=roles))
    await world.harness.deliver(received(joined, occurred_at=JOINED))
    return member_id


def _person_state(player: Player, *, status: str = "active") -> dict[str, Any]:
    return {
        "person_id": player.person_id,
        "employee_no": f"E-{player.column}",
        "display_name": player.column,
        "kind": "external" if player.column == "external" else "employee",
        "status": status,
    }


def _member_state(player: Player, ground: Ground, member_id: Any, **facts: Any) -> dict[str, Any]:
    return {
        "community_id": ground.id,
        "member_id": member_id,
        "person_id": player.person_id,
        "employee_no": f"E-{player.column}",
        "display_name": player.column,
        "person_kind": "external" if player.column == "external" else "employee",
        "status": "active",
        "joined_at": JOINED,
        "via": "import",
    } | facts

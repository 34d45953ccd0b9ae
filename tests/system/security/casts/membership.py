"""Who calls membership: its communities and a caller for each column, written as if all had been there for long."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.testing import Harness, SettableClock
from services.membership.people.models import Person
from services.membership.platform_roles.models import PlatformRole
from services.membership.roster.models import Member, RoleGrant
from tests.service.membership.scene import Scene
from tests.system.security.operations import EXTRA_COLUMNS
from tests.system.security.world import PLACES, VISIBILITY, Ground, Player, World

FAR = datetime(2100, 1, 1, tzinfo=UTC)
ROLES = {"L": "lecturer", "D": "moderator", "O": "operator", "W": "owner", "suspended": "owner"}
PLATFORM = {"A": "admin", "hr": "hr", "auditor": "auditor", "suspended": "admin"}
STATUS = {"X": "suspended", "U": "muted", "gone": "left"}
OWNERS = {"home": "W", "internal": "owner of internal", "public": "owner of public", "elsewhere": "S"}
COLUMNS = ("S", "X", "U", "M", "L", "D", "O", "W", "A", "neighbour", *EXTRA_COLUMNS)
NO_MEMBERS = frozenset({"S", "A", "external", "hr", "auditor"})


def clock() -> SettableClock:
    """Far enough in the past that everything may have happened before now; the same whenever the tests run."""
    return SettableClock(datetime.fromisoformat("2026-11-03T10:00:00.123456+08:00").astimezone(UTC))


async def cast(harness: Harness) -> World:
    """The communities with their owners, and everybody."""
    admin_id = new_id()
    async with harness.runtime.database.transaction() as session:
        add_person(session, admin_id, "A", harness.clock())
        await session.flush()
        _platform_role(session, admin_id, "admin", harness.clock())
    scene = Scene(harness, harness.as_person(admin_id, platform=["admin"]))
    world = World(harness, {place: await _ground(scene, place) for place in VISIBILITY})
    world.players["N"] = Player("N", None, harness.anonymous(), world.home)
    world.invite()
    known = {"A": admin_id} | {column: scene.people[column] for column in ("S", "W")}
    async with world.transaction() as session:
        for column in COLUMNS:
            if not column.startswith("svc"):
                world.players[column] = await _player(session, world, column, known.get(column))
        for column in ("S", "external"):
            world.things[f"{column} who is new"] = person_id = new_id()
            kind = "external" if column == "external" else "employee"
            add_person(session, person_id, f"{column} who is new", harness.clock(), kind=kind)
        world.twin = await _member_player(session, world.grounds["elsewhere"], harness)
    account = Caller(kind="service", id=new_id(), session_id=new_id())
    world.players["svc"] = Player("svc", account, harness.anonymous(), world.home)
    return world


async def _ground(scene: Scene, place: str) -> Ground:
    made = await scene.community(owner=OWNERS[place], visibility=VISIBILITY[place], join="open")
    return Ground(place, {"id": UUID(made["id"]), "slug": made["slug"]}, scene.again(OWNERS[place]))


async def _player(session: AsyncSession, world: World, column: str, person_id: UUID | None) -> Player:
    now = world.harness.clock()
    platform = PLATFORM.get(column)
    if person_id is None:
        person_id = new_id()
        status = "suspended" if column == "suspended" else "active"
        kind = "external" if column == "external" else "employee"
        add_person(session, person_id, column, now, status=status, kind=kind)
        await session.flush()
        if platform is not None:
            _platform_role(session, person_id, platform, now)
    scopes = frozenset({PLATFORM_SCOPE + platform} if platform else ())
    caller = Caller(kind="person", id=person_id, session_id=new_id(), scopes=scopes)
    player = Player(column, caller, world.harness.as_(caller), world.home)
    if column == "W":
        player.member_id = await _member_of(session, person_id, world.home.id)
    elif column not in NO_MEMBERS:
        # One who is suspended is so wherever the community could be seen.
        for place in reversed(PLACES if column == "X" else PLACES[:1]):
            roles = [ROLES[column]] if column in ROLES else []
            status = STATUS.get(column, "active")
            player.member_id = await add_member(session, world.grounds[place].id, person_id, now, status, roles)
    return player


async def _member_player(session: AsyncSession, ground: Ground, harness: Harness) -> Player:
    person_id = new_id()
    add_person(session, person_id, "the neighbour's twin", harness.clock())
    await session.flush()
    caller = Caller(kind="person", id=person_id, session_id=new_id())
    member_id = await add_member(session, ground.id, person_id, harness.clock())
    return Player("twin", caller, harness.as_(caller), ground, member_id)


async def _member_of(session: AsyncSession, person_id: UUID, community_id: UUID) -> UUID:
    wanted = select(Member).where(col(Member.person_id) == person_id, col(Member.community_id) == community_id)
    return (await session.exec(wanted)).one().id


def add_person(session: AsyncSession, person_id: UUID, name: str, now: datetime, **facts: object) -> None:
    """A person with a number of their own."""
    key = f"k{person_id.hex}"
    names: dict[str, Any] = {"employee_no": key, "employee_key": key, "display_name": name, "sort_key": name}
    session.add(Person(id=person_id, created_at=now, updated_at=now, **names).sqlmodel_update(facts))


def _platform_role(session: AsyncSession, person_id: UUID, role: str, now: datetime) -> None:
    session.add(PlatformRole(person_id=person_id, role=role, granted_by="system", granted_at=now))


async def add_member(
    session: AsyncSession,
    community_id: UUID,
    person_id: UUID,
    now: datetime,
    status: str = "active",
    roles: list[str] | None = None,
) -> UUID:
    """A member with roles, as if they had joined long ago."""
    member_id = new_id()
    session.add(
        Member(
            id=member_id,
            community_id=community_id,
            person_id=person_id,
            status=status,
            status_until=FAR if status in {"suspended", "muted"} else None,
            roles=dict.fromkeys(roles or []),
            joined_at=now,
            ended_at=now if status == "left" else None,
            via="import",
            recorded_at=now,
        )
    )
    await session.flush()
    for role in roles or []:
        session.add(
            RoleGrant(
                community_id=community_id,
                member_id=member_id,
                role=role,
                cause="person",
                given_by=f"person:{person_id}",
                since=now,
            )
        )
    await session.flush()
    return member_id


async def add_somebody(
    session: AsyncSession, community_id: UUID, name: str, now: datetime, roles: list[str] | None = None
) -> UUID:
    """A new person's membership."""
    person_id = new_id()
    add_person(session, person_id, name, now)
    await session.flush()
    return await add_member(session, community_id, person_id, now, roles=roles)

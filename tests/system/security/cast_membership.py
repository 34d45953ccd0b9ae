"""The world of the matrix in membership: three communities, one caller for each column, and things in every state of theirs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign, Channel, FormVersion
from services.membership.definition import definition
from services.membership.people.models import Credential, Department, Person, PlatformRole
from services.membership.roster.models import Member, RoleGrant
from services.membership.service_accounts.models import ServiceAccount
from services.membership.sessions.models import LoginSession
from tests.service.membership.scene import ANSWERS, FORM, SENIOR, Scene
from tests.system.security.frozen import Frozen
from tests.system.security.matrix import EXTRA_COLUMNS, PLACES, Place, Player

PASSWORD = "correct horse battery"
SECRET = "only-for-tests-only-for-tests"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
FAR = datetime(2100, 1, 1, tzinfo=UTC)

ROLES = {"L": "lecturer", "D": "moderator", "O": "operator", "W": "owner"}
VISIBILITY: dict[Place, str] = {"home": "private", "internal": "internal", "public": "public"}
OWNERS: dict[Place, str] = {"home": "W", "internal": "owner of internal", "public": "owner of public"}
STATES = ("draft", "submitted", "returned", "knocked_out", "accepted")
IMPORTS = ("people.import", "departments.import", "members.import")


@dataclass
class Ground:
    """A community with what may be read of it."""

    id: UUID
    slug: str
    cohort_id: UUID
    campaign_id: UUID
    owner: str


@dataclass
class World:
    """Everything recipes name."""

    scene: Scene
    frozen: Frozen
    grounds: dict[Place, Ground] = field(default_factory=dict)
    players: dict[str, Player] = field(default_factory=dict)
    things: dict[str, UUID] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    """What stands at home, and what is the same in another community: ids, by ids."""

    @property
    def harness(self) -> Harness:
        return self.scene.harness

    @property
    def home(self) -> Ground:
        return self.grounds["home"]

    def player(self, column: str, permission: str) -> Player:
        """The caller of a column; a service account has the permission that is tried, or everything but that."""
        if not column.startswith("svc"):
            return self.players[column]
        scopes = {permission} if column != "svc_scope" else ALL_SCOPES - {permission}
        where = self.things["elsewhere"] if column == "svc_elsewhere" else self.home.id
        account_id = self.things["svc"]
        client = self.harness.as_service(*scopes, communities=[where], account_id=account_id)
        caller = Caller(kind="service", id=account_id, session_id=new_id())
        return Player(column, caller, client, own={"jobs": self.players["svc"].own["jobs"]})


ALL_SCOPES: set[str] = set()
"""Every permission there is; filled by whoever reads the table."""


@asynccontextmanager
async def membership_world(folder: Path) -> AsyncIterator[World]:
    """The service, alone in this process, with everything that recipes name."""
    settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET), mode="embedded")
    file = folder / "membership.sqlite"
    clock = SettableClock(datetime.now(UTC) - timedelta(days=20))
    async with Harness(definition, settings, database_url=f"sqlite+aiosqlite:///{file}", clock=clock) as harness:
        admin_id = new_id()
        async with harness.runtime.database.transaction() as session:
            session.add(_person(admin_id, "A", clock()))
            await session.flush()
            session.add(PlatformRole(person_id=admin_id, role="admin", granted_by="system", granted_at=clock()))
        scene = Scene(harness, harness.as_person(admin_id, platform=["admin"]))
        grounds = {place: await _ground(scene, VISIBILITY[place], owner=OWNERS[place]) for place in PLACES}
        elsewhere = await _ground(scene, "private", owner="S")
        things = {"elsewhere": elsewhere.id, "svc": new_id(), "admin": admin_id}
        async with harness.runtime.database.transaction() as session:
            made = await _people(session, scene, grounds, things, clock())
            twins = await _twins(session, scene, elsewhere, clock())
        frozen = Frozen(file)
        world = World(scene, frozen, grounds, made, things)
        world.twins = _pairs(world, elsewhere, *twins)
        yield world
        frozen.close()


async def _ground(scene: Scene, visibility: str, *, owner: str) -> Ground:
    made = await scene.community(owner=owner, visibility=visibility)
    cohort = await scene.send(
        scene.again(owner), "/v1/cohorts", {"community_id": made["id"], "code": "c1", "name": "一期"}
    )
    campaign = await scene.campaign(made, owner=owner)
    return Ground(UUID(made["id"]), made["slug"], UUID(cohort["id"]), UUID(campaign["id"]), owner)


def _person(person_id: UUID, name: str, now: datetime, **facts: Any) -> Person:
    key = f"k{person_id.hex}"
    return Person(
        id=person_id, employee_no=key, employee_key=key, display_name=name, sort_key=name, created_at=now, updated_at=now
    ).sqlmodel_update(facts)  # fmt: skip


async def _people(
    session: AsyncSession, scene: Scene, grounds: dict[Place, Ground], things: dict[str, UUID], now: datetime
) -> dict[str, Player]:
    harness, home = scene.harness, grounds["home"]
    players = {"N": Player("N", None, harness.anonymous())}
    await _campaigns(session, home, things, now)
    for column in ("S", "X", "U", "M", "L", "D", "O", "W", "A", "neighbour", *EXTRA_COLUMNS):
        if column.startswith("svc"):
            continue
        person_id = {"A": things["admin"]}.get(column) or scene.people.get(column) or new_id()
        if column not in {"A", "S", "W"}:
            status = "suspended" if column == "suspended" else "active"
            kind = "external" if column == "external" else "employee"
            session.add(_person(person_id, column, now, status=status, kind=kind))
            await session.flush()
        platform = {"A": "admin", "hr": "hr", "auditor": "auditor", "suspended": "admin"}.get(column)
        if platform is not None and column != "A":
            session.add(PlatformRole(person_id=person_id, role=platform, granted_by="system", granted_at=now))
        session.add(Credential(person_id=person_id, password_hash=HASH, changed_at=now))
        sid = new_id()
        session.add(LoginSession(id=sid, person_id=person_id, started_at=now, last_used_at=now, transport="body"))
        scopes = frozenset({PLATFORM_SCOPE + platform} if platform else ())
        caller = Caller(kind="person", id=person_id, session_id=sid, scopes=scopes)
        player = Player(column, caller, harness.as_(caller), own={"session": sid})
        player.member_id = await _membership(session, column, person_id, grounds, now)
        await _applications(session, player, home, things, now)
        await _jobs(session, player, home, now)
        players[column] = player
    svc = Player("svc", Caller(kind="service", id=things["svc"], session_id=new_id()), harness.anonymous())
    await _jobs(session, svc, home, now)
    players["svc"] = svc
    await _people_in_states(session, things, now)
    await _grants(session, home, things, now)
    return players


async def _campaigns(session: AsyncSession, home: Ground, things: dict[str, UUID], now: datetime) -> None:
    """Beside the running one: one of each status, and one for each state of an application."""
    for name, status in [("draft", "draft"), ("closed", "closed"), *((f"for_{state}", "open") for state in STATES)]:
        things[f"campaign_{name}"] = await _campaign(session, home.id, status, now, things)


async def _campaign(
    session: AsyncSession, community_id: UUID, status: str, now: datetime, things: dict[str, UUID]
) -> UUID:
    campaign_id, channel_id = new_id(), new_id()
    session.add(
        Campaign(
            id=campaign_id, community_id=community_id, title="春季招募", status=status, audience="employees", quota=100,
            seats_taken=50,
            closes_at=now + timedelta(days=60), requirements=[SENIOR], steps=["form", "test"], form_version=1,
            created_at=now, updated_at=now, created_by="system",
        )
    )  # fmt: skip
    await session.flush()
    session.add(
        Channel(id=channel_id, campaign_id=campaign_id, code="poster", name="海报", kind="poster",
                token=campaign_id.hex[-20:], created_at=now)
    )  # fmt: skip
    session.add(FormVersion(campaign_id=campaign_id, version=1, form=FORM, created_at=now, created_by="system"))
    await session.flush()
    things[f"channel_of_{campaign_id}"] = channel_id
    return campaign_id


async def _membership(
    session: AsyncSession, column: str, person_id: UUID, grounds: dict[Place, Ground], now: datetime
) -> UUID | None:
    """The member at home; the suspended one is suspended in the other communities too."""
    if column in {"S", "A", "external", "hr", "auditor"}:
        return None
    if column == "W":
        member = await _member_of(session, person_id, grounds["home"].id)
        return member.id
    roles = [ROLES[column]] if column in ROLES else ["owner"] if column == "suspended" else []
    status = {"X": "suspended", "U": "muted", "gone": "left"}.get(column, "active")
    places = PLACES if column == "X" else PLACES[:1]
    for place in reversed(places):
        member_id = await add_member(session, grounds[place].id, person_id, now, status=status, roles=roles)
    return member_id


async def _member_of(session: AsyncSession, person_id: UUID, community_id: UUID) -> Member:
    wanted = select(Member).where(col(Member.person_id) == person_id, col(Member.community_id) == community_id)
    return (await session.exec(wanted)).one()


async def add_member(
    session: AsyncSession, community_id: UUID, person_id: UUID, now: datetime, *, status: str = "active",
    roles: list[str] | None = None,
) -> UUID:  # fmt: skip
    """A member with roles, as if he had joined long ago."""
    member_id = new_id()
    session.add(
        Member(
            id=member_id, community_id=community_id, person_id=person_id, status=status,
            status_until=FAR if status in {"suspended", "muted"} else None, roles=dict.fromkeys(roles or []),
            joined_at=now, ended_at=now if status == "left" else None, via="import", recorded_at=now,
        )
    )  # fmt: skip
    await session.flush()
    for role in roles or []:
        session.add(
            RoleGrant(community_id=community_id, member_id=member_id, role=role, cause="person", given_by="system",
                      since=now)
        )  # fmt: skip
    await session.flush()
    return member_id


async def _applications(
    session: AsyncSession, player: Player, home: Ground, things: dict[str, UUID], now: datetime
) -> None:
    """One of the player's for each state."""
    for state in STATES:
        campaign_id = things[f"campaign_for_{state}"]
        one = Application(
            community_id=home.id, campaign_id=campaign_id, person_id=player.person_id, channel="poster",
            channel_id=things[f"channel_of_{campaign_id}"], form_version=1, answers=ANSWERS, created_at=now,
            updated_at=now, step_since=now, state=state, submitted_at=None if state == "draft" else now,
        )  # fmt: skip
        if state == "returned":
            one.returned_what, one.returned_until = "请补充", FAR
        if state in {"knocked_out", "accepted"}:
            one.state, one.decided_by, one.decided_at = "decided", "system", now
            one.release_at = one.released_at = now
            one.outcome = one.released_outcome = "rejected" if state == "knocked_out" else "accepted"
            one.live, one.knocked_out = state == "accepted", state == "knocked_out"
            one.decided_from = "submitted"
            one.member_id = player.member_id if state == "accepted" else None
        session.add(one)
        player.own[state] = one.id
    await session.flush()


async def _jobs(session: AsyncSession, player: Player, home: Ground, now: datetime) -> None:
    jobs = definition.tables.chassis.jobs
    player.own["jobs"] = {}
    assert player.caller is not None
    for kind in IMPORTS:
        job_id = player.own["jobs"][kind] = new_id()
        await session.execute(
            insert(jobs).values(
                id=job_id, kind=kind, state="queued", params={}, started_by=player.caller.actor, created_at=now,
                community_id=home.id if kind == "members.import" else None,
            )
        )  # fmt: skip


async def _people_in_states(session: AsyncSession, things: dict[str, UUID], now: datetime) -> None:
    session.add(Department(code="D1", name="研发", created_at=now, updated_at=now))
    session.add(ServiceAccount(id=things["svc"], name="program", scopes=[], created_by="system", created_at=now))
    for name in ("fresh", "activated", "barred", "departed", "helper"):
        things[name] = new_id()
        status = {"barred": "suspended", "departed": "left"}.get(name, "active")
        left_on = date(2024, 1, 1) if name == "departed" else None
        session.add(_person(things[name], name, now, status=status, left_on=left_on))
    await session.flush()
    session.add(Credential(person_id=things["activated"], password_hash=HASH, changed_at=now))
    session.add(PlatformRole(person_id=things["helper"], role="hr", granted_by="system", granted_at=now))


async def _grants(session: AsyncSession, home: Ground, things: dict[str, UUID], now: datetime) -> None:
    """Members holding one role each, so that each can be taken away; and one grant's member to be seen."""
    for role in ("mentor", "lecturer", "moderator", "operator", "owner"):
        person_id = new_id()
        session.add(_person(person_id, f"the {role}", now))
        await session.flush()
        member_id = await add_member(session, home.id, person_id, now, roles=[role])
        grant = await _grant_of(session, member_id)
        things[f"grant_{role}"], things[f"member_{role}"] = grant.id, member_id


async def _grant_of(session: AsyncSession, member_id: UUID) -> RoleGrant:
    return (await session.exec(select(RoleGrant).where(col(RoleGrant.member_id) == member_id))).one()


Twins = tuple[Player, dict[str, UUID]]


async def _twins(session: AsyncSession, scene: Scene, elsewhere: Ground, now: datetime) -> Twins:
    """The same things once more, in the other community and of somebody there."""
    things: dict[str, UUID] = {}
    await _campaigns(session, elsewhere, things, now)
    person_id = new_id()
    session.add(_person(person_id, "the neighbour's twin", now))
    await session.flush()
    caller = Caller(kind="person", id=person_id, session_id=new_id())
    twin = Player("neighbour", caller, scene.harness.as_(caller))
    twin.member_id = await add_member(session, elsewhere.id, person_id, now)
    await _applications(session, twin, elsewhere, things, now)
    await _jobs(session, twin, elsewhere, now)
    await _grants(session, elsewhere, things, now)
    return twin, things


def _pairs(world: World, elsewhere: Ground, twin: Player, things: dict[str, UUID]) -> dict[str, str]:
    home, neighbour = world.home, world.players["neighbour"]
    pairs: dict[Any, Any] = {
        home.id: elsewhere.id,
        home.slug: elsewhere.slug,
        home.cohort_id: elsewhere.cohort_id,
        home.campaign_id: elsewhere.campaign_id,
        neighbour.member_id: twin.member_id,
        neighbour.own["jobs"]["members.import"]: twin.own["jobs"]["members.import"],
    }
    pairs |= {neighbour.own[state]: twin.own[state] for state in STATES}
    pairs |= {world.things[name]: twin_id for name, twin_id in things.items() if name in world.things}
    return {str(one): str(other) for one, other in pairs.items()}

"""The world of the matrix in gamification: a community with a caller for each column, all with check-ins and entries of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import insert

from chassis.ids import new_id
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock, received
from contracts.membership import (
    CommunityOpened,
    MemberJoined,
    MemberLeft,
    MemberStatusChanged,
    PersonRegistered,
    PersonSuspended,
)
from services.gamification.definition import definition
from tests.service.gamification.stage import JOINED, NOON, Stage
from tests.system.security.frozen import Frozen
from tests.system.security.matrix import EXTRA_COLUMNS, Player
from tests.system.security.owner import Owner, a_community

SECRET = "only-for-tests-only-for-tests"
KIND = "checkins.import"
ROLES = {"L": ["lecturer"], "D": ["moderator"], "O": ["operator"], "W": ["owner"], "suspended": ["owner"]}
MEMBERS = ("X", "U", "M", "L", "D", "O", "W", "gone", "suspended", "neighbour")
DAYS = [f"2024-04-{day:02}" for day in range(24, 31)] + ["2024-05-01", "2024-05-02", "2024-05-04"]
"""Days that everyone has checked in on; the day before NOON's is missed, and may be made up."""


@dataclass
class World:
    """Everything recipes name."""

    stage: Stage
    scopes: set[str]
    players: dict[str, Player] = field(default_factory=dict)
    frozen: Frozen = field(init=False)
    elsewhere: UUID = field(default_factory=new_id)
    twins: dict[str, str] = field(default_factory=dict)
    """What stands at home, and what is the same in another community: ids, by ids."""

    @property
    def harness(self) -> Harness:
        return self.stage.harness

    @property
    def home(self) -> str:
        return str(self.stage.community_id)

    @property
    def neighbour(self) -> Player:
        return self.players["neighbour"]

    def player(self, column: str, permission: str) -> Player:
        """The caller of a column; a service account has the permission that is tried, or everything but that."""
        if not column.startswith("svc"):
            return self.players[column]
        scopes = {permission} if column != "svc_scope" else self.scopes - {permission}
        where = self.elsewhere if column == "svc_elsewhere" else self.stage.community_id
        account = self.players["svc"]
        client = self.harness.as_service(*scopes, communities=[where], account_id=account.person_id)
        return Player(column, account.caller, client, own=account.own)


@asynccontextmanager
async def gamification_world(folder: Path, scopes: set[str]) -> AsyncIterator[World]:
    """The service, alone in this process, with everything that recipes name."""
    settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET), mode="embedded")
    file = folder / "gamification.sqlite"
    clock = SettableClock(NOON - timedelta(hours=1))
    async with Harness(definition, settings, database_url=f"sqlite+aiosqlite:///{file}", clock=clock) as harness:
        stage = Stage(harness)
        await stage.open(visibility="private")
        owner = Owner(a_community(stage.community_id))
        harness.runtime.peers.apps = {"membership": owner.app}
        players = {"N": Player("N", None, harness.anonymous())}
        for column in MEMBERS:
            players[column] = await _member(stage, column)
        for column in ("S", "A", *EXTRA_COLUMNS):
            if column not in players and not column.startswith("svc"):
                players[column] = await _stranger(stage, column)
                owner.knows(players[column].person_id, kind="external" if column == "external" else "employee")
        account = Caller(kind="service", id=stage.known_as("program"), session_id=new_id())
        players["svc"] = Player("svc", account, harness.anonymous())
        await _history(stage, players)
        await _standings(stage, players)
        world = World(stage, scopes, players)
        their_job = await _elsewhere(world)
        await _jobs(stage, players)
        world.twins[str(world.neighbour.own["job"])] = their_job
        world.frozen = Frozen(file)
        yield world
        world.frozen.close()


async def _member(stage: Stage, column: str) -> Player:
    one = await stage.member(roles=ROLES.get(column, []))
    scopes = frozenset({PLATFORM_SCOPE + "admin"} if column == "suspended" else ())
    caller = Caller(kind="person", id=one.person_id, session_id=new_id(), scopes=scopes)
    return Player(column, caller, stage.harness.as_(caller), member_id=one.id, own={"employee_no": one.employee_no})


async def _stranger(stage: Stage, column: str) -> Player:
    """Somebody known as a person, who was never a member here."""
    platform = {"A": "admin", "hr": "hr", "auditor": "auditor"}.get(column)
    scopes = frozenset({PLATFORM_SCOPE + platform} if platform else ())
    caller = Caller(kind="person", id=new_id(), session_id=new_id(), scopes=scopes)
    kind = "external" if column == "external" else "employee"
    known = PersonRegistered(person_id=caller.id, display_name=column, kind=kind, status="active")
    await stage.harness.deliver(received(known, occurred_at=JOINED))
    return Player(column, caller, stage.harness.as_(caller))


async def _history(stage: Stage, players: dict[str, Player]) -> None:
    rows = [
        f"{player.own['employee_no']},{day}T04:00:00Z,,{player.column}-{day}"
        for player in players.values()
        if "employee_no" in player.own
        for day in DAYS
    ]
    job = await stage.import_csv(*rows)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job
    stage.harness.clock.now = NOON
    owner = players["W"].client
    for player in players.values():
        if player.member_id is None:
            continue
        params = {"member_id": str(player.member_id)}
        checkins = (await owner.get("/v1/checkins", params=params)).json()["items"]
        entries = (await owner.get("/v1/ledger-entries", params=params)).json()["items"]
        player.own |= {"checkin": checkins[0]["id"], "entry": entries[0]["id"]}


async def _standings(stage: Stage, players: dict[str, Player]) -> None:
    """Who is muted, suspended, gone: after all have a history."""
    now = stage.harness.clock()
    for column, status in (("X", "suspended"), ("U", "muted"), ("gone", "left")):
        facts = _state(stage, players[column], status)
        told = (MemberLeft if column == "gone" else MemberStatusChanged)(**facts)
        await stage.harness.deliver(received(told, occurred_at=now, version=2))
    barred = players["suspended"]
    told_of_person = PersonSuspended(
        person_id=barred.person_id, display_name="suspended", kind="employee", status="suspended"
    )
    await stage.harness.deliver(received(told_of_person, occurred_at=now, version=2))


def _state(stage: Stage, player: Player, status: str) -> dict[str, Any]:
    return {
        "community_id": stage.community_id,
        "member_id": player.member_id,
        "person_id": player.person_id,
        "employee_no": player.own["employee_no"],
        "display_name": player.column,
        "person_kind": "employee",
        "status": status,
        "joined_at": JOINED,
        "via": "import",
    }


async def _jobs(stage: Stage, players: dict[str, Player]) -> None:
    jobs = definition.tables.chassis.jobs
    async with stage.harness.runtime.database.transaction() as session:
        for player in players.values():
            if player.caller is None:
                continue
            player.own["job"] = new_id()
            await session.execute(
                insert(jobs).values(
                    id=player.own["job"], kind=KIND, state="queued", params={}, started_by=player.caller.actor,
                    created_at=stage.harness.clock(), community_id=stage.community_id,
                )
            )  # fmt: skip


async def _elsewhere(world: World) -> str:
    """Another community, which the stranger S owns, and in it what the neighbour has here; the id of its import."""
    other = Stage(world.harness)
    opened = CommunityOpened(**(other._community | {"slug": "elsewhere", "visibility": "private"}))
    owner = MemberJoined(
        community_id=other.community_id, member_id=new_id(), person_id=world.players["S"].person_id, display_name="S",
        person_kind="employee", roles=("owner",), status="active", joined_at=JOINED, via="import",
    )  # fmt: skip
    await world.harness.deliver(received(opened, occurred_at=JOINED), received(owner, occurred_at=JOINED))
    twin = Player("neighbour", None, world.harness.anonymous())
    one = await other.member()
    twin.member_id = one.id
    job = await other.import_csv(f"{one.employee_no},2024-05-01T04:00:00Z,,twin")
    assert (job["state"], job["failed"]) == ("succeeded", 0), job
    owners = world.players["S"].client
    params = {"member_id": str(one.id)}
    checkins = (await owners.get("/v1/checkins", params=params)).json()["items"]
    entries = (await owners.get("/v1/ledger-entries", params=params)).json()["items"]
    world.elsewhere = other.community_id
    pairs = {
        world.home: other.community_id,
        world.neighbour.member_id: one.id,
        world.neighbour.own["checkin"]: checkins[0]["id"],
        world.neighbour.own["entry"]: entries[0]["id"],
    }
    world.twins = {str(here): str(there) for here, there in pairs.items()}
    return str(job["id"])

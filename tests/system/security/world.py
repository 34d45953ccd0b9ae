"""A service with everything that recipes name: communities, a caller for each column of the table, and what is theirs."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

import httpx
from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.security.caller import Caller
from chassis.testing import Harness
from tests.system.security.frozen import Frozen
from tests.system.security.operations import PROGRAMS, table

Place = Literal["home", "internal", "public"]
PLACES: tuple[Place, ...] = ("home", "internal", "public")
VISIBILITY = {"home": "private", "internal": "internal", "public": "public", "elsewhere": "private"}
"""Every caller is at home, or not; elsewhere there is once more what there is at home."""


@dataclass
class Ground:
    """A community, with what features put there by name, and the client of who owns it."""

    place: str
    ids: dict[str, Any]
    owner: httpx.AsyncClient

    @property
    def id(self) -> UUID:
        return UUID(str(self.ids["id"]))


@dataclass
class Player:
    """One caller of the matrix, with what is their own by name. `ground` is where it is."""

    column: str
    caller: Caller | None
    client: httpx.AsyncClient
    ground: Ground
    member_id: UUID | None = None
    own: dict[str, Any] = field(default_factory=dict)
    assigned: dict[str, Any] = field(default_factory=dict)
    """What they are assigned to and is not their own."""

    @property
    def person_id(self) -> UUID:
        assert self.caller is not None
        return self.caller.id

    def has(self, name: str) -> Any:
        """Something of theirs, None if they have none. `person` and `member` are their ids."""
        match name:
            case "member":
                return self.member_id
            case "person":
                return self.caller.id if self.caller is not None and self.caller.kind == "person" else None
        return self.own.get(name)


@dataclass
class World:
    """Everything recipes name."""

    harness: Harness
    grounds: dict[str, Ground]
    players: dict[str, Player] = field(default_factory=dict)
    """By column; the neighbour is whose things are others' things. The guest was invited to an activity at home."""
    things: dict[str, Any] = field(default_factory=dict)
    """What belongs to no community, by name."""
    twin: Player = field(init=False)
    """Somebody elsewhere, who has there what the neighbour has at home."""
    frozen: Frozen = field(init=False)
    """Puts the database back; on SQLite alone."""

    @property
    def home(self) -> Ground:
        return self.grounds["home"]

    @property
    def neighbour(self) -> Player:
        return self.players["neighbour"]

    def invite(self) -> None:
        """Let there be a guest. Features make what the guest was invited to."""
        caller = Caller(kind="guest", id=new_id(), session_id=new_id(), activity_id=new_id())
        self.players["G"] = Player("G", caller, self.harness.as_(caller), self.home)

    @property
    def callers(self) -> list[Player]:
        """Everybody who can have something of their own, the twin too."""
        return [one for one in (*self.players.values(), self.twin) if one.caller is not None and one.column != "G"]

    @property
    def people(self) -> list[Player]:
        """The same without the service account."""
        return [one for one in self.callers if one.column != "svc"]

    @property
    def members(self) -> list[Player]:
        """Those who are or were members where they are."""
        return [one for one in self.people if one.member_id is not None]

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For what a feature puts into the database itself."""
        return self.harness.runtime.database.transaction()

    async def jobs_of_everybody(
        self, name: str, kind: str, *, of_community: bool = False, params: Mapping[str, Any] | None = None
    ) -> None:
        """A queued job for every caller, under this name, with one row that it could not take."""
        tables = self.harness.runtime.service.tables.chassis
        async with self.transaction() as session:
            for player in self.callers:
                assert player.caller is not None
                player.own[name] = new_id()
                row = {
                    "id": player.own[name],
                    "kind": kind,
                    "state": "queued",
                    "params": {"community_id": str(player.ground.id), **params} if params else {},
                    "started_by": player.caller.actor,
                    "created_at": self.harness.clock(),
                    "community_id": player.ground.id if of_community else None,
                }
                await session.execute(insert(tables.jobs).values(row))
                wrong = {"job_id": player.own[name], "row": 1, "code": "missing", "text": "Missing."}
                await session.execute(insert(tables.job_errors).values(wrong))

    def player(self, column: str, permission: str) -> Player:
        """The caller of a column; a service account has the permission that is tried, or everything but that."""
        if column not in PROGRAMS:
            return self.players[column]
        scopes = {permission} if column != "svc_scope" else table().keys() - {permission}
        where = self.grounds["elsewhere" if column == "svc_elsewhere" else "home"]
        account = self.players["svc"]
        client = self.harness.as_service(*scopes, communities=[where.id], account_id=account.person_id)
        return replace(account, column=column, client=client)

    def twins(self) -> dict[str, str]:
        """What stands at home, and what is the same elsewhere: ids, by ids."""
        home, elsewhere = self.home.ids, self.grounds["elsewhere"].ids
        mine, theirs = self.neighbour.own, self.twin.own
        pairs = dict(_pairs(home, elsewhere)) | dict(_pairs(mine, theirs))
        return pairs | {str(self.neighbour.member_id): str(self.twin.member_id)}


def _pairs(ones: dict[str, Any], others: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((str(one), str(others[name])) for name, one in ones.items() if name in others)

"""CPU of a read and of a write through one service, against FastAPI and SQLModel with nothing around them.

    python -m benchmarks.read_write

The chassis' side checks a token, the caller's permission in the community by the projection of members, limits the body, logs,
counts, and on a write leaves a message in the outbox, in the same transaction. The bare side reads or inserts the row. Both are
one uvicorn process on one PostgreSQL with fsync on, measured in turn.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from pydantic import Field as Limits
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col

from benchmarks.figures import Figure, end_with
from benchmarks.servers import Side, cpu_per_request, serve, sides
from chassis.database.base import Publishing, service_registry, service_tables
from chassis.feature import Feature
from chassis.ids import new_id
from chassis.messaging.outbox import emit
from chassis.problems import NOT_FOUND
from chassis.projections import ProjectionAuthority, membership_projection
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.security.permissions import permission
from chassis.security.tokens import TokenIssuer, TokenVerifier
from chassis.service import RunningService, Service
from chassis.settings import Settings
from chassis.web.app import create_app
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from chassis.web.schemas import RequestModel, ResponseModel
from contracts.base import IntegrationEvent

READ_AT_MOST = 1.5
WRITE_AT_MOST = 1.6
COMMUNITY = UUID(int=7 << 64 | 1)
PERSON = UUID(int=7 << 64 | 2)
MEMBER = UUID(int=7 << 64 | 3)
THING = UUID(int=7 << 64 | 4)
SEED = bytes(range(32))

NOTES_READ = permission("bench_notes.read", "v v – y y y y y y – y")
NOTES_WRITE = permission("bench_notes.write", "– – – – o o o o y – y")


class Base(SQLModel, registry=service_registry()):
    """Every table of the service that is measured."""


tables = service_tables(Base)
known = membership_projection(Base.metadata)


class Note(Base, Publishing, table=True):
    __tablename__ = "notes"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    title: str
    body: str
    made_at: datetime


class NoteMade(IntegrationEvent, type="bench.note.made", subject="note_id"):
    note_id: UUID
    community_id: UUID
    member_id: UUID
    title: str


# --- through the chassis --------------------------------------------------------------------------------------------


class NoteCreate(RequestModel):
    community_id: UUID
    title: Annotated[str, Limits(max_length=100)]
    body: Annotated[str, Limits(max_length=10_000)]


class NotePublic(ResponseModel):
    id: UUID
    community_id: UUID
    member_id: UUID
    title: str
    body: str
    made_at: datetime


router = api_router(tags=["Notes"])


@router.get("/v1/notes/{note_id}")
@operation(permission=NOTES_READ)
async def read_note(note_id: UUID, caller: CallerDep, session: Reading, now: Now) -> NotePublic:
    """Read a note."""
    note = (await session.execute(select(Note).where(col(Note.id) == note_id))).scalar_one_or_none()
    if note is None:
        raise NOT_FOUND()
    await authorize(session, caller, NOTES_READ, note.community_id, now=now)
    return NotePublic.model_validate(note)


@router.post("/v1/notes", status_code=201)
@operation(permission=NOTES_WRITE)
async def make_note(body: NoteCreate, caller: CallerDep, session: Transaction, now: Now) -> NotePublic:
    """Make a note."""
    standing = await authorize(session, caller, NOTES_WRITE, body.community_id, own=True, now=now)
    assert standing.member_id is not None
    note = Note(
        community_id=body.community_id, member_id=standing.member_id, title=body.title, body=body.body, made_at=now
    )
    session.add(note)
    made = NoteMade(note_id=note.id, community_id=note.community_id, member_id=note.member_id, title=note.title)
    await emit(session, made, version=note.bump(), occurred_at=now)
    return NotePublic.model_validate(note)


definition = Service(
    name="bench",
    base=Base,
    tables=tables,
    migrations="services.content.migrations",
    features=[Feature("notes", routers=[router])],
    authority=ProjectionAuthority,
    publishes=["qunxue.bench"],
)


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(SEED)


def chassis_app() -> FastAPI:
    from chassis.logs import configure_logs

    configure_logs(process="bench")
    settings = Settings(secret_key="s" * 32, data_dir=Path(os.environ["BENCH_FOLDER"]))
    runtime = RunningService(definition, settings, database_url=os.environ["BENCH_DATABASE"])

    async def keys(key_id: str) -> Any:
        return _key().public_key() if key_id == "bench" else None

    runtime.verifier = TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, keys=keys, clock=runtime.clock
    )
    return create_app(runtime)


# --- bare -----------------------------------------------------------------------------------------------------------


class BareNote(SQLModel, table=True):
    __tablename__ = "notes"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    community_id: UUID
    member_id: UUID
    title: str
    body: str
    made_at: datetime
    messages_published: int = 0


class BareCreate(BaseModel):
    community_id: UUID
    title: str
    body: str


class BarePublic(BaseModel):
    id: UUID
    community_id: UUID
    member_id: UUID
    title: str
    body: str
    made_at: datetime


def bare_app() -> FastAPI:
    from sqlmodel.ext.asyncio.session import AsyncSession

    engine = create_async_engine(os.environ["BENCH_DATABASE"], pool_size=10)
    app = FastAPI()

    async def opened_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as opened:
            yield opened

    @app.get("/v1/notes/{note_id}", response_model=BarePublic)
    async def read_note(note_id: UUID, session: Annotated[AsyncSession, Depends(opened_session)]) -> Any:
        note = await session.get(BareNote, note_id)
        if note is None:
            raise HTTPException(404)
        return note

    @app.post("/v1/notes", status_code=201, response_model=BarePublic)
    async def make_note(body: BareCreate, session: Annotated[AsyncSession, Depends(opened_session)]) -> Any:
        note = BareNote(**body.model_dump(), member_id=MEMBER, made_at=datetime.now(UTC))
        session.add(note)
        await session.commit()
        return note

    return app


PARTS = {"chassis": chassis_app, "bare": bare_app}


# --- the comparison -------------------------------------------------------------------------------------------------


async def fill(url: str) -> None:
    """The row that is read, and members for the projection: as many as a middling company has."""
    now = datetime.now(UTC)
    engine = create_async_engine(url)
    community = {
        "id": COMMUNITY, "slug": "readers", "name": "读书会", "kind": "training", "status": "open", "visibility": "internal",
        "time_zone": "Asia/Shanghai", "day_starts_at": time(0), "streak_days": "every_day", "topics": [], "values": [],
        "version": 1,
    }  # fmt: skip
    people = [PERSON, *(new_id() for _ in range(2000))]
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(known.communities).values(community))
        await connection.execute(
            insert(known.people),
            [{"id": p, "display_name": "张伟", "kind": "employee", "status": "active", "version": 1} for p in people],
        )
        await connection.execute(
            insert(known.members),
            [
                {
                    "id": MEMBER if p == PERSON else new_id(), "community_id": COMMUNITY, "person_id": p,
                    "roles": ["moderator"], "status": "active", "joined_at": now, "via": "import", "version": 1,
                }
                for p in people
            ],
        )  # fmt: skip
        await connection.execute(
            insert(tables.messaging.consumer_progress),
            [
                {
                    "consumer": "bench", "topic": MEMBERSHIP_TOPIC, "partition": n, "next_offset": 1,
                    "caught_up_at": now + timedelta(days=1), "updated_at": now,
                }
                for n in range(12)
            ],
        )  # fmt: skip
        await connection.execute(
            insert(Note).values(
                id=THING, community_id=COMMUNITY, member_id=MEMBER, title="第一次", body="读到了第三章。" * 20, made_at=now,
                messages_published=1,
            )
        )  # fmt: skip
    await engine.dispose()


def token() -> str:
    settings = Settings(secret_key="s" * 32)
    issuer = TokenIssuer(settings.token_issuer, settings.token_audience, "bench", _key())
    caller = Caller(kind="person", id=PERSON, session_id=new_id())
    return issuer.issue(caller, now=datetime.now(UTC), lifetime=timedelta(hours=2))[0]


def measure(url: str, folder: str, *, requests: int, rounds: int) -> list[Figure]:
    headers = {"Authorization": f"Bearer {token()}"}
    note = {"community_id": str(COMMUNITY), "title": "第二次", "body": "读到了第四章。" * 20}

    def reads(side: Side) -> float:
        return cpu_per_request(side, lambda s, _: s.get(f"{side.url}/v1/notes/{THING}", headers=headers), requests)

    def writes(side: Side) -> float:
        return cpu_per_request(
            side, lambda s, _: s.post(f"{side.url}/v1/notes", json=note, headers=headers), requests, status=201
        )

    environment = {"BENCH_DATABASE": url, "BENCH_FOLDER": folder}
    figures = []
    with sides("benchmarks.read_write", dict.fromkeys(PARTS, environment)) as running:
        for what, ask, at_most in (
            ("a read of one row, authorised", reads, READ_AT_MOST),
            ("a write with outbox row and permission check", writes, WRITE_AT_MOST),
        ):
            for side in running.values():
                ask(side)  # warm: connections, prepared statements, the remembered token
            taken: dict[str, list[float]] = {name: [] for name in running}
            for _ in range(rounds):
                # In turn, so that whatever else the machine does falls on both.
                for name, side in running.items():
                    taken[name].append(ask(side))
            for name, values in taken.items():
                print(f"  {what}, {name}: " + " ".join(f"{value:.3f}" for value in values) + " ms")
            ours, bare = median(taken["chassis"]), median(taken["bare"])
            figures.append(Figure(what, f"{ours:.3f} ms CPU", f"bare {bare:.3f} ms", ours / bare, at_most, "most"))
    return figures


def run(*, requests: int = 1500, rounds: int = 5) -> Sequence[Figure]:
    """Both comparisons."""
    import tempfile

    from tests.support.postgres import PostgresServer

    with PostgresServer(fsync=True) as server, tempfile.TemporaryDirectory() as folder:
        url = server.create_database("bench")
        asyncio.run(fill(url))
        return measure(url, folder, requests=requests, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.part is not None:
        serve(PARTS[arguments.part](), arguments.port)
        return
    end_with(run(requests=arguments.requests, rounds=arguments.rounds))


if __name__ == "__main__":
    main()

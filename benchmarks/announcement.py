"""10,000 members are mailed one announcement, on both databases: what each costs, and whether others wait for it.

One process with everything that a worker of membership runs (timers, jobs, errands, relay, consumers) and its API; the mail server and a
receiver of webhooks are another process. CPU is counted from the message of the announcement until the last mail was taken, and compared with
aiosmtplib sending as much mail without a database. Meanwhile people who lost their password ask for a code, and an owner has their endpoint
tested: how long until it is there, beside the 10,000 and without them.

    python -m benchmarks.announcement [MEMBERS]
"""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
from aiosmtpd.smtp import SMTP
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from benchmarks.figures import Figure, end_with
from benchmarks.history import p99
from chassis import turns
from chassis.database.bulk import insert_many
from chassis.database.engine import Database
from chassis.ids import new_id
from chassis.memory import collect_less_often
from chassis.messaging.local_log import LocalLog
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock, received
from chassis.worker import Worker
from contracts.content import DiscussionStarted
from services.membership.credentials.models import Credential
from services.membership.definition import definition
from services.membership.deliveries.channels import Content, Message
from services.membership.deliveries.mail import mail
from services.membership.deliveries.models import Delivery
from services.membership.people.models import Person
from services.membership.roster.models import Member
from tests.service.membership.scene import Scene
from tests.support.postgres import PostgresServer

MEMBERS = 10_000
TUESDAY = datetime(2026, 3, 3, 2, tzinfo=UTC)
"""Ten in the morning in Shanghai: what is unread after ten minutes goes at once."""
ADMIN = "only-for-a-benchmark"
PROBES = 100
A_SECOND = 4
BARE = 1_000
WAIT_SECONDS = 60.0
MOST_SECONDS = 1500.0
DEARER = 20.0
SLOWER = 5.0
LONGEST_MS = 1000.0


class RunningClock(SettableClock):
    """Goes on by itself, and can be moved."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.now + timedelta(seconds=time.monotonic() - self._began)


# --- the other process: who takes mail and calls ---------------------------------------------------------------------


@dataclass
class Taking:
    """A mail server and a receiver of webhooks. Of what is asked for in the middle it says when it came."""

    pipe: Connection
    taken: int = 0
    opened: int = 0
    open: int = 0
    most_open: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken += 1
        if envelope.rcpt_tos[0].startswith("lost"):
            self.pipe.send((envelope.rcpt_tos[0], time.monotonic()))
        return "250 OK"

    def connected(self) -> SMTP:
        taking = self

        class Counting(SMTP):
            def connection_made(self, transport: Any) -> None:
                taking.opened += 1
                taking.open += 1
                taking.most_open = max(taking.most_open, taking.open)
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                taking.open -= 1
                super().connection_lost(error)

        return Counting(self, hostname="127.0.0.1", loop=asyncio.get_running_loop())

    async def called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        self.pipe.send(("called", time.monotonic()))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


def take(pipe: Connection) -> None:
    """Take mail and calls until told to stop; then say how much mail, by how many connections, and how many at once."""

    async def serve() -> None:
        taking = Taking(pipe)
        loop = asyncio.get_running_loop()
        mails = await loop.create_server(taking.connected, "127.0.0.1", 0)
        calls = await asyncio.start_server(taking.called, "127.0.0.1", 0)
        pipe.send(tuple(server.sockets[0].getsockname()[1] for server in (mails, calls)))
        await asyncio.to_thread(pipe.recv)
        mails.close()
        calls.close()
        pipe.send((taking.taken, taking.opened, taking.most_open))

    asyncio.run(serve())


@dataclass
class Outside:
    """The other process as it is seen from here."""

    pipe: Connection
    mail_port: int = 0
    call_port: int = 0
    came: dict[str, float] = field(default_factory=dict)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self) -> None:
        while self.pipe.poll():
            what, at = self.pipe.recv()
            self.came[what] = at
        self.heard.set()

    async def waited(self, what: str, since: float) -> float:
        """How many milliseconds after `since` it came."""
        async with asyncio.timeout(WAIT_SECONDS):
            while self.came.get(what, 0.0) < since:
                self.heard.clear()
                await self.heard.wait()
        return (self.came[what] - since) * 1000


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=take, args=(theirs,))
    process.start()
    found = Outside(ours)
    loop = asyncio.get_running_loop()
    try:
        found.mail_port, found.call_port = await asyncio.to_thread(ours.recv)
        loop.add_reader(ours.fileno(), found.hear)
        yield found
    finally:
        loop.remove_reader(ours.fileno())
        process.terminate()
        await asyncio.to_thread(process.join, 10)


async def counts(found: Outside) -> tuple[int, int, int]:
    """Mails, connections, and the most at once; the other process ends with it."""
    asyncio.get_running_loop().remove_reader(found.pipe.fileno())
    found.pipe.send("stop")
    said: tuple[int, int, int] = await asyncio.to_thread(found.pipe.recv)
    return said


# --- the world ---------------------------------------------------------------------------------------------------------


def settings_in(folder: Path, there: Outside) -> Settings:
    """With a mail server, and an endpoint that may be called."""
    return Settings(
        data_dir=folder,
        secret_key=SecretStr("only-for-benchmarks-only-for-benchmarks"),
        mode="embedded",
        admin_password=SecretStr(ADMIN),
        second_factor="optional",
        public_url="https://learn.example",
        app_url="https://app.example",
        smtp_host="127.0.0.1",
        smtp_port=there.mail_port,
        smtp_tls="none",
        smtp_from="learn@example.com",
        webhook_networks=("127.0.0.0/8",),
    )


@dataclass
class World:
    """A community of many, the owner's endpoint, and people who lose their passwords."""

    harness: Harness
    there: Outside
    scene: Scene
    community_id: UUID
    hook_id: str
    lost: Iterator[str]

    async def announce(self) -> None:
        said = DiscussionStarted(
            community_id=self.community_id,
            discussion_id=new_id(),
            kind="announcement",
            title="新学期安排",
            author_id=new_id(),
        )
        await self.harness.deliver(received(said, occurred_at=self.harness.clock()))

    async def count(self, what: Any) -> int:
        async with self.harness.runtime.database.reading() as session:
            return int((await session.execute(select(func.count()).where(what))).scalar_one())

    async def code(self) -> float:
        """Milliseconds from a request for a new password until the mail server has the code."""
        login = next(self.lost)
        since = time.monotonic()
        answer = await self.harness.anonymous().post("/v1/password-resets", json={"login": login})
        assert answer.is_success, answer.text
        return await self.there.waited(login, since)

    async def call(self) -> float:
        """Milliseconds from a request for a test until the endpoint has it."""
        since = time.monotonic()
        await self.scene.send(self.scene.again("owner"), f"/v1/webhooks/{self.hook_id}/test")
        return await self.there.waited("called", since)

    async def probe(self, most: int = PROBES) -> tuple[list[float], list[float]]:
        """Both, again and again, until there are enough or it is cancelled."""
        codes: list[float] = []
        calls: list[float] = []
        for _ in range(most):
            codes.append(await self.code())
            calls.append(await self.call())
            await asyncio.sleep(1 / A_SECOND)
        return codes, calls


async def world_of(harness: Harness, there: Outside, members: int) -> World:
    """Everybody there, by a few statements; the owner and the endpoint as in life."""
    assert definition.bootstrap is not None
    await definition.bootstrap(harness.runtime)
    async with harness.runtime.database.reading() as session:
        admin_id = (await session.execute(select(col(Person.id)).limit(1))).scalar_one()
    scene = Scene(harness, harness.as_person(admin_id, platform=["admin"]))
    community = await scene.community()
    url = f"http://127.0.0.1:{there.call_port}/hook"
    asked = {"community_id": community["id"], "url": url, "types": ["qunxue.membership.member.joined.v1"]}
    hook = await scene.send(scene.again("owner"), "/v1/webhooks", asked)
    lost = [f"lost{number}@example.com" for number in range(2 * PROBES + 2)]
    now = harness.clock() - timedelta(days=30)
    people = [_person(f"m{number}@example.com", now) for number in range(members)]
    forgetful = [_person(email, now) for email in lost]
    roster = [
        {"id": new_id(), "community_id": UUID(community["id"]), "person_id": one["id"]}
        | {"status": "active", "roles": {}, "via": "import", "joined_at": now, "recorded_at": now}
        | {"on_boards": True, "version": 1, "sanctions_told": 0, "messages_published": 1}
        for one in people
    ]
    passwords = [{"person_id": one["id"], "password_hash": "none that opens", "changed_at": now} for one in forgetful]
    async with harness.runtime.database.transaction() as session:
        written = {Person: people + forgetful, Member: roster, Credential: passwords}
        for model, rows in written.items():
            await insert_many(session, model.__table__, rows)  # type: ignore[attr-defined]
    return World(harness, there, scene, UUID(community["id"]), hook["id"], iter(lost))


def _person(email: str, now: datetime) -> dict[str, Any]:
    shown = {"display_name": "张伟", "sort_key": "zhangwei", "kind": "employee", "status": "active"}
    return {
        "id": new_id(),
        "email": email,
        **shown,
        "version": 1,
        "messages_published": 1,
        "created_at": now,
        "updated_at": now,
    }


# --- what is measured --------------------------------------------------------------------------------------------------


@contextmanager
def transactions() -> Iterator[list[tuple[float, str]]]:
    """How many milliseconds each transaction was held from now on, and by which loop."""
    found: list[tuple[float, str]] = []
    original = Database.transaction

    @asynccontextmanager
    async def timed(self: Database, **options: Any) -> AsyncIterator[Any]:
        began = time.perf_counter()
        try:
            async with original(self, **options) as session:
                began = time.perf_counter()
                yield session
        finally:
            loop = turns._current.get()
            found.append(((time.perf_counter() - began) * 1000, loop[1] if loop else "request"))

    Database.transaction = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Database.transaction = original  # type: ignore[method-assign]


@dataclass
class Found:
    """What one database had to show."""

    bare_ms: float
    told_ms: float
    mailed_ms: float
    longest: tuple[float, str]
    mebibytes: float
    seconds: float
    alone: tuple[list[float], list[float]]
    beside: tuple[list[float], list[float]]
    outside: tuple[int, int, int]


async def bare(there: Outside, mails: int) -> float:
    """Milliseconds of CPU for a mail by aiosmtplib alone, over one connection."""
    content = Content(
        "zh-CN", "公告：新学期安排", ["公告：新学期安排", "数据社群"], unsubscribe="https://learn.example/" + "x" * 80
    )
    made: list[EmailMessage] = [
        mail(Message(new_id(), f"b{number}@example.com", content), sender="learn@example.com", now=TUESDAY)
        for number in range(mails)
    ]
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=there.mail_port, start_tls=False) as client:
        began = time.process_time()
        for number, one in enumerate(made):
            await client.sendmail("learn@example.com", [f"b{number}@example.com"], one.as_bytes())
        return (time.process_time() - began) / mails * 1000


async def until(world: World, what: Any, wanted: int) -> None:
    """Wait until there are so many rows."""
    deadline = time.monotonic() + MOST_SECONDS
    while (found := await world.count(what)) < wanted:
        assert time.monotonic() < deadline, f"{found} of {wanted}"
        await asyncio.sleep(1.0)


async def measure(folder: Path, url: str, members: int) -> Found:
    """Alone; then the announcement, and beside it."""
    async with outside() as there:
        clock = RunningClock(TUESDAY)
        async with Harness(
            definition, settings_in(folder, there), database_url=url, clock=clock, held=False
        ) as harness:
            world = await world_of(harness, there, members)
            bare_ms = await bare(there, BARE)
            stop = asyncio.Event()
            log = LocalLog(folder / "log.sqlite")
            working = asyncio.create_task(Worker(harness.runtime, log, outside=None).run(stop))
            try:
                await world.probe(1)
                return await _beside(world, members, bare_ms)
            finally:
                stop.set()
                await working
                await log.close()


async def _beside(world: World, members: int, bare_ms: float) -> Found:
    clock = world.harness.clock
    alone = await world.probe()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with transactions() as held:
        cpu = time.process_time()
        await world.announce()
        await until(world, col(Delivery.kind) == "notification", members)
        told = time.process_time() - cpu
        clock.advance(timedelta(minutes=11))
        probing = asyncio.create_task(world.probe())
        cpu = time.process_time()
        world.harness.runtime.database.errands.ring()
        await until(world, (col(Delivery.kind) == "notification") & (col(Delivery.state) == "taken"), members)
        mailed = time.process_time() - cpu
        beside = await probing
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Found(
        bare_ms,
        told / members * 1000,
        mailed / members * 1000,
        max(held),
        (after - before) / 1024,
        time.monotonic() - began,
        alone,
        beside,
        await counts(world.there),
    )


def as_figures(found: Found, members: int, label: str) -> list[Figure]:
    """What is told of it."""
    (codes, calls), (codes_beside, calls_beside) = found.alone, found.beside
    mails, connections, at_once = found.outside
    whole = found.told_ms + found.mailed_ms
    print(f"  {label}: {mails} mails by {connections} connections, {at_once} at once, in {found.seconds:.0f} s")
    return [
        Figure(
            f"mail to {members:,} recipients of one announcement, CPU each, {label}",
            f"{whole:.2f} ms (told {found.told_ms:.2f}, mailed {found.mailed_ms:.2f}; memory +{found.mebibytes:.0f} MiB)",
            f"aiosmtplib alone {found.bare_ms:.2f} ms",
            whole / found.bare_ms,
            DEARER,
            "most",
        ),
        Figure(
            f"the longest transaction meanwhile, {label}",
            f"{found.longest[0]:.0f} ms ({found.longest[1]})",
            "",
            found.longest[0],
            LONGEST_MS,
            "most",
            "ms",
        ),
        Figure(
            f"a code for a lost password beside it, asked for until the mail server has it, p99, {label}",
            f"{p99(sorted(codes_beside)):.0f} ms",
            f"without {p99(sorted(codes)):.0f} ms",
            p99(sorted(codes_beside)) / p99(sorted(codes)),
            SLOWER,
            "most",
        ),
        Figure(
            f"a webhook beside it, asked for until the endpoint has it, p99, {label}",
            f"{p99(sorted(calls_beside)):.0f} ms",
            f"without {p99(sorted(calls)):.0f} ms",
            p99(sorted(calls_beside)) / p99(sorted(calls)),
            SLOWER,
            "most",
        ),
    ]


def run(members: int = MEMBERS) -> list[Figure]:
    """Both databases."""
    collect_less_often()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one", Path(folder) / "two"
        one.mkdir()
        two.mkdir()
        found = asyncio.run(measure(one, f"sqlite:///{folder}/membership.sqlite", members))
        figures += as_figures(found, members, "SQLite")
        with PostgresServer(fsync=True) as server:
            found = asyncio.run(measure(two, server.create_database("membership"), members))
        figures += as_figures(found, members, "PostgreSQL")
    return figures


if __name__ == "__main__":
    end_with(run(*(int(argument) for argument in sys.argv[1:])))

"""Searching many Chinese documents for words of two characters, against `LIKE` over the same texts, on SQLite and on PostgreSQL.

    python -m benchmarks.search_speed [DOCUMENTS [REPETITIONS]]

Our side is the whole request, without a network: token, permission, what fits best, snippets, names; beside it stands the index alone.
The other side counts what has the word in its text, and then reads the newest 20 of it. The documents are made of sentences of the
real ones, with their commonness of words; a rare word stands in one, a frequent one in about a hundredth. All are asked in turn, so
that what else the machine does moves all alike.
"""

import asyncio
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psutil
from sqlalchemy import Table, func, select, text
from sqlmodel import col

from benchmarks.figures import Figure
from benchmarks.search_quality import DATABASES, fresh, read
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.content.definition import definition
from services.content.search.asking import Within
from services.content.search.cutting import understood
from services.content.search.finding import candidates
from services.content.search.indexing import Entry, put
from services.content.search.models import SearchDocument
from tests.service.stage import NOON, OnStage, Stage
from tests.support.needs import shared_data_folder

_DOCUMENTS: Table = SearchDocument.__table__  # type: ignore[attr-defined]

AT_ONCE = 500
RARE = ("麒麟", "饕餮", "魍魉", "貔貅", "囹圄")
FREQUENT_WORDS = 5
PAGE = 20
LIKE_EVERY = 10
"""Of so many turns `LIKE` has one: it takes long."""
LIKE_AT_LEAST = 20.0
FREQUENT_AT_MOST = 3.0
ANY_AT_MOST = 10.0

Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Words:
    """What is looked for: each rare word stands in one document, the frequent ones in about a hundredth."""

    frequent: Sequence[str]
    common: str

    @property
    def all(self) -> tuple[str, ...]:
        """The rare ones, too."""
        return (*RARE, *self.frequent, self.common)


@dataclass
class Taken:
    """How long each of several repetitions took, in milliseconds; by the clock, and of processor time, ours and the database's."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """In the middle, by the clock."""
        return statistics.median(self.clock)

    @property
    def last(self) -> float:
        """The 99th percentile."""
        return statistics.quantiles([*self.clock, max(self.clock)], n=100, method="inclusive")[98]

    @property
    def used(self) -> float:
        """Processor time, on average: of other processes it is told in hundredths of a second."""
        return statistics.fmean(self.processor)

    def __str__(self) -> str:
        return f"median {self.median:.2f} ms ({self.used:.2f} ms of processor time), p99 {self.last:.2f} ms"


def texts(path: Path, count: int) -> list[str]:
    """Documents of real sentences, the same each time; one of them has each of the rare words."""
    chance = random.Random(7)
    sentences = [
        re.sub("|".join(RARE), "", sentence)
        for document in read(path).documents
        for sentence in re.split("(?<=[。，；])", document["text"])
        if sentence
    ]
    made = ["".join(chance.choices(sentences, k=chance.randint(5, 25))) for _ in range(count)]
    for place, word in enumerate(RARE, 1):
        made[count * place // (len(RARE) + 1)] += word
    return made


def words(made: list[str]) -> Words:
    """Words in about a hundredth of the documents, and the commonest."""
    documents = Counter(pair for one in made for pair in set(re.findall("(?=([一-龥]{2}))", one)))
    near = sorted(documents, key=lambda pair: (abs(documents[pair] - len(made) // 100), pair))
    return Words(near[:FREQUENT_WORDS], documents.most_common(1)[0][0])


def server_of(url: str) -> psutil.Process | None:
    """The server of a database, where it has one."""
    if not url.startswith("postgresql"):
        return None
    port = f"port={urlsplit(url).port}"
    return next(one for one in psutil.process_iter(["cmdline"]) if port in (one.info["cmdline"] or ()))


def seconds_of(server: psutil.Process | None, backends: Sequence[psutil.Process]) -> float:
    """Processor time of a server: its own, that of who has ended, and that of who works for it."""
    seconds = sum(server.cpu_times()[:4]) if server else 0.0
    for one in backends:
        with suppress(psutil.NoSuchProcess):
            seconds += sum(one.cpu_times()[:2])
    return seconds


async def in_turn(
    works: Mapping[str, Work], seldom: Mapping[str, Work], repetitions: int, server: psutil.Process | None
) -> dict[str, Taken]:
    """How long each takes, the `seldom` ones in every tenth turn."""
    taken = {name: Taken() for name in (*works, *seldom)}
    for turn in range(-3, repetitions):
        backends = server.children() if server else []
        for name, work in (*works.items(), *(seldom.items() if turn % LIKE_EVERY == 0 or turn < 0 else ())):
            theirs = seconds_of(server, backends)
            begun, ours = time.perf_counter(), time.process_time()
            await work()
            seconds, ours = time.perf_counter() - begun, time.process_time() - ours
            if turn >= 0:  # the first ones warm caches
                taken[name].clock.append(seconds * 1000)
                taken[name].processor.append((ours + seconds_of(server, backends) - theirs) * 1000)
    return taken


def _entry(stage: Stage, member: OnStage, one: str) -> Entry:
    # A title is as long as one that people write.
    return Entry(new_id(), "discussion", stage.community_id, member.id, one, True, NOON, title=one[: len(one) % 20 + 5])


async def fill(harness: Harness, made: list[str]) -> tuple[Stage, OnStage]:
    """Index them."""
    stage = Stage(harness)
    await stage.open()
    member = await stage.member()
    for start in range(0, len(made), AT_ONCE):
        async with harness.runtime.database.transaction() as session:
            for one in made[start : start + AT_ONCE]:
                await put(session, _entry(stage, member, one))
    async with harness.runtime.database.transaction() as session:
        await session.execute(text("ANALYZE"))
    return stage, member


async def measure(
    harness: Harness, url: str, client: httpx.AsyncClient, community_id: UUID, looked_for: Words, repetitions: int
) -> dict[str, Taken]:
    """How long it takes to search for each word, in each way, and to have the dearest suggestions."""
    database = harness.runtime.database

    def searching(word: str) -> Work:
        async def search() -> None:
            (await client.get("/v1/search", params={"q": word})).raise_for_status()

        return search

    def asking(word: str) -> Work:
        query, within = understood(word), Within([community_id])

        async def ask() -> None:
            async with database.reading() as session:
                assert (await candidates(session, query, within)).rows

        return ask

    def suggesting(typed: str) -> Work:
        async def suggest() -> None:
            (await client.get("/v1/search/suggestions", params={"q": typed})).raise_for_status()

        return suggest

    def counting(word: str) -> Work:
        holding = select(func.count()).where(col(SearchDocument.text).like(f"%{word}%"))

        async def count() -> None:
            async with database.reading() as session:
                await session.execute(holding)

        return count

    def reading(word: str) -> Work:
        newest = select(_DOCUMENTS).where(_DOCUMENTS.c.text.like(f"%{word}%"))
        page = newest.order_by(_DOCUMENTS.c.number.desc()).limit(PAGE)

        async def read_page() -> None:
            async with database.reading() as session:
                (await session.execute(page)).all()

        return read_page

    works = {f"search {word}": searching(word) for word in looked_for.all}
    works |= {f"index {word}": asking(word) for word in looked_for.all}
    common = looked_for.common
    works |= {f"suggestions for {typed}": suggesting(typed) for typed in (common[0], "sh", common * 6)}
    seldom = {f"LIKE {word}": counting(word) for word in looked_for.frequent}
    seldom |= {f"page of LIKE {word}": reading(word) for word in looked_for.frequent}
    return await in_turn(works, seldom, repetitions, server_of(url))


def figures(what: str, looked_for: Words, taken: Mapping[str, Taken]) -> list[Figure]:
    """The rows: of several words the one in the middle."""
    for name, one in taken.items():
        print(f"  {name}: {one}")

    def middle(kind: str, some: Sequence[str]) -> float:
        return statistics.median(taken[f"{kind} {word}"].median for word in some)

    def last(some: Sequence[str]) -> float:
        return statistics.median(taken[f"search {word}"].last for word in some)

    def used(kind: str) -> float:
        return statistics.median(taken[f"{kind} {word}"].used for word in frequent)

    frequent = looked_for.frequent
    asked, alone = middle("search", frequent), middle("index", frequent)
    counted, page = middle("LIKE", frequent), middle("page of LIKE", frequent)
    worked, theirs = used("search"), used("LIKE") + used("page of LIKE")
    rare, often, any_ = last(RARE), last(frequent), last([looked_for.common])
    dearest = max(one.median for name, one in taken.items() if name.startswith("suggestions"))
    seldom = middle("search", RARE)
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors"
    return [
        Figure(f"{what}, a frequent word against LIKE that counts and reads a page", f"{asked:.1f} ms ({load})",
               f"{counted + page:.1f} ms", (counted + page) / asked, LIKE_AT_LEAST, "least"),
        Figure(f"{what}, the same by processor time, with the database's", f"{worked:.1f} ms",
               f"{theirs:.1f} ms", theirs / worked, LIKE_AT_LEAST, "least"),
        Figure(f"{what}, the statements alone against LIKE that counts", f"{alone:.1f} ms",
               f"{counted:.1f} ms", counted / alone, LIKE_AT_LEAST, "least"),
        Figure(f"{what}, p99 of a frequent word against a rare one", f"{often:.1f} ms", f"{rare:.1f} ms",
               often / rare, FREQUENT_AT_MOST, "most"),
        Figure(f"{what}, p99 of the commonest word against a rare one", f"{any_:.1f} ms", f"{rare:.1f} ms",
               any_ / rare, ANY_AT_MOST, "most"),
        Figure(f"{what}, the dearest suggestion against a rare word", f"{dearest:.1f} ms", f"{seldom:.1f} ms",
               dearest / seldom, ANY_AT_MOST, "most"),
    ]  # fmt: skip


async def compare(database: str, made: list[str], repetitions: int, folder: str, url: str) -> list[Figure]:
    """Fill one database and measure."""
    settings = Settings(data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded")
    looked_for = words(made)
    async with Harness(definition, settings, database_url=url, clock=SettableClock(NOON), held=False) as harness:
        begun = time.perf_counter()
        stage, member = await fill(harness, made)
        print(f"{database}: {len(made):,} documents indexed in {time.perf_counter() - begun:.0f} s")
        taken = await measure(harness, url, member.client, stage.community_id, looked_for, repetitions)
    return figures(f"search in {len(made):,} documents on {database}", looked_for, taken)


def run(documents: int = 100_000, repetitions: int = 100) -> list[Figure]:
    """Measure both databases."""
    path = shared_data_folder() / "chinese-search.ndjson.gz"
    if not path.exists():
        print(f"skipped: there is no {path}")
        return []
    made = texts(path, documents)
    found = []
    for database in DATABASES:
        with tempfile.TemporaryDirectory() as folder, fresh(database, folder) as url:
            found += asyncio.run(compare(database, made, repetitions, folder, url))
    return found


if __name__ == "__main__":
    rows = run(*(int(argument) for argument in sys.argv[1:]))
    for row in rows:
        print(row.line())
    sys.exit(0 if all(row.reached for row in rows) else 1)

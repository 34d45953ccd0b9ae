"""Searching many Chinese documents for words of two characters, against `LIKE` over the same texts, on SQLite and on PostgreSQL.

    python -m benchmarks.search_speed [DOCUMENTS [REPETITIONS]]

Our side is the whole request, without a network: token, permission, what fits best, snippets, names. The documents are made of sentences of
the real ones, with their commonness of words; a rare word stands in one, a frequent one in about a hundredth.
"""

import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import col

from benchmarks.figures import Figure
from benchmarks.search_quality import DATABASES, fresh, read
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.content.definition import definition
from services.content.search.indexing import Entry, put
from services.content.search.models import SearchDocument
from tests.service.stage import NOON, OnStage, Stage
from tests.support.needs import shared_data_folder

AT_ONCE = 500
RARE = "麒麟"
LIKE_AT_LEAST = 20.0
FREQUENT_AT_MOST = 3.0
ANY_AT_MOST = 10.0


def texts(path: Path, count: int) -> list[str]:
    """Documents of real sentences, the same each time; one of them has the rare word."""
    chance = random.Random(7)
    sentences = [
        sentence.replace(RARE, "")
        for document in read(path).documents
        for sentence in re.split("(?<=[。，；])", document["text"])
        if sentence
    ]
    made = ["".join(chance.choices(sentences, k=chance.randint(5, 25))) for _ in range(count)]
    made[count // 2] += RARE
    return made


def words(made: list[str]) -> tuple[str, str]:
    """A word in about a hundredth of the documents, and the commonest."""
    documents = Counter(pair for one in made for pair in set(re.findall("(?=([一-龥]{2}))", one)))
    frequent = min(documents, key=lambda pair: abs(documents[pair] - len(made) // 100))
    return frequent, documents.most_common(1)[0][0]


async def times(work: Callable[[], Awaitable[Any]], repetitions: int) -> tuple[float, float]:
    """The median and the 99th percentile in milliseconds."""
    taken = []
    for repetition in range(repetitions + 3):
        begun = time.perf_counter()
        await work()
        if repetition >= 3:  # the first ones warm caches
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=100, method="inclusive")[98]


def _entry(stage: Stage, member: OnStage, one: str) -> Entry:
    # A title is as long as one that people write.
    return Entry(new_id(), "discussion", stage.community_id, member.id, one, True, NOON, title=one[: len(one) % 20 + 5])


async def compare(database: str, made: list[str], repetitions: int, folder: str, url: str) -> list[Figure]:
    """Fill one database and measure."""
    settings = Settings(data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded")
    async with Harness(definition, settings, database_url=url, clock=SettableClock(NOON), held=False) as harness:
        stage = Stage(harness)
        await stage.open()
        member = await stage.member()
        begun = time.perf_counter()
        for start in range(0, len(made), AT_ONCE):
            async with harness.runtime.database.transaction() as session:
                for one in made[start : start + AT_ONCE]:
                    await put(session, _entry(stage, member, one))
        async with harness.runtime.database.transaction() as session:
            await session.execute(text("ANALYZE"))
        print(f"{database}: {len(made):,} documents indexed in {time.perf_counter() - begun:.0f} s")

        def searching(word: str) -> Callable[[], Awaitable[Any]]:
            async def search() -> None:
                (await member.client.get("/v1/search", params={"q": word})).raise_for_status()

            return search

        def suggesting(typed: str) -> Callable[[], Awaitable[Any]]:
            async def suggest() -> None:
                (await member.client.get("/v1/search/suggestions", params={"q": typed})).raise_for_status()

            return suggest

        async def like() -> None:
            holding = select(func.count()).where(col(SearchDocument.text).like(f"%{frequent}%"))
            async with harness.runtime.database.reading() as session:
                await session.execute(holding)

        frequent, common = words(made)
        rare = await times(searching(RARE), repetitions)
        often = await times(searching(frequent), repetitions)
        any_ = await times(searching(common), repetitions)
        typed = [await times(suggesting(q), repetitions) for q in (common[0], "sh", common * 6)]
        compared = await times(like, max(3, repetitions // 10))
    sides = [(RARE, rare), (frequent, often), (common, any_), (f"LIKE {frequent}", compared)]
    sides += [(f"suggestions for {q}", one) for q, one in zip((common[0], "sh", "the longest"), typed, strict=True)]
    for word, (middle, last) in sides:
        print(f"  {word}: median {middle:.2f} ms, p99 {last:.2f} ms")
    what = f"search in {len(made):,} documents on {database}"
    return [
        Figure(f"{what}, a frequent word against LIKE", f"{often[0]:.1f} ms", f"{compared[0]:.1f} ms",
               compared[0] / often[0], LIKE_AT_LEAST, "least"),
        Figure(f"{what}, p99 of a frequent word against a rare one", f"{often[1]:.1f} ms", f"{rare[1]:.1f} ms",
               often[1] / rare[1], FREQUENT_AT_MOST, "most"),
        Figure(f"{what}, p99 of the commonest word against a rare one", f"{any_[1]:.1f} ms", f"{rare[1]:.1f} ms",
               any_[1] / rare[1], ANY_AT_MOST, "most"),
        Figure(f"{what}, the dearest suggestion against a rare word", f"{max(typed)[0]:.1f} ms", f"{rare[0]:.1f} ms",
               max(typed)[0] / rare[0], ANY_AT_MOST, "most"),
    ]  # fmt: skip


def run(documents: int = 100_000, repetitions: int = 100) -> list[Figure]:
    """Measure both databases."""
    path = shared_data_folder() / "chinese-search.ndjson.gz"
    if not path.exists():
        print(f"skipped: there is no {path}")
        return []
    made = texts(path, documents)
    figures = []
    for database in DATABASES:
        with tempfile.TemporaryDirectory() as folder, fresh(database, folder) as url:
            figures += asyncio.run(compare(database, made, repetitions, folder, url))
    return figures


if __name__ == "__main__":
    found = run(*(int(argument) for argument in sys.argv[1:]))
    for figure in found:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in found) else 1)

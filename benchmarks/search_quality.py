"""How good search is: documents written through the API and found by questions, on SQLite and on PostgreSQL.

    python -m benchmarks.search_quality FILE [--database sqlite|postgresql]

FILE has a line of JSON for each document (`kind`, `id`, `title`, `text`) and each query (`q`, `relevant`: an id or several); it may be
packed by gzip. MRR@10 is the mean of one through the place of the first that is relevant, recall@10 how many of the relevant ones are
among the first ten. Both are compared with the same index on plain FTS5 with its own rank.
"""

import argparse
import asyncio
import gzip
import json
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from chassis.hanzi import folded
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.content.definition import definition
from services.content.search.cutting import LONGEST_QUERY, cut
from tests.service.stage import NOON, Stage
from tests.support.needs import shared_data_folder
from tests.support.postgres import PostgresServer

DATABASES = ("sqlite", "postgresql")
TO_REACH = 0.985
FIRST = 10
TITLE_AT_MOST, TEXT_AT_MOST = 200, 20_000

Find = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Corpus:
    """What a file holds."""

    documents: Sequence[dict[str, Any]]
    queries: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Quality:
    """How well the queries find what is relevant."""

    mrr: float
    recall: float

    def __str__(self) -> str:
        return f"MRR@{FIRST} {self.mrr:.4f}, recall@{FIRST} {self.recall:.4f}"


def read(path: Path) -> Corpus:
    """The documents and queries of a file."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    return Corpus(
        [line for line in lines if line["kind"] == "document"], [line for line in lines if line["kind"] == "query"]
    )


async def quality(corpus: Corpus, find: Find) -> Quality:
    """Ask every query."""
    mrr = recall = 0.0
    for query in corpus.queries:
        relevant = {query["relevant"]} if isinstance(query["relevant"], str) else set(query["relevant"])
        found = list(await find(query["q"]))[:FIRST]
        places = [place for place, one in enumerate(found, 1) if one in relevant]
        mrr += 1 / places[0] if places else 0
        recall += len(places) / min(len(relevant), FIRST)
    count = max(1, len(corpus.queries))
    return Quality(mrr / count, recall / count)


async def of_product(corpus: Corpus, database_url: str, folder: str) -> Quality:
    """Of the product's search, everything through its API."""
    settings = Settings(data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded")
    clock = SettableClock(NOON)
    async with Harness(definition, settings, database_url=database_url, clock=clock, held=False) as harness:
        stage = Stage(harness)
        await stage.open()
        client = (await stage.member()).client
        names: dict[str, str] = {}
        for document in corpus.documents:
            body = {
                "community_id": str(stage.community_id),
                "kind": "topic",
                "title": document["title"][:TITLE_AT_MOST],
                "body": document["text"][:TEXT_AT_MOST],
            }
            answer = await client.post("/v1/discussions", json=body)
            answer.raise_for_status()
            names[answer.json()["id"]] = document["id"]

        async def find(question: str) -> Sequence[str]:
            answer = await client.get("/v1/search", params={"q": question[:LONGEST_QUERY], "limit": FIRST})
            if answer.status_code == 422:
                return ()
            answer.raise_for_status()
            return [names[hit["id"]] for hit in answer.json()["items"]]

        return await quality(corpus, find)


async def of_plain_index(corpus: Corpus) -> Quality:
    """Of FTS5's own rank over all windows of a question, the title weighing two."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(title, text, tokenize='ascii')")
    for number, document in enumerate(corpus.documents):
        texts = [" ".join(cut(folded(document[name]))) for name in ("title", "text")]
        connection.execute("INSERT INTO found (rowid, title, text) VALUES (?, ?, ?)", (number, *texts))

    async def find(question: str) -> Sequence[str]:
        asked = " OR ".join(f'"{token}"' for token in dict.fromkeys(cut(folded(question))) if len(token) > 1)
        best = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY bm25(found, 2, 1) LIMIT ?"
        return [corpus.documents[row[0]]["id"] for row in connection.execute(best, (asked, FIRST))] if asked else ()

    return await quality(corpus, find)


@contextmanager
def fresh(database: str, folder: str) -> Iterator[str]:
    """The address of an empty database."""
    if database == "sqlite":
        yield f"sqlite:///{folder}/content.sqlite"
        return
    with PostgresServer() as server:
        yield server.create_database("content")


async def measure(path: Path, databases: Sequence[str]) -> list[Figure]:
    """Measure each database."""
    corpus = read(path)
    plain = await of_plain_index(corpus)
    print(f"{len(corpus.documents)} documents, {len(corpus.queries)} queries; plain FTS5: {plain}")
    figures = []
    for database in databases:
        with tempfile.TemporaryDirectory() as folder, fresh(database, folder) as url:
            ours = await of_product(corpus, url, folder)
        print(f"{database}: {ours}")
        what = f"search quality on {database}, MRR@{FIRST} (plain FTS5 beside it)"
        figures.append(Figure(what, str(ours), str(plain), ours.mrr, TO_REACH, "least", ""))
    return figures


def run(path: Path | None = None, databases: Sequence[str] = DATABASES) -> list[Figure]:
    """The real Chinese questions among the shared data, unless another file is named."""
    path = path or shared_data_folder() / "chinese-search.ndjson.gz"
    if not path.exists():
        print(f"skipped: there is no {path}")
        return []
    return asyncio.run(measure(path, databases))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How good search is.")
    parser.add_argument("file", type=Path, help="documents and queries, a line of JSON each")
    parser.add_argument("--database", choices=DATABASES, help="by default both")
    arguments = parser.parse_args()
    found = run(arguments.file, [arguments.database] if arguments.database else DATABASES)
    for figure in found:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in found) else 1)

"""ClickHouse's own engine, from its wheel, in a process of its own that ends: `python -m tests.support.clickhouse` reads what to do as JSON.

It has no Kafka: `messages_queue` of deploy/clickhouse is a table here into which the tests put the records.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[2] / "deploy" / "clickhouse"
QUEUE = (
    "CREATE TABLE qunxue.messages_queue (message String, `_headers.name` Array(String), `_headers.value` Array(String))"
    " ENGINE = Null"
)


def statements() -> list[str]:
    """Those of facts.sql, with the queue as it is here."""
    text = "\n".join(line for line in (SCRIPTS / "facts.sql").read_text().splitlines() if not line.startswith("--"))
    found = [one.strip() for one in text.split(";\n") if one.strip()]
    (queue,) = (one for one in found if "ENGINE = Kafka" in one)
    return [QUEUE if one is queue else one.removesuffix(";") for one in found]


def query(name: str) -> str:
    """One of the queries that lie beside it."""
    return (SCRIPTS / f"{name}.sql").read_text().rstrip().removesuffix(";")


def answers(
    records: Sequence[tuple[Sequence[tuple[str, bytes]], bytes]], asked: Sequence[tuple[str, Mapping[str, str]]]
) -> list[list[list[Any]]]:
    """The rows of each query, after these records (headers and value) came by Kafka."""
    rows = [
        {
            "message": value.decode(),
            "_headers.name": [name for name, _ in headers],
            "_headers.value": [said.decode() for _, said in headers],
        }
        for headers, value in records
    ]
    work = {"statements": statements(), "rows": rows, "asked": asked}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.clickhouse"],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[list[list[Any]]] = json.loads(done.stdout)
    return found


def _main() -> None:
    from chdb.session import Session

    work = json.load(sys.stdin)
    session = Session()
    for statement in work["statements"]:
        session.query(statement)
    lines = "\n".join(json.dumps(row) for row in work["rows"])
    if lines:
        session.query(f"INSERT INTO qunxue.messages_queue FORMAT JSONEachRow\n{lines}")
    found = []
    for statement, parameters in work["asked"]:
        answer = str(session.query(statement, "JSONCompactEachRow", params=parameters))
        found.append([json.loads(line) for line in answer.splitlines() if line])
    print(json.dumps(found))


if __name__ == "__main__":
    _main()

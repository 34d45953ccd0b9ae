"""A question without a name, through all services: whoever answers is paid, who asked is found nowhere beside it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.waiting import eventually_sync
from tests.system.journey import OWNER, Journey

TITLE = "怎么和主管谈换岗？"


def walk_an_unnamed_question(journey: Journey, asker_no: str, answerer_no: str) -> tuple[set[str], set[str]]:
    """What stands for who asked, and what for what they asked: no record has one of each, but that of the mask."""
    asker, answerer, owner = journey[asker_no], journey[answerer_no], journey[OWNER]
    community = journey.community_id
    question: dict[str, Any] = {"community_id": community, "kind": "question", "title": TITLE, "unnamed": True}
    asker.problem("POST", "/v1/discussions", 422, "invalid", json=question | {"body": "请指教。"})
    policy, allowed = f"/v1/discussions/policy?community_id={community}", {"unnamed": True}
    owner.call("PATCH", policy, expect=200, json=allowed, headers={"If-Match": "*"})
    key = {"Idempotency-Key": "asked once"}
    asked = asker.post("/v1/discussions", question | {"body": "请指教。"}, expect=201, headers=key)
    path = f"/v1/discussions/{asked['id']}"
    answer = answerer.post(
        "/v1/replies", {"discussion_id": asked["id"], "kind": "answer", "body": "直说。"}, expect=201
    )
    below = {"discussion_id": asked["id"], "kind": "comment", "parent_reply_id": answer["id"], "body": "谢谢。"}
    thanks = asker.post("/v1/replies", below, expect=201)
    asker.post(f"/v1/replies/{answer['id']}/accept", expect=200)
    for given in (f"/v1/replies/{answer['id']}/reactions/like", f"{path}/bookmark", f"{path}/subscription"):
        asker.call("PUT", given, expect=200)
    asker.call("PUT", f"{path}/read", expect=200, json={"upto": 1})
    assert [one["id"] for one in asker.get("/v1/discussions", mine=True, limit=1)["items"]] == [asked["id"]]
    seen = answerer.get(path)
    assert (seen["author"]["display_name"], seen["mine"]["author"]) == ("匿名成员", False)
    me = asker.get("/v1/people/me")
    (member,) = [one["member_id"] for one in me["memberships"] if one["community"]["id"] == community]
    who = {member, me["id"], me["display_name"]}
    return who, {asked["id"], answer["id"], thanks["id"], seen["author"]["member_id"], TITLE}


def found_beside(folder: Path, who: set[str], what: set[str]) -> set[str]:
    """The tables and logs of an installation in a folder that have both in one row, or one line."""
    who, what = _spellings(who), _spellings(what)
    eventually_sync(lambda: not list(_rows(folder / "data" / "content.sqlite", "outbox")), what="all is relayed")
    of_it = [(place, text) for place, text in _records(folder) if any(one in text for one in what)]
    assert {"content", "gamification", "log"} <= {place.split(".")[0] for place, _ in of_it}, (
        "there is something to find"
    )
    return {place for place, text in of_it if any(one in text for one in who)}


def _spellings(some: set[str]) -> set[str]:
    return some | {one.replace("-", "") for one in some}


def _records(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted((folder / "data").glob("*.sqlite")):
        with closing(sqlite3.connect(file)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in _rows(file, table):
                yield f"{file.stem}.{table}", row
    for log in folder.rglob("*.log"):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            yield log.name, line


def _rows(file: Path, table: str) -> Iterator[str]:
    with closing(sqlite3.connect(file)) as database:
        for row in database.execute(f'SELECT * FROM "{table}"'):
            yield " ".join(_text(cell) for cell in row)


def _text(cell: Any) -> str:
    return cell.hex() + cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)

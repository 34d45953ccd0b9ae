"""A real community's history imported through the API: its figures come out exactly, however often it is imported."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from chassis.testing import SettableClock, received
from contracts.membership import MemberJoined, PersonRegistered
from services.gamification.definition import definition
from tests.service.gamification.stage import Stage, moment

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

BATCH = 500


@pytest.fixture(scope="module")
def history():
    default = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
    path = Path(os.environ.get("QUNXUE_SHARED_DATA", default)) / "history-meta.ndjson.gz"
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
async def stage(start_service, history):
    async with start_service(definition, clock=SettableClock(moment("2026-01-15T12:00:00Z"))) as harness:
        stage = Stage(harness)
        await stage.open()
        messages = []
        for row in history:
            if row["kind"] == "person":
                person, member, joined_at = (
                    stage.known_as(row["id"]),
                    stage.known_as(f"m{row['id']}"),
                    moment(row["at"]),
                )
                facts = {"employee_no": row["id"], "display_name": row["display_name"]}
                registered = PersonRegistered(person_id=person, kind="employee", status="active", **facts)
                joined = MemberJoined(
                    community_id=stage.community_id,
                    member_id=member,
                    person_id=person,
                    person_kind="employee",
                    status="active",
                    joined_at=joined_at,
                    via="import",
                    **facts,
                )
                messages += [received(registered, occurred_at=joined_at), received(joined, occurred_at=joined_at)]
        for start in range(0, len(messages), BATCH):
            await harness.deliver(*messages[start : start + BATCH])
        yield stage


async def everyone(stage):
    reader = stage.service("standing.read", "wallets.read")
    query = {"period": "all_time", "limit": 100, "count": True}
    items = []
    while True:
        board = await stage.board(reader, **query)
        items += board["items"]
        if board["next"] is None:
            return reader, items, board["total"]
        query["cursor"] = board["next"]


async def test_its_figures_come_out_exactly_and_a_third_import_changes_nothing(stage, history):
    content = "\n".join(
        json.dumps({"employee_no": row["author"], "occurred_at": row["at"]})
        for row in history
        if row["kind"] != "person"
    ).encode()
    results = [await stage.import_content(content, "application/x-ndjson") for _ in range(3)]
    assert [job["result"] for job in results] == [
        {"created": 2_818, "changed": 0, "unchanged": 1_840},
        {"created": 0, "changed": 0, "unchanged": 4_658},
        {"created": 0, "changed": 0, "unchanged": 4_658},
    ]
    assert all((job["state"], job["failed"]) == ("succeeded", 0) for job in results)

    reader, items, total = await everyone(stage)
    scores = {item["member"]["member_id"]: item["score"] for item in items}
    assert total == {"value": 378, "exact": True}
    assert [item["rank"] for item in items] == list(range(1, 379))
    assert sum(scores.values()) == 14_130
    assert Counter(item["level"]["code"] for item in items) == {
        "sprout": 349,
        "learner": 25,
        "backbone": 3,
        "expert": 1,
    }
    assert scores[str(stage.known_as("m771"))] == 1_595
    assert scores[str(stage.known_as("m1401"))] == 1_020

    wallets = [
        (await reader.get(f"/v1/wallets/{member_id}")).json()
        for member_id in (stage.known_as("m1933"), stage.known_as("m771"))
    ]
    assert wallets[0]["streak"]["longest"] == 9
    assert wallets[1]["xp"] == 1_595

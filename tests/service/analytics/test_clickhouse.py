"""The same figures in ClickHouse, straight from the topics, as the API answers: by what `deploy/clickhouse` says, in its own engine."""

import random
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import pytest

from chassis.messaging.codec import encode
from chassis.messaging.envelope import Message, Received
from chassis.testing import SettableClock, received
from contracts.events import ContestFinished, ContestStanding
from services.analytics.definition import definition
from services.analytics.facts.catalogue import CATALOGUE
from services.analytics.facts.verbs import ACTIVE
from tests.service.analytics.retained import ZONE, Retained, Story
from tests.service.stage import NOON
from tests.support import clickhouse

pytestmark = [pytest.mark.slow, pytest.mark.skipif(find_spec("chdb") is None, reason="no chdb is installed")]

YEARS = {"from": "2023-12-01", "to": "2024-05-31"}


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Retained(harness)
        await stage.prepare()
        yield stage


def record_of(told: Received):
    """A message as it lies in Kafka."""
    message = Message(
        id=str(told.id),
        source=told.source,
        type=told.data.TYPE,
        subject=told.subject,
        partition_key=told.subject,
        version=told.version,
        community_id=getattr(told.data, "community_id", None),
        actor="system",
        occurred_at=told.occurred_at,
        recorded_at=told.recorded_at,
        data=told.data.model_dump_json().encode(),
    )
    record = encode(message, "topic")
    return record.headers, record.value


async def test_clickhouse_gives_the_same_figures_as_the_api(stage):
    story = Story(stage, random.Random(7))
    await story.tell()
    told = story.messages + story.messages[::3]
    random.Random(7).shuffle(told)
    parameters = {"community": str(stage.community_id), "zone": ZONE}
    asked = [(clickhouse.query(name), parameters) for name in ("active_members", "retention")]
    active, retention = clickhouse.answers([record_of(one) for one in told], asked)

    answer = await stage.operator.get(
        "/v1/metrics/active_members", params={"community_id": str(stage.community_id), "grain": "month"} | YEARS
    )
    months = {item["from"]: item["value"] for item in answer.json()["items"] if item["value"]}
    assert {month: int(members) for month, members in active} == months
    assert len(months) > 3

    items = (await stage.retention(**YEARS))["items"]
    cells = {
        (item["cohort"], k): cell["n"]
        for item in items
        for k, cell in enumerate(item["cells"])
        if cell is not None and cell["n"]
    }
    assert {(cohort, int(number)): int(members) for cohort, number, members in retention} == cells
    assert len(cells) > 5


def test_everybody_of_every_line_of_a_contest_competed_once():
    teams = [[UUID(int=place), UUID(int=place + 1)] for place in (1, 3, 5)]
    told = [
        received(
            ContestFinished(
                community_id=UUID(int=9),
                activity_id=UUID(int=7),
                contest_id=UUID(int=8),
                revision=0,
                standings=tuple(
                    ContestStanding(rank=1, member_ids=tuple(one), score=0, prize_rank=1, prize_since=0)
                    for one in lines
                ),
                part=part,
                of=2,
            ),
            occurred_at=NOON,
        )
        for part, lines in ((1, teams[:2]), (2, teams[2:]))
    ]
    counted = "SELECT member_id, count() FROM qunxue.deeds GROUP BY member_id ORDER BY member_id"
    (rows,) = clickhouse.answers([record_of(one) for one in [*told, told[0]]], [(counted, {})])
    assert [(UUID(member_id), int(count)) for member_id, count in rows] == [(UUID(int=n), 1) for n in range(1, 7)]


def test_whatever_makes_somebody_active_stands_in_clickhouse_too():
    listed = "SELECT type, key, member, counts, counts_if FROM qunxue.deed_types ORDER BY type"
    (rows,) = clickhouse.answers([], [(listed, {})])
    assert {row[0]: tuple(row[1:]) for row in rows} == expected()


def expected():
    """By type of message: where the deed's id stands, who did it, whether it counts then."""
    named = {"subject": "", "_submission": "#", "_participants": "member_ids", "_competitors": "standings"}
    found: dict[str, tuple[Any, ...]] = {}

    def field(how: Any) -> str:
        return how if isinstance(how, str) else named[how.__name__]

    for message, entry in CATALOGUE.items():
        for deed in entry.deeds:
            if deed.verb in ACTIVE:
                found[message.TYPE] = (field(deed.key), field(deed.by), True, "")
        for undone in entry.undone:
            if ACTIVE.intersection(undone.verbs):
                found[message.TYPE] = (field(undone.key), "", not undone.voided, undone.unless or "")
        # Articles and ideas have several authors, and are removed for all of them.
        if entry.about and entry.about.voided is not None and entry.about.kind in {"article", "idea"}:
            found[message.TYPE] = (field(entry.about.id), "", not entry.about.voided, "")
    return found

"""The HR system writes to the log with any client; membership's own consumer follows it, on either log."""

import uuid
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.envelope import Record
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.people.models import Person
from tests.support.messaging import running
from tests.support.waiting import eventually


@pytest.fixture
async def membership(tmp_path):
    settings = Settings(data_dir=tmp_path, secret_key=SecretStr("x" * 40))
    async with Harness(definition, settings) as harness:
        yield harness


def message(what, data, *, source="/corporate/hr"):
    """A record as the guide says how to write one."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_source": source,
        "ce_type": f"corporate.hr.person.{what}.v1",
        "ce_time": datetime.now(UTC).isoformat(),
    }
    return Record("corporate.hr", b"00123", data.encode(), tuple((n, v.encode()) for n, v in headers.items()))


async def people(membership):
    async with membership.runtime.database.reading() as session:
        rows = await session.execute(select(col(Person.employee_no), col(Person.title), col(Person.status)))
    return [tuple(row) for row in rows]


async def test_the_hr_system_is_followed(membership, log):
    await log.ensure_topics(["corporate.hr"])
    producer = await log.producer()
    await producer.send(
        [
            message("hired", '{"employee_no": "00123", "display_name": "张伟", "title": "工程师"}'),
            message("moved", '{"employee_no": "00123", "title": null}'),
            message("left", '{"employee_no": "00123"}', source="/corporate/lms"),
            message("married", '{"employee_no": "00123"}'),
            message("moved", '{"employee_no": 123}'),
            message("left", '{"employee_no": "00123", "left_on": "2026-01-05"}'),
        ]
    )
    await producer.close()
    consumer = MessageConsumer(membership.runtime.database, log, definition.handlers, name="membership")

    async def gone():
        return await people(membership) == [("00123", None, "left")]

    async with running(consumer):
        await eventually(gone)
    letters = definition.tables.messaging.dead_letters
    async with membership.runtime.database.reading() as session:
        reasons = list((await session.execute(select(letters.c.reason).order_by(letters.c.offset))).scalars())
    assert reasons == ["wrong_source", "wrong_schema"]

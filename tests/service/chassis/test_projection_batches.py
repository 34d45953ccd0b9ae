"""What a service pays to know of members: as many statements for a batch as for one message, on either database."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.conduct import RuleSetAcknowledged, RuleSetPublished
from contracts.membership import (
    CommunityUpdated,
    DepartmentUpdated,
    MemberRoleChanged,
    PersonUpdated,
    SanctionChanged,
    WorkCalendarUpdated,
)
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import Workshop
from tests.service.chassis.workshop_things import known
from tests.support.light import lightened
from tests.support.statements import Statement, listening, recorded

THEN = datetime(2024, 1, 1, tzinfo=UTC)


def news_of(person: Any, version: int, **facts: Any) -> list[Any]:
    """One message to each table; person, member and community of one id are the same every time."""
    community = {
        "community_id": person, "slug": f"c-{person}", "name": "读书会 \\N \"'", "kind": "training", "status": "open",
        "visibility": "internal", "join": "open", "time_zone": "Asia/Shanghai", "day_starts_at": time(4, 30),
        "streak_days": "every_day", "charter_version": 1, "topics": ("书", "茶"),
    }  # fmt: skip
    member = {
        "member_id": person, "person_id": person, "community_id": person, "display_name": "张伟",
        "person_kind": "employee", "roles": ("owner", "host"), "status": "active", "joined_at": THEN, "via": "import",
    }  # fmt: skip
    events = [
        PersonUpdated(person_id=person, display_name="张伟", kind="employee", status="active"),
        DepartmentUpdated(code=f"D{person}", name="研发部"),
        CommunityUpdated(**community),
        MemberRoleChanged(**member | facts),
        SanctionChanged(community_id=person, member_id=person, status="muted", until=THEN + timedelta(days=1)),
        RuleSetPublished(community_id=person, rule_set_id=person, version=version, rules=(), acknowledge_by=THEN),
        RuleSetAcknowledged(community_id=person, member_id=person, rule_set_id=person, version=1),
        WorkCalendarUpdated(country="CN", year=person.int % 9000, known_until=THEN.date()),
    ]
    return [received(event, occurred_at=THEN, version=version) for event in events]


def written(statements: list[Statement]) -> Counter[str]:
    """How many upserts each table of the projection got; each row of a list of parameters is one."""
    return Counter(
        name
        for name in (
            "known_people",
            "known_departments",
            "known_communities",
            "known_members",
            "known_sanctions",
            "known_rule_sets",
            "known_acknowledgements",
            "known_work_calendars",
        )
        for one in statements
        if one.sql.startswith(f"INSERT INTO {name}")
        for _ in (one.parameters if one.many else [one])
    )


@pytest.fixture
async def heard(settings, database_url, switches):
    """The service, every statement of which is heard."""
    with listening():
        workshop = Workshop(of.workshop, settings, database_url=database_url, migrated=True)
        lightened(workshop.runtime.database)
        async with workshop as running:
            yield running


@pytest.mark.parametrize("number", [1, 2, 200])
async def test_a_batch_is_one_statement_for_each_table_and_as_many_in_all_as_one_message(heard, number):
    await heard.deliver(*news_of(new_id(), 1))
    with recorded() as alone:
        await heard.deliver(*news_of(new_id(), 1))
    people = [new_id() for _ in range(number)]
    with recorded() as together:
        await heard.deliver(*(message for person in people for message in news_of(person, 1)))
    assert set(written(together).values()) == {1}
    assert len(written(together)) == 8
    assert len(together) == len(alone)


@pytest.mark.parametrize("number", [1, 3, 120])
async def test_what_a_batch_says_is_what_one_message_would(heard, number):
    alone, together = new_id(), [new_id() for _ in range(number)]
    await heard.deliver(*news_of(alone, 1))
    await heard.deliver(*(message for person in together for message in news_of(person, 1)))
    for table in (known.people, known.communities, known.members, known.sanctions):
        rows = {row["id"]: row for row in (row._asdict() for row in await heard.rows(table.select()))}
        ids = {"id", "person_id", "community_id", "slug", "told_at"}
        of_one = {name: value for name, value in rows[alone].items() if name not in ids}
        for person in together:
            assert {name: value for name, value in rows[person].items() if name not in ids} == of_one
            assert rows[person]["told_at"] is not None


async def test_of_a_batch_each_row_takes_what_is_newer_and_no_more(heard):
    older, newer, unknown = new_id(), new_id(), new_id()
    await heard.deliver(*news_of(older, 5), *news_of(newer, 5))
    async with heard.runtime.database.transaction() as session:
        await session.execute(known.members.update().values(acknowledged=False))
    left = {"status": "left", "roles": ()}
    told = [*news_of(older, 4, **left), *news_of(newer, 6, **left), *news_of(unknown, 1)]
    await heard.deliver(*told)
    rows = {row.id: row for row in await heard.rows(known.members.select())}
    assert [(rows[one].status, rows[one].version) for one in (older, newer, unknown)] == [
        ("active", 5),
        ("left", 6),
        ("active", 1),
    ]
    assert [sorted(rows[one].roles) for one in (older, newer)] == [["host", "owner"], []]
    assert [rows[one].acknowledged for one in (older, newer, unknown)] == [False, False, True]


async def test_what_is_told_again_fills_what_the_service_did_not_keep_before(heard):
    person = new_id()
    state: dict[str, Any] = {"person_id": person, "display_name": "张伟", "kind": "employee", "status": "active"}
    told = PersonUpdated(**state, job_grade="P7", site="杭州")
    department = DepartmentUpdated(code=f"D{person}", name="研发部", parent_code="D0")
    await heard.deliver(*(received(one, occurred_at=THEN, version=3) for one in (told, department)))
    async with heard.runtime.database.transaction() as session:
        await session.execute(known.people.update().values(job_grade=None, site=None))
        await session.execute(known.departments.update().values(parent_code=None))
    later = THEN + timedelta(days=1)
    older = PersonUpdated(**state, job_grade="P6")
    again = [received(one, occurred_at=later, version=3) for one in (told, department)]
    await heard.deliver(*again, received(older, occurred_at=later, version=2))
    [kept] = await heard.rows(known.people.select().where(known.people.c.id == person))
    assert (kept.job_grade, kept.site, kept.version) == ("P7", "杭州", 3)
    [kept] = await heard.rows(known.departments.select())
    assert (kept.parent_code, kept.version) == ("D0", 3)

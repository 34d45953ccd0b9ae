"""What people are called, as the company's own lists of words decide about it."""

from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from chassis.testing import received
from contracts.base import IntegrationEvent
from contracts.content import CompanyRulesChanged, TextDecided
from contracts.corporate import HrPersonMoved
from contracts.texts import TextObject
from services.membership.people.models import Person
from services.membership.people.naming import STAND_IN

ADMINISTRATOR = "Administrator"
"""Who was written just before the lists began."""
BAD, GOOD = "代开发票", "张伟"


class Names:
    """Somebody whose name moderation hears of, and what it answers."""

    def __init__(self, membership):
        self.membership = membership
        self.version = 0

    async def deliver(self, *events: IntegrationEvent, versions=None):
        messages = []
        for place, event in enumerate(events):
            self.version += 1
            version = versions[place] if versions else self.version
            messages.append(received(event, occurred_at=self.membership.harness.clock(), version=version))
        await self.membership.harness.deliver(*messages)

    async def judge(self, judges=True):
        await self.deliver(CompanyRulesChanged(judges=judges))

    def verdict(self, person, revision, verdict):
        key = UUID(str(person["id"]))
        about = TextObject(service="membership", kind="person", id=key, revision=revision)
        return TextDecided(object=about, root_id=key, verdict=verdict)

    async def asked(self):
        return [
            (one.data["text"]["name"], one.data["object"]["revision"])
            for one in await self.membership.harness.published("text.written")
            if one.data["text"]["name"] != ADMINISTRATOR
        ]

    async def told(self):
        return [one.data["display_name"] for one in await self.membership.harness.published("person.")][1:]

    async def read(self, person):
        """What is told of somebody, and what those who keep people read."""
        own = (await self.membership.admin.get(f"/v1/people/{person['id']}")).json()
        return (await self.told())[-1], own["display_name"], own["name_hidden"]


@pytest.fixture
async def names(membership):
    return Names(membership)


async def test_a_held_name_is_read_by_those_who_keep_people_until_it_is_released(membership, names):
    await names.judge()
    person = await membership.activated(BAD, email="a@qunxue.example")
    # Nobody has judged it: it is read as it was written.
    assert (await names.asked(), await names.read(person)) == ([(BAD, 1)], (BAD, BAD, None))
    asked = (await membership.harness.published("text.written"))[-1]
    assert (asked.data["object"]["kind"], "community_id" in asked.data, asked.data["author_id"]) == (
        "person",
        False,
        person["id"],
    )
    await names.deliver(names.verdict(person, 1, "hold"))
    assert await names.read(person) == (STAND_IN, BAD, "waiting")
    me = await (await membership.entered("a@qunxue.example")).get("/v1/people/me")
    assert (me.json()["display_name"], me.json()["name_hidden"]) == (BAD, "waiting")
    assert (await membership.find(q="daikai"), await membership.find(q="代开")) == ([], [])
    await names.deliver(names.verdict(person, 1, "release"))
    assert await names.read(person) == (BAD, BAD, None)
    assert await membership.find(q="daikai") == [BAD]


async def test_a_removed_name_stays_hidden_until_it_is_written_anew(membership, names):
    await names.judge()
    person = await membership.person(BAD)
    path = f"/v1/people/{person['id']}"
    await names.deliver(names.verdict(person, 1, "hold"), names.verdict(person, 1, "remove"))
    assert await names.read(person) == (STAND_IN, BAD, "removed")
    now = await membership.admin.get(path)
    # What is written again as it was, and what else changes, lets nobody read it.
    changed = await membership.admin.patch(
        path, json={"display_name": BAD, "title": "工程师"}, headers={"If-Match": now.headers["ETag"]}
    )
    assert (changed.status_code, await names.read(person)) == (200, (STAND_IN, BAD, "removed"))
    changed = await membership.admin.patch(
        path, json={"display_name": GOOD}, headers={"If-Match": changed.headers["ETag"]}
    )
    assert (await names.asked(), await names.read(person)) == ([(BAD, 1), (GOOD, 2)], (GOOD, GOOD, None))
    # An answer about what they were called before comes too late.
    await names.deliver(names.verdict(person, 1, "remove"))
    assert await names.read(person) == (GOOD, GOOD, None)


async def test_the_same_row_and_the_same_message_again_change_nothing_of_a_hidden_name(membership, names):
    await names.judge()
    file = f"工号,姓名\n007,{BAD}\n008,{GOOD}\n"
    await membership.import_file("people", file)
    listed = (await membership.admin.get("/v1/people", params={"limit": 50})).json()["items"]
    person = next(one for one in listed if one["employee_no"] == "007")
    assert sorted(await names.asked()) == sorted([(BAD, 1), (GOOD, 1)])
    await names.deliver(names.verdict(person, 1, "hold"))
    before = await names.told()
    job, _ = await membership.import_file("people", file)
    assert job["result"] == {"created": 0, "changed": 0, "unchanged": 2}
    await names.deliver(HrPersonMoved(employee_no="007", display_name=BAD))
    assert (await names.told(), await names.read(person)) == (before, (STAND_IN, BAD, "waiting"))
    await names.deliver(HrPersonMoved(employee_no="007", title="讲师"))
    assert await names.read(person) == (STAND_IN, BAD, "waiting")
    await membership.import_file("people", f"工号,姓名\n007,{GOOD}\n")
    assert (await names.read(person), (await names.asked())[-1]) == ((GOOD, GOOD, None), (GOOD, 2))
    entries = (await membership.admin.get("/internal/audit", params={"object_id": person["id"]})).json()["items"]
    assert [one["changes"]["display_name"] for one in entries if "display_name" in one["changes"]] == []


async def test_answers_in_any_order_and_twice_leave_the_same_name(membership, names):
    await names.judge()
    verdicts = [(5, "hold"), (6, "release"), (7, "remove")]
    people = [await membership.person(BAD) for _ in permutations(verdicts)]
    for person, order in zip(people, permutations(verdicts), strict=True):
        messages = [names.verdict(person, 1, verdict) for _, verdict in order]
        await names.deliver(*messages, *messages, versions=[version for version, _ in order] * 2)
        assert await names.read(person) == (STAND_IN, BAD, "removed"), order


async def test_nobody_is_asked_about_names_while_nothing_is_looked_for(membership, names):
    earlier = await membership.person("早先")
    async with membership.harness.runtime.database.transaction() as session:
        day = membership.harness.clock().replace(year=2020)
        await session.execute(update(Person).where(col(Person.id) == UUID(str(earlier["id"]))).values(updated_at=day))
    meanwhile = await membership.person(BAD)
    assert await names.asked() == []
    # Who was written between a list's beginning and the message of it is asked about, once.
    await names.judge()
    await names.judge()
    assert (BAD, 1) in await names.asked()
    assert "早先" not in [name for name, _ in await names.asked()]
    await names.deliver(names.verdict(meanwhile, 1, "hold"))
    # An older message of the rules comes late.
    await names.deliver(CompanyRulesChanged(judges=False), versions=[1])
    await membership.person("后来")
    assert (await names.asked())[-1] == ("后来", 1)
    await names.judge(judges=False)
    asked = await names.asked()
    await membership.person("再后来")
    assert await names.asked() == asked
    # Who was asked about before is told of still: else an answer to what they were called would be taken for one to the new name.
    path = f"/v1/people/{meanwhile['id']}"
    etag = (await membership.admin.get(path)).headers["ETag"]
    await membership.admin.patch(path, json={"display_name": GOOD}, headers={"If-Match": etag})
    await names.deliver(names.verdict(meanwhile, 1, "remove"))
    assert ((await names.asked())[-1], await names.read(meanwhile)) == ((GOOD, 2), (GOOD, GOOD, None))

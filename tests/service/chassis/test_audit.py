"""The audit says who did what, and keeps no secret in doing so."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.audit import AuditObject, audit, masked
from chassis.ids import new_id
from tests.service.chassis.shop import code_of


async def renamed(shop):
    owner = await shop.member("owner")
    thing = await shop.thing()
    answer = await owner.patch(
        f"/v1/things/{thing}", json={"name": "new"}, headers={"If-Match": '"1"', "X-Request-Id": "request-0001"}
    )
    assert answer.status_code == 200
    return owner, thing


async def test_a_command_leaves_its_trace_in_its_own_transaction(shop):
    owner, thing = await renamed(shop)
    listed = await owner.get("/internal/audit", params={"community_id": shop.community_id})
    [entry] = listed.json()["items"]
    assert (entry["actor"]["kind"], entry["actor"]["id"]) == ("person", str(owner.person_id))
    assert (entry["action"], entry["object_id"], entry["request_id"]) == ("thing.rename", str(thing), "request-0001")
    assert entry["changes"] == {"name": ["a thing", "new"], "secret": ["***", "***"]}


async def test_a_refused_command_leaves_none(shop):
    owner = await shop.member("owner")
    thing = await shop.thing()
    refused = await owner.patch(f"/v1/things/{thing}", json={"name": "new"}, headers={"If-Match": '"9"'})
    assert code_of(refused) == (412, "precondition_failed")
    listed = await owner.get("/internal/audit", params={"community_id": shop.community_id})
    assert listed.json()["items"] == []


async def test_owners_read_their_communitys_and_auditors_everything(shop):
    owner, _ = await renamed(shop)
    params = {"community_id": str(shop.community_id)}
    assert code_of(await (await shop.member("operator")).get("/internal/audit", params=params)) == (403, "forbidden")
    assert code_of(await owner.get("/internal/audit")) == (403, "forbidden")
    for role in ("auditor", "admin"):
        listed = await shop.as_person(platform=[role]).get("/internal/audit")
        assert len(listed.json()["items"]) == 1
    assert code_of(await shop.as_person(platform=["hr"]).get("/internal/audit")) == (403, "forbidden")


@pytest.mark.parametrize(
    "field",
    [
        "password",
        "new_password",
        "password_hash",
        "client_secret",
        "refresh_token",
        "email",
        "work_email",
        "phone",
        "answers",
        "code",
        "note",
    ],
)
def test_what_must_not_be_kept_is_masked(field):
    assert masked({field: ["before", None]}) == {field: ["***", None]}
    assert masked({"person": [None, {field: "hush", "name": "张伟"}]}) == {
        "person": [None, {field: "***", "name": "张伟"}]
    }


def test_what_may_be_kept_is_kept_as_it_was():
    moment, id_ = datetime(2024, 5, 6, tzinfo=UTC), UUID(int=1)
    assert masked({"at": [None, moment], "ids": [[id_], []], "department_code": ["A1", "A2"], "n": [1, 2.5]}) == {
        "at": [None, "2024-05-06T00:00:00+00:00"],
        "ids": [[str(id_)], []],
        "department_code": ["A1", "A2"],
        "n": [1, 2.5],
    }


async def test_the_machine_is_an_actor_too(shop):
    async with shop.runtime.database.transaction() as session:
        await audit(session, None, AuditObject("thing", new_id()), "thing.sweep", {}, shop.clock())
    [entry] = (await shop.as_person(platform=["auditor"]).get("/internal/audit")).json()["items"]
    assert entry["actor"]["kind"] == "system"

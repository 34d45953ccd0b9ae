"""Who keeps endpoints, where they may be, and how their secrets change."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis import outgoing
from services.membership.webhooks.keys import signing_keys
from services.membership.webhooks.message_types import COMMUNITY_TYPES, PLATFORM_TYPES, TYPES
from services.membership.webhooks.models import Webhook
from tests.service.membership.webhooks.conftest import TYPES as ASKED
from tests.service.membership.webhooks.conftest import body

PATH = "/v1/webhooks"
OF_PEOPLE = ["qunxue.membership.person.left.v1"]


def codes(answer):
    return {(one["pointer"], one["code"]) for one in answer["errors"]}


# --- keeping them --------------------------------------------------------------------------------------------------


async def test_an_owner_adds_an_endpoint_and_sees_its_secret_once(scene, community, endpoint):
    assert endpoint["secret"].startswith("whsec_")
    assert endpoint["types"] == sorted(ASKED)
    assert (endpoint["status"], endpoint["owner"]["display_name"]) == ("active", "owner")
    read = await scene.see(scene.again("owner"), f"{PATH}/{endpoint['id']}")
    listed = await scene.see(scene.again("owner"), PATH, community_id=community["id"])
    assert read == listed["items"][0] == {name: value for name, value in endpoint.items() if name != "secret"}
    assert [entry["action"] for entry in await scene.audit(community["id"])][-1] == "webhook.create"
    assert endpoint["secret"] not in str(await scene.audit(community["id"]))


async def test_an_operator_keeps_none(scene, community, endpoint):
    await scene.role("运营", community, "operator")
    await scene.see(scene.again("运营"), f"{PATH}/{endpoint['id']}", status=403)
    await scene.send(scene.again("运营"), PATH, body(community), status=403)


async def test_an_owner_is_told_of_their_community_and_not_of_people(scene, community):
    refused = await scene.send(scene.again("owner"), PATH, body(community, types=[*ASKED, *OF_PEOPLE]), status=422)
    assert codes(refused) == {("/types/2", "not_for_you")}
    await scene.send(scene.again("owner"), PATH, body(None, types=OF_PEOPLE), status=403)


async def test_an_administrator_is_told_of_people_departments_and_communities_alone(scene, community):
    made = await scene.send(scene.admin, PATH, body(None, types=OF_PEOPLE))
    assert made["community_id"] is None
    assert [one["id"] for one in (await scene.see(scene.admin, PATH))["items"]] == [made["id"]]
    refused = await scene.send(scene.admin, PATH, body(None), status=422)
    assert codes(refused) == {("/types/1", "not_for_you")}
    refused = await scene.send(scene.admin, PATH, body(community), status=422)
    assert codes(refused) == {("/types/1", "not_for_you")}
    await scene.send(scene.admin, PATH, body(community, types=ASKED[:1]))


async def test_the_platforms_endpoints_are_not_there_for_others(scene, community, endpoint):
    made = await scene.send(scene.admin, PATH, body(None, types=OF_PEOPLE))
    await scene.see(scene.again("owner"), f"{PATH}/{made['id']}", status=404)
    await scene.see(await scene.client("甲"), f"{PATH}/{made['id']}", status=404)


async def test_an_administrator_cannot_give_an_owners_endpoint_types_or_take_it_over(scene, community, endpoint):
    await scene.send(scene.admin, f"{PATH}/{endpoint['id']}/pause")
    refused = await scene.send(scene.admin, f"{PATH}/{endpoint['id']}/resume", status=422)
    assert codes(refused) == {("/types/1", "not_for_you")}


@pytest.mark.parametrize(
    "types", [[], ["qunxue.membership.case.opened.v1"], ["x"], ["qunxue.membership.member.snapshot.v1"]]
)
async def test_only_types_that_are_told_can_be_asked_for(scene, community, types):
    await scene.send(scene.again("owner"), PATH, body(community, types=types), status=422)


def test_nothing_restricted_no_draft_and_no_snapshot_is_told():
    assert not [one for one in TYPES if "snapshot" in one or "submitted" in one or "case." in one or "penalty" in one]
    assert "qunxue.content.question.overdue.v1" not in TYPES
    assert {"qunxue.content.article.published.v1", "qunxue.membership.member.joined.v1"} <= COMMUNITY_TYPES
    assert {one.split(".")[2] for one in PLATFORM_TYPES} == {"person", "department", "community"}
    assert {one for one in COMMUNITY_TYPES & PLATFORM_TYPES if ".community." not in one} == set()


async def test_a_community_has_at_most_twenty_endpoints_also_when_they_come_at_once(scene, community, endpoint):
    owner = scene.again("owner")
    answers = await asyncio.gather(*(owner.post(PATH, json=body(community)) for _ in range(21)))
    assert sorted(one.status_code for one in answers) == [201] * 19 + [409] * 2
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"too_many_webhooks"}


async def test_an_administrator_has_at_most_ten_endpoints_of_the_platform(scene, inside):
    answers = [await scene.admin.post(PATH, json=body(None, types=OF_PEOPLE)) for _ in range(11)]
    assert [one.status_code for one in answers] == [201] * 10 + [409]


async def test_an_endpoint_is_changed_paused_resumed_and_removed(scene, community, endpoint):
    owner, path = scene.again("owner"), f"{PATH}/{endpoint['id']}"
    changed = await scene.change(owner, path, {"description": "仪表盘", "types": ASKED[:1]})
    assert (changed["description"], changed["types"]) == ("仪表盘", ASKED[:1])
    assert (await owner.patch(path, json={"description": None}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await scene.send(owner, f"{path}/pause"))["status"] == "paused"
    await scene.send(owner, f"{path}/pause", status=409)
    assert (await scene.send(owner, f"{path}/resume"))["status"] == "active"
    assert (await owner.delete(path)).status_code == 204
    await scene.see(owner, path, status=404)


async def test_endpoints_of_an_archived_community_are_read_and_not_changed(scene, community, endpoint):
    owner, path = scene.again("owner"), f"{PATH}/{endpoint['id']}"
    await scene.send(owner, f"/v1/communities/{community['id']}/archive")
    assert (await scene.see(owner, path))["id"] == endpoint["id"]
    await scene.send(owner, f"{path}/rotate", status=409)


# --- where they are ------------------------------------------------------------------------------------------------

INNER = [
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://169.254.169.254/latest",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://localhost/",
    "https://8.8.8.8:22/",
    "https://8.8.8.8:25/",
    "http://8.8.8.8/",
    "https://nowhere.invalid/",
]


@pytest.mark.parametrize("url", INNER)
async def test_an_address_inside_is_refused_when_it_is_written_down(scene, url):
    community = await scene.community()
    refused = await scene.send(scene.again("owner"), PATH, body(community, url=url), status=422)
    assert codes(refused) == {("/url", "address_refused")}


@pytest.mark.parametrize(
    "url", ["ftp://8.8.8.8/", "https://user@8.8.8.8/", "https://user:word@8.8.8.8/", "8.8.8.8", "https://"]
)
async def test_what_is_no_plain_address_is_refused(scene, community, url):
    await scene.send(scene.again("owner"), PATH, body(community, url=url), status=422)


async def test_a_change_of_address_is_looked_at_too_and_changes_nothing_where_it_is_refused(scene, community, endpoint):
    path = f"{PATH}/{endpoint['id']}"
    refused = await scene.change(scene.again("owner"), path, {"url": "https://10.0.0.1/"}, status=422)
    assert codes(refused) == {("/url", "address_refused")}
    assert (await scene.see(scene.again("owner"), path))["url"] == endpoint["url"]


async def test_nothing_is_resolved_for_who_may_not_keep_endpoints(scene, community, monkeypatch):
    async def never(*_args, **_options):
        raise AssertionError("resolved")

    await scene.role("运营", community, "operator")
    monkeypatch.setattr(outgoing, "check", never)
    await scene.send(scene.again("运营"), PATH, body(community, url="https://tracker.invalid/"), status=403)


# --- secrets -------------------------------------------------------------------------------------------------------


async def test_the_old_secret_signs_for_24_hours_more(scene, endpoint):
    harness = scene.harness

    async def signing():
        async with harness.runtime.database.reading() as session:
            hook = (await session.execute(select(Webhook))).scalar_one()
            return signing_keys(harness.runtime.secret, hook, harness.clock())

    before = await signing()
    rotated = await scene.send(scene.again("owner"), f"{PATH}/{endpoint['id']}/rotate", status=201)
    assert rotated["secret"] not in ("", endpoint["secret"])
    after = await signing()
    assert len(after) == 2
    assert after[1:] == before
    harness.clock.advance(timedelta(hours=24))
    assert await signing() == after[:1]

import asyncio

import pytest

WHY = "公司更换了账号系统"


async def link(membership, person, subject="u-1", *, status=201, **fields):
    body = {"person_id": person["id"], "provider": "corp", "subject": subject, "reason": WHY} | fields
    answer = await membership.admin.post("/v1/identities", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def identities(membership, person):
    return (await membership.admin.get(f"/v1/people/{person['id']}/identities")).json()["items"]


@pytest.fixture
async def zhang(membership):
    return await membership.activated("张伟", employee_no="A7")


async def test_people_see_as_whom_their_company_knows_them_and_not_what_it_calls_them(membership, zhang):
    await link(membership, zhang)
    mine = (await (await membership.entered("a7")).get("/v1/identities")).json()["items"]
    assert [(one["provider"], one["kind"], one["linked_by"]) for one in mine] == [("corp", "sub", "admin")]
    assert "subject" not in mine[0]
    assert (await membership.admin.get("/v1/identities")).json()["items"] == []


async def test_what_a_provider_calls_somebody_it_calls_nobody_else(membership, zhang):
    other = await membership.person("李雷", employee_no="B8")
    await link(membership, zhang)
    assert (await link(membership, other, status=409))["code"] == "identity_taken"
    await link(membership, other, tenant="another company")
    await link(membership, other, kind="open_id")
    await link(membership, other, provider="partner")
    assert len(await identities(membership, other)) == 3


async def test_of_two_who_are_linked_to_one_account_at_once_one_is(membership, zhang):
    people = [zhang, await membership.person("李雷", employee_no="B8")]
    bodies = [{"person_id": one["id"], "provider": "corp", "subject": "u", "reason": WHY} for one in people]
    answers = await asyncio.gather(*(membership.admin.post("/v1/identities", json=body) for body in bodies))
    assert sorted(one.status_code for one in answers) == [201, 409]


async def test_a_subject_changes_and_the_person_stays(membership, zhang):
    linked = await link(membership, zhang)
    url = f"/v1/identities/{linked['id']}"
    changed = await membership.admin.patch(url, json={"subject": "u-2", "reason": WHY}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["subject"], changed.json()["person_id"]) == (200, "u-2", zhang["id"])
    late = await membership.admin.patch(url, json={"subject": "u-3", "reason": WHY}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    other = await membership.person("李雷", employee_no="B8")
    await link(membership, other, "u-1")
    taken = await membership.admin.patch(url, json={"subject": "u-1", "reason": WHY}, headers={"If-Match": '"2"'})
    assert (taken.status_code, taken.json()["code"]) == (409, "identity_taken")


async def test_the_trail_says_who_changed_an_account_and_why_and_not_what_it_is_called(membership, zhang):
    linked = await link(membership, zhang)
    url = f"/v1/identities/{linked['id']}"
    await membership.admin.patch(url, json={"subject": "u-2", "reason": WHY}, headers={"If-Match": '"1"'})
    await membership.admin.post(f"{url}/unlink", json={"reason": "离开项目"})
    trail = (await membership.admin.get("/internal/audit?limit=50")).json()["items"]
    found = {one["action"]: one["changes"] for one in trail if one["object_id"] == linked["id"]}
    assert found["identity.change_subject"] == {"subject": ["old", "new"], "reason": [None, WHY]}
    assert found["identity.link"]["reason"] == [None, WHY]
    assert found["identity.unlink"]["reason"] == [None, "离开项目"]
    assert "u-1" not in str(found)


async def test_nobody_links_changes_or_takes_their_own_account_as_an_administrator(membership):
    body = {"person_id": str(membership.admin_id), "provider": "corp", "subject": "u", "reason": WHY}
    refused = await membership.admin.post("/v1/identities", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest")


async def test_nobody_gives_up_the_last_way_in(scene):
    client = await scene.client("张伟")
    body = {"person_id": str(scene.people["张伟"]), "provider": "corp", "reason": WHY}
    first, second = [await scene.send(scene.admin, "/v1/identities", body | {"subject": one}) for one in "ab"]
    assert (await client.delete(f"/v1/identities/{first['id']}")).status_code == 204
    refused = await client.delete(f"/v1/identities/{second['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_way_in")


async def test_people_give_up_their_own_accounts_and_nobody_elses(membership, zhang):
    first = await link(membership, await membership.person("李雷", employee_no="B8"))
    linked = await link(membership, zhang, "z")
    mine = await membership.entered("a7")
    assert (await mine.delete(f"/v1/identities/{first['id']}")).status_code == 404
    assert (await mine.delete(f"/v1/identities/{linked['id']}")).status_code == 204
    assert (await mine.get("/v1/identities")).json()["items"] == []
    await link(membership, zhang, "z")


async def test_who_leaves_has_lost_their_accounts_for_ever(membership, zhang):
    linked = await link(membership, zhang)
    assert (await membership.admin.post(f"/v1/people/{zhang['id']}/leave")).status_code == 200
    assert (await link(membership, zhang, "u-9", status=409))["code"] == "illegal_transition"
    assert (await membership.admin.post(f"/v1/people/{zhang['id']}/rehire")).status_code == 200
    (lost,) = await identities(membership, zhang)
    assert lost["closed_at"]
    assert (await (await membership.entered("a7")).get("/v1/identities")).json()["items"] == []
    url = f"/v1/identities/{linked['id']}"
    again = await membership.admin.patch(url, json={"subject": "u", "reason": WHY}, headers={"If-Match": "*"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    await link(membership, zhang)

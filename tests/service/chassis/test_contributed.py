"""A service's part of tasks, desk and home: from its features, for whom each is meant."""

import pytest

from chassis.contributions import Task, TaskCommunity
from chassis.ids import new_id
from tests.service.chassis.shop import code_of

MEMBER = {"community": "读书会", "member": True}
VISITOR = {"community": "读书会", "member": False}
NOTHING = {"community": None, "member": False}


async def see(client, path, **query):
    answer = await client.get(f"/internal/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def home(client, community_id):
    return await see(client, "home", community_id=str(community_id))


async def parts(client, community_id):
    return {name: part for name, part in (await home(client, community_id)).items() if name != "tasks"}


async def desk(client, community_id):
    return {queue["code"]: queue["count"] for queue in await see(client, "desk", community_id=str(community_id))}


async def test_what_waits_for_one_is_in_ones_own_language(shop):
    (task,) = await see(await shop.member(), "tasks")
    assert (task["code"], task["title"], task["count"], task["due_at"]) == ("weigh", "weigh, in en", 1, None)


async def test_the_desk_shows_the_queues_that_one_may_work(shop):
    await shop.thing()
    assert await desk(await shop.member("owner"), shop.community_id) == {"to_read": 1, "to_close": 0}
    assert await desk(await shop.member("moderator"), shop.community_id) == {"to_read": 1}
    assert await desk(shop.as_service("desk.read"), shop.community_id) == {"to_read": 1, "to_close": 0}


async def test_the_desk_is_for_those_who_run_the_community(shop):
    query = {"community_id": str(shop.community_id)}
    for client in (await shop.member(), await shop.member("lecturer"), shop.as_service("things.read")):
        assert (await client.get("/internal/desk", params=query)).status_code == 403


async def test_home_has_the_parts_that_a_permission_reaches(shop):
    community = shop.community_id
    assert await parts(await shop.member(), community) == {"seen": MEMBER, "own": "mine"}
    assert await parts(await shop.member(status="suspended"), community) == {"seen": None, "own": None}
    assert await parts(await shop.member(status="left"), community) == {"seen": VISITOR, "own": None}


async def test_home_has_what_waits_for_a_member_there_and_nothing_of_elsewhere(shop, switches):
    here, elsewhere = (
        Task(code=code, title=code, href="/v1/things", community=TaskCommunity(id=community_id, name=code))
        for code, community_id in (("here", shop.community_id), ("elsewhere", new_id()))
    )
    switches.tasks += [here, elsewhere]
    assert [one["code"] for one in (await home(await shop.member(), shop.community_id))["tasks"]] == ["here"]
    assert (await home(await shop.member(status="left"), shop.community_id))["tasks"] == []


async def test_at_home_a_draft_is_hidden_from_all_but_those_who_run_it(shop):
    draft = await shop.community(new_id(), status="draft")
    assert (await home(await shop.member(community_id=draft), draft))["seen"] == NOTHING
    assert (await home(await shop.member("owner", community_id=draft), draft))["seen"] == MEMBER


async def test_home_in_a_community_that_is_none_shows_nothing_of_it(shop):
    assert await parts(await shop.member(), new_id()) == {"seen": NOTHING, "own": None}


async def test_home_asks_membership_about_whom_it_does_not_know_and_says_when_it_cannot(shop):
    person_id = new_id()
    shop.answer(person_id, shop.community_id, roles=[])
    assert (await home(shop.as_person(person_id), shop.community_id))["seen"] == MEMBER
    shop.membership.reachable = False
    answer = await shop.as_person().get("/internal/home", params={"community_id": str(shop.community_id)})
    assert code_of(answer) == (503, "authority_unavailable")


async def test_a_suspended_person_has_no_home(shop):
    client = await shop.member(person_status="suspended")
    answer = await client.get("/internal/home", params={"community_id": str(shop.community_id)})
    assert code_of(answer) == (401, "session_revoked")


@pytest.mark.parametrize("path", ["tasks", "home?community_id=01920000-0000-7000-8000-000000000000"])
async def test_tasks_and_home_are_for_people(shop, path):
    assert (await shop.as_service("things.read").get(f"/internal/{path}")).status_code == 403
    assert (await shop.anonymous().get(f"/internal/{path}")).status_code == 401

"""Points given by hand: within a budget, with a second person where they are many, and never to the giver."""

import asyncio
from datetime import timedelta

from tests.service.gamification.awards.scene import REASON, refused, to_approve


async def test_up_to_a_hundred_points_are_given_at_once_and_the_member_reads_why(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    answer = await scene.give(operator, member, 100)
    assert (answer.status_code, answer.json()["status"]) == (201, "given")
    assert await scene.points(member) == 100
    entries = await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id)})
    [entry] = [one for one in entries.json()["items"] if one["title"] == "Award by hand"]
    assert entry["source"]["href"] == f"/v1/awards/{answer.json()['id']}"
    [award] = await scene.listed(member)
    assert (award["reason"], award["id"]) == (REASON, answer.json()["id"])
    assert (await scene.budget(operator))["left"] == 900


async def test_above_a_hundred_an_owner_who_did_not_propose_it_approves(scene):
    owner, other, operator = [await scene.appoint(role) for role in ("owner", "owner", "operator")]
    member = await scene.member()
    award = (await scene.give(owner, member, 101)).json()
    assert (award["status"], await scene.points(member)) == ("pending", 0)
    assert await scene.listed(member) == []
    path = f"/v1/awards/{award['id']}"
    assert (await operator.client.post(f"{path}/approve")).status_code == 403
    assert refused(await owner.client.post(f"{path}/approve")) == (403, "conflict_of_interest")
    assert await scene.points(member) == 0
    assert (await other.client.post(f"{path}/approve")).json()["status"] == "given"
    assert await scene.points(member) == 101
    assert refused(await other.client.post(f"{path}/approve")) == (409, "award_decided")
    assert await scene.points(member) == 101


async def test_an_owner_does_not_approve_what_is_for_themselves(scene):
    owner, operator = await scene.appoint("owner"), await scene.appoint("operator")
    await scene.appoint("owner")
    award = (await scene.give(operator, owner, 200)).json()
    answer = await owner.client.post(f"/v1/awards/{award['id']}/approve")
    assert refused(answer) == (403, "conflict_of_interest")


async def test_where_nobody_could_approve_it_it_is_refused_at_once(scene):
    owner, member = await scene.appoint("owner"), await scene.member()
    assert refused(await scene.give(owner, member, 101)) == (409, "no_approver")
    assert await scene.listed(owner) == []
    assert (await scene.give(owner, member, 100)).status_code == 201


async def test_nobody_gives_points_to_themselves(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    assert refused(await scene.give(operator, operator, 1)) == (403, "conflict_of_interest")
    assert (await scene.give(member, operator, 1)).status_code == 403


async def test_a_month_has_a_thousand_points_and_a_new_one_has_them_again(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    await scene.appoint("owner")
    for _ in range(2):
        assert (await scene.give(operator, member, 450)).status_code == 201
    assert refused(await scene.give(operator, member, 101)) == (409, "award_budget_spent")
    assert (await scene.give(operator, member, 100)).status_code == 201
    assert refused(await scene.give(operator, member, 1)) == (409, "award_budget_spent")
    scene.harness.clock.now += timedelta(days=31)
    assert (await scene.give(operator, member, 1)).status_code == 201


async def test_what_is_refused_is_of_the_budget_again(scene):
    operator, owner, member = await scene.appoint("operator"), await scene.appoint("owner"), await scene.member()
    award = (await scene.give(operator, member, 1000)).json()
    assert (await scene.budget(operator))["left"] == 0
    answer = await owner.client.post(f"/v1/awards/{award['id']}/refuse", json={"refusal": "证据不足"})
    assert (answer.json()["status"], answer.json()["refusal"]) == ("refused", "证据不足")
    assert (await scene.budget(operator))["left"] == 1000
    assert await scene.points(member) == 0


async def test_a_community_has_a_budget_that_all_share(scene):
    owner, operators = await scene.appoint("owner"), [await scene.appoint("operator") for _ in range(2)]
    member = await scene.member()
    query = {"community_id": str(scene.community_id)}
    said = await owner.client.put("/v1/awards/budget", params=query, json={"per_person": 80, "together": 100})
    assert said.status_code == 200, said.text
    assert (await operators[0].client.put("/v1/awards/budget", params=query, json={"per_person": 1})).status_code == 403
    assert refused(await scene.give(operators[0], member, 81)) == (409, "award_budget_spent")
    assert (await scene.give(operators[0], member, 80)).status_code == 201
    assert refused(await scene.give(operators[1], member, 21)) == (409, "award_budget_spent")
    assert (await scene.budget(operators[1]))["left_together"] == 20


async def test_a_list_is_given_whole_or_not_at_all(scene):
    operator, members = await scene.appoint("operator"), await scene.members(3)

    async def send(*awards):
        body = {"community_id": str(scene.community_id), "awards": awards}
        return await operator.client.post("/v1/awards/lists", json=body)

    rows = [{"member_id": str(one.id), "points": 10, "reason": REASON} for one in members]
    wrong = await send(*rows, rows[0] | {"member_id": str(scene.community_id)})
    assert wrong.status_code == 422
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/awards/3/member_id"]
    assert [await scene.points(one) for one in members] == [0, 0, 0]
    assert refused(await send(*[row | {"points": 100} for row in rows * 4])) == (409, "award_budget_spent")
    assert [await scene.points(one) for one in members] == [0, 0, 0]
    given = await send(*rows)
    assert given.status_code == 201, given.text
    assert [await scene.points(one) for one in members] == [10, 10, 10]


async def test_a_citation_is_public_once_the_member_says_so(scene):
    operator, member, other = await scene.appoint("operator"), await scene.member(), await scene.member()
    award = (await scene.give(operator, member, 50, citation="把经验留给了后来的人")).json()
    path = f"/v1/awards/{award['id']}"
    assert await scene.listed(other) == []
    assert (await other.client.get(path)).status_code == 404
    assert (await operator.client.put(f"{path}/citation", json={"public": True})).status_code == 403
    said = await member.client.put(f"{path}/citation", json={"public": True})
    assert said.status_code == 200, said.text
    [seen] = await scene.listed(other)
    assert (seen["citation"], seen["reason"], seen["proposer"]) == ("把经验留给了后来的人", None, None)
    await member.client.put(f"{path}/citation", json={"public": False})
    assert await scene.listed(other) == []
    plain = (await scene.give(operator, member, 5)).json()
    answer = await member.client.put(f"/v1/awards/{plain['id']}/citation", json={"public": True})
    assert refused(answer) == (409, "no_citation")


async def test_of_many_at_once_no_more_are_given_than_the_budget_has(scene):
    operator, members = await scene.appoint("operator"), await scene.members(3)
    for _ in range(7):
        await scene.give(operator, members[0], 100)
    answers = await asyncio.gather(*[scene.give(operator, members[n % 3], 100) for n in range(6)])
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409, 409]
    assert (await scene.budget(operator))["left"] == 0


async def test_owners_have_a_task_for_what_others_proposed_until_it_is_decided(scene):
    owner, other, operator = [await scene.appoint(role) for role in ("owner", "owner", "operator")]
    member = await scene.member()
    assert await to_approve(owner) == []
    first = (await scene.give(operator, member, 101)).json()
    await scene.give(operator, member, 100)
    await scene.give(owner, member, 150)
    await scene.give(operator, owner, 200)
    href = f"/v1/awards?community_id={scene.community_id}&status=pending"
    assert await to_approve(owner) == [("Awards to approve: 1", 1, href)]
    assert await to_approve(other) == [("Awards to approve: 3", 3, href)]
    assert (await to_approve(operator), await to_approve(member)) == ([], [])
    assert len(await scene.listed(other, status="pending")) == 3
    await other.client.post(f"/v1/awards/{first['id']}/approve")
    assert await to_approve(owner) == []
    assert await to_approve(other) == [("Awards to approve: 2", 2, href)]


async def test_who_has_left_is_given_nothing_that_still_waits_and_it_can_be_refused(scene):
    operator, owner, member = await scene.appoint("operator"), await scene.appoint("owner"), await scene.member()
    award = (await scene.give(operator, member, 500)).json()
    await scene.leave(member)
    assert refused(await owner.client.post(f"/v1/awards/{award['id']}/approve")) == (409, "member_gone")
    assert (await scene.budget(operator))["left"] == 500
    refusal = {"refusal": "已离开"}
    assert (await owner.client.post(f"/v1/awards/{award['id']}/refuse", json=refusal)).json()["status"] == "refused"
    assert (await scene.budget(operator))["left"] == 1_000
    await scene.come_back(member)
    assert await scene.points(member) == 0


async def test_an_award_says_who_decided_it_and_what_its_reader_may_do_with_it(scene):
    owner, other, operator = [await scene.appoint(role) for role in ("owner", "owner", "operator")]
    member = await scene.member()
    award = (await scene.give(owner, member, 101, citation="手册的作者")).json()
    conflict = {"approve": "conflict_of_interest", "refuse": "conflict_of_interest", "cite": "forbidden"}
    assert award["viewer"] == {"can": [], "cannot": conflict}
    path = f"/v1/awards/{award['id']}"
    forbidden = dict.fromkeys(("approve", "refuse", "cite"), "forbidden")
    assert (await operator.client.get(path)).json()["viewer"] == {"can": [], "cannot": forbidden}
    assert [one["viewer"]["can"] for one in await scene.listed(other)] == [["approve", "refuse"]]
    given = (await other.client.post(f"{path}/approve")).json()
    assert given["decided_by"]["member_id"] == str(other.id)
    assert given["viewer"] == {"can": [], "cannot": {"refuse": "award_decided", "cite": "forbidden"}}
    [own] = await scene.listed(member)
    assert (own["decided_by"], own["viewer"]) == (None, {"can": ["cite"], "cannot": {"refuse": "forbidden"}})
    assert (await member.client.put(f"{path}/citation", json={"public": True})).status_code == 200

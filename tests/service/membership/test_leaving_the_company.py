async def test_who_leaves_the_company_leaves_every_community_and_an_ownerless_one_raises_the_alarm(scene):
    community = await scene.community()
    await scene.member("李雷", community)
    for name in ("李雷", "owner"):
        await scene.send(scene.admin, f"/v1/people/{scene.people[name]}/leave")
    left = [m.data["person_id"] for m in await scene.harness.published("member.left")]
    assert left == [str(scene.people["李雷"]), str(scene.people["owner"])]
    audit = await scene.see(scene.admin, "/internal/audit", object_id=community["id"])
    assert "community.left_without_owner" in [entry["action"] for entry in audit["items"]]


async def test_who_returns_keeps_what_he_was_and_is_a_member_nowhere(scene):
    community = await scene.community()
    client = await scene.client("李雷")
    await scene.member("李雷", community)
    assert len((await scene.see(client, "/v1/people/me"))["memberships"]) == 1
    for action in ("leave", "rehire"):
        await scene.send(scene.admin, f"/v1/people/{scene.people['李雷']}/{action}")
    assert [m["status"] for m in (await scene.see(client, "/v1/people/me"))["memberships"]] == ["left"]

"""What of recruitment is not there for whoever may not know of it."""

from tests.service.membership.scene import ANSWERS


async def test_a_private_community_is_reached_by_its_link_alone(scene):
    campaign = await scene.campaign(await scene.community(visibility="private"))
    for channel in ("poster", "no such channel"):
        assert (await scene.apply("小明", campaign, channel=channel, status=404))["code"] == "not_found"
    path = f"/v1/applications?community_id={campaign['community_id']}"
    await scene.see(scene.again("小明"), path, status=404)
    body = {"token": campaign["channels"][0]["token"], "answers": ANSWERS}
    made = await scene.send(scene.again("小明"), "/v1/applications", body, status=201)
    assert [one["id"] for one in (await scene.see(scene.again("小明"), path))["items"]] == [made["id"]]


async def test_to_others_an_application_is_not_there(scene):
    campaign = await scene.campaign(await scene.community())
    application = await scene.apply("小明", campaign)
    await scene.member("成员", {"id": campaign["community_id"]})
    await scene.client("路人")
    for name in ("成员", "路人"):
        client = scene.again(name)
        await scene.see(client, f"/v1/applications/{application['id']}", status=404)
        for action, body in (("decide", {"outcome": "accepted", "reason": "x"}), ("advance", None), ("withdraw", None)):
            await scene.send(scene.again(name), f"/v1/applications/{application['id']}/{action}", body, status=404)
    await scene.see(scene.admin, f"/v1/applications/{application['id']}", status=404)
    assert (await scene.decide(application, "accepted", by="小明", status=403))["code"] == "forbidden"


async def test_the_board_of_a_private_community_is_not_there_for_others(scene):
    campaign = await scene.campaign(await scene.community(visibility="private"))
    await scene.member("成员", {"id": campaign["community_id"]})
    await scene.client("路人")
    for path in (f"/v1/campaigns/{campaign['id']}", f"/v1/campaigns/{campaign['id']}/board"):
        await scene.see(scene.again("路人"), path, status=404)
    await scene.see(scene.again("成员"), f"/v1/campaigns/{campaign['id']}/board", status=403)


async def test_a_wrong_channel_and_an_unknown_campaign_look_the_same(scene):
    campaign = await scene.campaign(await scene.community(visibility="private"))
    unknown = await scene.apply("小明", {"id": campaign["community_id"]}, status=404)
    hidden = await scene.apply("小明", campaign, status=404)
    assert unknown | {"request_id": None} == hidden | {"request_id": None}

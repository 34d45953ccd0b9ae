"""People's pictures, as they choose them: an address elsewhere, or a file that they sent."""

from datetime import timedelta

from chassis.ids import new_id

ME = "/v1/people/me"


async def test_a_picture_may_be_a_file_and_every_answer_has_a_signed_address_of_it(scene):
    community = await scene.community()
    member = await scene.member("小明", community)
    mine, first, second = scene.again("小明"), new_id(), new_id()
    await scene.change(mine, ME, {"avatar_url": f"attachment:{first}"})

    async def addresses():
        roster = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q="小明")
        me, one = await scene.see(mine, ME), await scene.see(scene.admin, f"/v1/people/{scene.people['小明']}")
        single = await scene.see(mine, f"/v1/members/{member['id']}")
        return {each["avatar_url"] for each in (me, one, single, roster["items"][0])}

    (address,) = await addresses()
    assert address.startswith(f"/v1/attachments/{first}/content?size=small&")
    assert "service=membership" in address
    scene.harness.clock.advance(timedelta(minutes=15))
    assert await addresses() != {address}
    told = await scene.harness.published("person.updated")
    assert told[-1].data["avatar_url"] == f"attachment:{first}"

    await scene.change(mine, ME, {"avatar_url": f"attachment:{second}"})
    await scene.change(mine, ME, {"avatar_url": f"attachment:{first}"})
    await scene.change(mine, ME, {"avatar_url": "https://example.com/a.png"})
    assert await addresses() == {"https://example.com/a.png"}
    links = [
        (one.type.split(".")[-2], one.data["attachment_id"], one.version)
        for one in await scene.harness.published("attachment.")
    ]
    assert links == [
        ("linked", str(first), 1),
        *sorted([("unlinked", str(first), 2), ("linked", str(second), 1)], key=lambda one: one[1]),
        *sorted([("linked", str(first), 3), ("unlinked", str(second), 2)], key=lambda one: one[1]),
        ("unlinked", str(first), 4),
    ]


async def test_what_the_company_says_takes_the_place_of_a_file(membership):
    await membership.activated("张伟", employee_no="00123")
    client, file = await membership.entered("00123"), new_id()
    etag = (await client.get(ME)).headers["ETag"]
    sent = await client.patch(ME, json={"avatar_url": f"attachment:{file}"}, headers={"If-Match": etag})
    assert sent.status_code == 200, sent.text
    _, errors = await membership.import_file("people", "工号,头像\n00123,attachment:x\n")
    assert [one["code"] for one in errors] == ["invalid_avatar_url"]
    await membership.import_file("people", "工号,头像\n00123,https://example.com/a.png\n")
    assert (await client.get(ME)).json()["avatar_url"] == "https://example.com/a.png"
    links = [one.type.split(".")[-2] for one in await membership.harness.published("attachment.")]
    assert links == ["linked", "unlinked"]
    again = [(one.event.linked, one.version) async for one in _restated(membership.harness.runtime)]
    assert again == [(False, 2)]


async def _restated(runtime):
    async with runtime.database.reading() as session:
        async for one in runtime.service.republish["attachment"](session):
            yield one


async def test_what_is_no_picture_is_refused(scene):
    client = await scene.client("小明")
    for wrong in ("attachment:x", f"attachment:{new_id()}/..", "attachment:"):
        refused = await scene.change(client, ME, {"avatar_url": wrong}, status=422)
        assert refused["errors"][0]["pointer"] == "/avatar_url"

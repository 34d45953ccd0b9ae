"""A reward's picture is a file that whoever runs the catalogue sent; it is told which, so that it is kept so long."""

from chassis.ids import new_id
from contracts.gamification import AttachmentSnapshot
from services.gamification.base import links


async def change(mall, who, path, **values):
    found = await who.client.get(path)
    answer = await who.client.patch(path, json=values, headers={"If-Match": found.headers["ETag"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(mall):
    return [
        (one.type.rsplit(".", 2)[1], one.data["attachment_id"], one.data["person_id"], one.data["object"]["kind"])
        for one in await mall.harness.published("attachment.")
    ]


async def test_whoever_sees_a_reward_has_the_addresses_of_its_picture(mall):
    file, member = str(new_id()), await mall.member()
    path = await mall.reward(picture_id=file)
    picture = (await mall.read(member, path))["picture"]
    assert picture["attachment_id"] == file
    for size in ("small", "large"):
        assert picture[size].startswith(f"/v1/attachments/{file}/content?size={size}&")
        assert "service=gamification" in picture[size]
    (listed,) = await mall.offered(member)
    assert listed["picture"] == picture
    bare = await mall.reward()
    assert (await mall.read(member, bare))["picture"] is None


async def test_a_picture_is_told_when_it_becomes_one_and_when_it_is_none_any_more(mall):
    first, second = str(new_id()), str(new_id())
    path = await mall.reward(picture_id=first)
    sender = str(mall.runs.person_id)
    assert await told(mall) == [("linked", first, sender, "reward")]
    await change(mall, mall.runs, path, title="茶杯")
    await change(mall, mall.runs, path, picture_id=first)
    assert len(await told(mall)) == 1
    # Another operator takes another one: what the first had sent is let go as theirs.
    other = await mall.member(roles=("operator",))
    shown = await change(mall, other, path, picture_id=second)
    assert shown["picture"]["attachment_id"] == second
    news = {one[:3] for one in (await told(mall))[1:]}
    assert news == {("unlinked", first, sender), ("linked", second, str(other.person_id))}
    assert (await change(mall, mall.runs, path, picture_id=None))["picture"] is None
    assert (await told(mall))[-1][:3] == ("unlinked", second, str(other.person_id))


async def test_which_files_are_pictures_can_be_restated(mall):
    file = new_id()
    await mall.reward(picture_id=str(file))
    async with mall.harness.runtime.database.reading() as session:
        found = [one async for one in links.snapshots(session)]
    assert [
        (type(one.event), one.event.model_dump()["attachment_id"], one.event.model_dump()["linked"]) for one in found
    ] == [(AttachmentSnapshot, file, True)]


async def test_whoever_does_not_run_the_catalogue_gives_it_no_picture(mall):
    path, member = await mall.reward(), await mall.member()
    answer = await member.client.patch(path, json={"picture_id": str(new_id())}, headers={"If-Match": '"1"'})
    assert answer.status_code == 403
    assert await told(mall) == []

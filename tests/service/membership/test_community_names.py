"""What communities are called and are for, as moderation decides about it."""

from uuid import UUID

from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from tests.service.membership.scene import POSITIONING


def path_of(community):
    return f"/v1/communities/{community['id']}"


async def decide(scene, community, *verdicts, revision):
    key = UUID(community["id"])
    about = TextObject(service="membership", kind="community", id=key, revision=revision)
    messages = [
        received(
            TextDecided(community_id=key, object=about, root_id=key, verdict=verdict),
            occurred_at=scene.harness.clock(),
            version=version,
        )
        for version, verdict in verdicts
    ]
    await scene.harness.deliver(*messages)


async def read(scene, community):
    """What an employee reads, and what waits as the owner reads it."""
    seen = await scene.see(await scene.client("同事"), path_of(community))
    assert seen["waiting"] is None
    own = await scene.see(scene.again("owner"), path_of(community))
    assert (own["name"], own["positioning"]) == (seen["name"], seen["positioning"])
    return seen["name"], seen["positioning"], own["waiting"]


async def told(scene):
    return [one.data["name"] for one in await scene.harness.published("community.updated")]


async def test_an_edit_is_read_by_others_once_moderation_has_decided(scene):
    community = await scene.community(visibility="internal")
    first, new = "数据社群", POSITIONING | {"statement": "学以致用"}
    await scene.change(
        scene.again("owner"), path_of(community), {"name": "新名", "positioning": {"statement": "学以致用"}}
    )
    written = (await scene.harness.published("text.written"))[-1].data
    assert (written["object"]["revision"], written["text"]) == (
        2,
        {"name": "新名", "statement": "学以致用", "audience": "全体员工", "topics": "sql、python"},
    )
    waiting = {"state": "waiting", "name": "新名", "positioning": new}
    assert await read(scene, community) == (first, POSITIONING, waiting)
    await decide(scene, community, (1, "hold"), revision=2)
    assert (await read(scene, community), await told(scene)) == ((first, POSITIONING, waiting), [])
    await decide(scene, community, (3, "release"), (2, "remove"), (9, "remove"), revision=2)
    # The ninth is newer than the release: what others read already they read no more.
    assert await read(scene, community) == (
        community["slug"],
        None,
        {"state": "removed", "name": "新名", "positioning": new},
    )
    assert await told(scene) == ["新名", community["slug"]]


async def test_an_answer_about_an_earlier_text_changes_nothing_and_what_is_written_back_waits_no_more(scene):
    community = await scene.community(visibility="internal")
    for name in ("新名", "更新的名"):
        await scene.change(scene.again("owner"), path_of(community), {"name": name})
    await decide(scene, community, (1, "allow"), revision=2)
    waiting = {"state": "waiting", "name": "更新的名", "positioning": None}
    assert await read(scene, community) == ("数据社群", POSITIONING, waiting)
    await decide(scene, community, (2, "remove"), revision=3)
    assert (await read(scene, community))[2] == waiting | {"state": "removed"}
    await scene.change(scene.again("owner"), path_of(community), {"name": "数据社群"})
    await decide(scene, community, (3, "allow"), revision=4)
    assert (await read(scene, community), await told(scene)) == (("数据社群", POSITIONING, None), [])


async def test_a_new_community_is_called_as_the_administrator_says_until_a_list_holds_it(scene):
    community = await scene.community(visibility="internal")
    assert await read(scene, community) == ("数据社群", POSITIONING, None)
    await decide(scene, community, (1, "hold"), revision=1)
    held = {"state": "waiting", "name": "数据社群", "positioning": POSITIONING}
    assert await read(scene, community) == (community["slug"], None, held)
    await decide(scene, community, (2, "release"), revision=1)
    assert await read(scene, community) == ("数据社群", POSITIONING, None)
    assert await told(scene) == [community["slug"], "数据社群"]


async def test_a_draft_opens_without_what_nobody_has_let_through(scene):
    community = await scene.community(opened=False, visibility="internal")
    draft = await scene.change(scene.again("owner"), path_of(community), {"name": "新名"})
    assert (draft["name"], draft["waiting"]) == ("新名", None)
    await scene.send(scene.again("owner"), f"{path_of(community)}/open")
    waiting = {"state": "waiting", "name": "新名", "positioning": POSITIONING}
    assert await read(scene, community) == (community["slug"], None, waiting)
    (opened,) = await scene.harness.published("community.opened")
    assert opened.data["name"] == community["slug"]
    await decide(scene, community, (1, "allow"), revision=2)
    assert await read(scene, community) == ("新名", POSITIONING, None)

"""Unnamed questions: asked, answered and moderated without anybody being told who asks."""

from sqlalchemy import select

from chassis.ids import is_mask, new_id, new_mask
from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.content.test_attachments import picture, sends

POLICY = f"{DISCUSSIONS}/policy"
TASKS = "/internal/tasks"
INTERNAL = ["/internal/home", "/internal/desk", TASKS, "/internal/audit"]


def ids_of(one):
    """The ids of a member, however they are written."""
    return {text for key in (one.id, one.person_id) for text in (str(key), key.hex)}


async def published(talk):
    """All that was ever published, envelopes included."""
    outbox = talk.stage.harness.runtime.service.tables.messaging.outbox
    async with talk.stage.harness.runtime.database.reading() as session:
        return [dict(row._mapping) for row in await session.execute(select(outbox).order_by(outbox.c.seq))]


async def all_read(talk, name, asked, reply, article):
    """What every path that is read answers to somebody: of this community, this question, this reply and this article."""
    paths = talk.stage.harness.app.openapi()["paths"]
    here = {"community_id": str(talk.stage.community_id), "discussion_id": asked["id"], "limit": "100"}
    here |= {"q": "怎么", "title": "怎么", "sort": ""} | {"reply_id": reply["id"], "article_id": article["id"]}
    queue = (
        await talk["群主"].client.get("/v1/moderation-items", params={"community_id": here["community_id"]})
    ).json()
    here["moderation_item_id"] = queue["items"][0]["id"]
    answers = {}
    for path, operations in paths.items():
        if "get" not in operations:
            continue
        given = operations["get"].get("parameters", [])
        wanted = {one["name"] for one in given if one["in"] == "query"}
        filled = path.format_map({one["name"]: here.get(one["name"], str(new_id())) for one in given})
        query = {key: value for key, value in here.items() if key in wanted and value}
        answers[path] = await talk[name].client.get(filled, params=query)
    # What the gateway puts together is in no document.
    for path in INTERNAL:
        query = {} if path == TASKS else {"community_id": here["community_id"]}
        answers[path] = await talk[name].client.get(path, params=query)
    return answers


async def test_to_the_asker_it_is_theirs(hall):
    asked = await hall.starts("甲", unnamed=True)
    path, here = f"{DISCUSSIONS}/{asked['id']}", {"community_id": str(hall.stage.community_id)}
    assert asked["mine"]["author"]
    assert "update" in asked["viewer"]["can"]
    for query in ({"mine": True}, here | {"mine": True}):
        (item,) = (await hall.see("甲", DISCUSSIONS, **query))["items"]
        assert (item["id"], item["mine"]["author"], item["mine"]["unread"]) == (asked["id"], True, False)
    for name in ("甲", "乙"):
        found = await hall.see(name, DISCUSSIONS, **here, author_id=str(hall["甲"].id))
        assert found["items"] == []
        here_too = here | {"q": "教案", "author": hall["甲"].employee_no}
        assert (await hall.see(name, "/v1/search", **here_too))["items"] == []
    assert (await hall.see("乙", "/v1/search", **here, q="教案"))["items"]
    reply = await hall.replies("甲", asked)
    assert reply["mine"]["author"]
    (item,) = (await hall.see("甲", DISCUSSIONS, **here))["items"]
    assert item["mine"]["unread"] is False
    (item,) = (await hall.see("乙", DISCUSSIONS, **here))["items"]
    assert (item["mine"]["author"], item["mine"]["unread"]) == (False, True)
    await hall.change("乙", path, {"title": "别的"}, status=403)


async def test_what_the_asker_reads_and_keeps_is_theirs_and_told_of_nobody(hall):
    asked = await hall.starts("甲", unnamed=True)
    path, here = f"{DISCUSSIONS}/{asked['id']}", {"community_id": str(hall.stage.community_id)}
    answer = await hall.replies("乙", asked)
    (item,) = (await hall.see("甲", DISCUSSIONS, **here, unread=True))["items"]
    assert (item["mine"]["unread"], item["first_unread_reply_id"]) == (True, answer["id"])
    assert (await hall.see("甲", "/internal/home", **here))["unread"]["discussions"] == 1
    read = (await hall["甲"].client.put(f"{path}/read", json={"upto": 1})).json()
    assert (read["read_upto"], read["unread"]) == (1, False)
    await hall.replies("甲", asked, "谢谢，我再想想。", kind="comment")
    assert (await hall.see("甲", "/internal/home", **here))["unread"]["discussions"] == 0
    for what in ("bookmark", "subscription"):
        assert (await hall["甲"].client.put(f"{path}/{what}")).status_code == 200
    for kept in ({"bookmarked": True}, {"subscribed": True}, {"mine": True, "bookmarked": True}):
        assert await hall.titles("甲", **kept) == [asked["title"]], kept
        assert await hall.titles("乙", **kept) == [], kept
    (followed,) = (await hall.see("甲", "/v1/subscriptions", **here))["items"]
    assert followed["target"]["id"] == asked["id"]
    await hall.send("甲", f"{path}/remove")
    (followed,) = (await hall.see("甲", "/v1/subscriptions", **here))["items"]
    assert followed["target"]["title"] == asked["title"]
    await hall.send("甲", f"{path}/restore")
    mine = (await hall.see("甲", path))["mine"]
    assert (mine["bookmarked"], mine["subscribed"], mine["unread"]) == (True, True, False)
    for what in ("bookmark", "subscription"):
        assert (await hall["甲"].client.delete(f"{path}/{what}")).status_code == 200
    assert (await hall.see("甲", "/v1/subscriptions", **here))["items"] == []
    assert await hall.titles("甲", bookmarked=True) == []


async def test_an_asker_who_moderates_is_no_moderator_in_their_own_question(strict, hall):
    asked = await hall.starts("版主", unnamed=True)
    path, here = f"{DISCUSSIONS}/{asked['id']}", {"community_id": str(hall.stage.community_id)}
    answer = await hall.replies("乙", asked, "可以刷单。")
    (item,) = (await hall.see("版主", "/v1/moderation-items", **here))["items"]
    assert set(item["viewer"]["cannot"].values()) == {"conflict_of_interest"}
    decision = {"verdict": "release", "revision": 1}
    await hall.send("版主", f"/v1/moderation-items/{item['id']}/decide", decision, status=403)
    for action in ("lock", "close", "feature", "merge", "assign"):
        body = {"merge": {"into_id": asked["id"]}, "assign": {"member_id": None}}.get(action)
        await hall.send("版主", f"{path}/{action}", body, status=403)
    await hall.send("版主", f"{REPLIES}/{answer['id']}/remove", status=403)
    assert "lock" not in (await hall.see("版主", path))["viewer"]["can"]
    # Nobody learns it by trying to assign it to them.
    await hall.joins("另一位版主", "moderator")
    for name in ("版主", "乙"):
        await hall.send("另一位版主", f"{path}/assign", {"member_id": str(hall[name].id)})
    await hall.send("另一位版主", f"{path}/remove")
    assert (await hall.see("版主", path))["status"] == "removed"
    await hall.send("版主", f"{path}/restore", status=409)
    entries = hall.stage.harness.runtime.service.tables.chassis.audit_entries
    async with hall.stage.harness.runtime.database.reading() as session:
        actors = set(await session.scalars(select(entries.c.actor).where(entries.c.object_id == asked["id"])))
    assert actors == {f"person:{hall['另一位版主'].person_id}"}


async def test_only_questions_where_the_community_allows_it(talk, hall):
    await hall.starts("甲", kind="topic", unnamed=True, status=422)
    community = str(hall.stage.community_id)
    policy, forbidden = f"{POLICY}?community_id={community}", {"unnamed": False}
    await hall.change("甲", policy, forbidden, version=2, status=403)
    assert (await hall["群主"].client.patch(policy, json=forbidden)).status_code == 428
    await hall.change("群主", policy, forbidden, version=1, status=412)
    said = await hall.change("群主", policy, forbidden, version=2)
    assert said == {"community_id": community} | forbidden
    assert (await hall["甲"].client.get(policy)).headers["ETag"] == '"3"'
    await hall.starts("甲", unnamed=True, status=422)


async def test_an_owner_may_learn_who_asked_and_that_is_in_the_trail(hall):
    asked, named = await hall.starts("甲", unnamed=True), await hall.starts("乙", "有名字的问题")
    path = f"{DISCUSSIONS}/{asked['id']}/author"
    await hall.send("版主", path, {"reason": "想知道"}, status=403)
    await hall.send("群主", path, {}, status=422)
    await hall.send("群主", f"{DISCUSSIONS}/{named['id']}/author", {"reason": "有人威胁他人"}, status=404)
    seen = {name: (await hall.see(name, f"{DISCUSSIONS}/{asked['id']}"))["viewer"] for name in ("甲", "版主", "群主")}
    assert [name for name, viewer in seen.items() if "unmask" in viewer["can"]] == ["群主"]
    assert "unmask" not in str((await hall.see("群主", f"{DISCUSSIONS}/{named['id']}"))["viewer"])
    told = await hall.send("群主", path, {"reason": "有人威胁他人"})
    assert told["author"]["member_id"] == str(hall["甲"].id)
    entries = hall.stage.harness.runtime.service.tables.chassis.audit_entries
    async with hall.stage.harness.runtime.database.reading() as session:
        found = await session.execute(select(entries).where(entries.c.action == "discussion.unmask"))
        (entry,) = [dict(row._mapping) for row in found]
    assert entry["changes"] == {"reason": [None, "有人威胁他人"]}
    assert entry["actor"] == f"person:{hall['群主'].person_id}"


async def test_it_is_merged_with_nothing(hall):
    asked, other = await hall.starts("甲", unnamed=True), await hall.starts("乙", "同样的问题")
    await hall.send("版主", f"{DISCUSSIONS}/{asked['id']}/merge", {"into_id": other["id"]}, status=409)
    await hall.send("版主", f"{DISCUSSIONS}/{other['id']}/merge", {"into_id": asked["id"]}, status=422)


def test_masks_are_no_ids():
    masks = {new_mask() for _ in range(100)}
    assert len(masks) == 100
    assert all(is_mask(one) for one in masks)
    assert not is_mask(new_id())


async def test_a_picture_of_the_asker_names_them_and_is_refused(hall):
    face = await sends(hall, "甲", picture(), "a.png", media_type="image/png", purpose="avatar")
    body = f"![我](attachment:{face['id']})"
    assert (await hall.starts("甲", unnamed=True, body=body, status=422))["errors"][0]["code"] == "unknown_attachment"
    await hall.starts("甲", body=body)

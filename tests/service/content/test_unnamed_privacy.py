"""An unnamed question is asked, answered, moderated and used in all ways; who asked it stands nowhere near it, but in the row of the mask."""

from collections import Counter

from services.content.attachments import sweeping
from services.content.base import Base
from services.content.drafts import service as drafts
from services.content.unnamed import masks
from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES
from tests.service.content.test_attachments import ATTACHMENTS, PDF, announce, part, sends
from tests.service.content.test_drafts import DRAFTS, keeps, targets
from tests.service.content.test_moderation import decides
from tests.service.content.test_moderation import queue as open_items
from tests.service.content.test_unnamed import INTERNAL, TASKS, all_read, ids_of, published

TITLE, BODY = "怎么换岗位", "不敢署名，请指教。"


def overhear(talk, *names):
    """All that these are answered from now on, whatever they ask."""
    heard = []

    async def keep(response):
        await response.aread()
        heard.append((str(response.request.url), response.text))

    for name in names:
        talk[name].client.event_hooks["response"].append(keep)
    return heard


def _text(cell):
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


async def near(talk, secrets, marks):
    """The tables whose rows have one of the secrets and one of the marks, with how many such rows."""
    found, marked = Counter(), set()
    async with talk.stage.harness.runtime.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(table.select()):
                text = " ".join(map(_text, row))
                if any(mark in text for mark in marks):
                    marked.add(table.name)
                    found[table.name] += any(secret in text for secret in secrets)
    return +found, marked


async def put(talk, name, *paths, **body):
    for path in paths:
        answer = await talk[name].client.put(path, json=body or None)
        assert answer.status_code == 200, (path, answer.text)


async def etag(talk, name, path):
    return int((await talk[name].client.get(path)).headers["ETag"].strip('"'))


async def edits(talk, path, **fields):
    return await talk.change("甲", path, fields, version=await etag(talk, "甲", path))


async def asks(talk):
    """甲 asks with all that one can ask with: a draft before, a file, a key, and a text that a moderator holds and returns."""
    here = f"discussion.{talk.stage.community_id}"
    file, later = await sends(talk, "甲"), await announce(talk, "甲", PDF)
    await keeps(talk, "甲", here, title=TITLE, body=BODY)
    sent = {"community_id": str(talk.stage.community_id), "kind": "question", "unnamed": True, "title": TITLE}
    sent |= {"body": f"{BODY} 刷单 [附件](attachment:{file['id']})", "tags": ["转岗"]}
    for replayed in (None, "true"):
        answer = await talk["甲"].client.post(DISCUSSIONS, json=sent, headers={"Idempotency-Key": "one and the same"})
        assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, replayed), answer.text
    asked = answer.json()
    assert (asked["status"], await targets(talk, "甲")) == ("held", [])
    path = f"{DISCUSSIONS}/{asked['id']}"
    assert [one["id"] for one in (await talk.see("甲", path))["attachments"]] == [file["id"]]
    await decides(talk, "return", reason="请改写")
    assert [one["object"]["id"] for one in await talk.see("甲", TASKS)] == [asked["id"]]
    body = f"{BODY} [附件](attachment:{file['id']}) [又一份](attachment:{later['id']})"
    await keeps(talk, "甲", f"edit.{asked['id']}", body=body)
    await edits(talk, path, body=body)
    assert await targets(talk, "甲") == []
    await keeps(talk, "甲", f"edit.{asked['id']}", body=f"{body} 还有")
    await decides(talk, "release")
    # One goes on sending what is named already.
    await part(talk, "甲", later, PDF)
    await talk.stage.harness.run_jobs()
    assert (await talk.see("甲", f"{ATTACHMENTS}/{later['id']}"))["status"] == "ready"
    await talk.see("乙", f"{ATTACHMENTS}/{later['id']}", answered=404)
    # What a moderator reads first waits, with the file that is named anew.
    await edits(talk, path, body=f"{body} 刷单")
    await decides(talk, "release", edit={"body": body})
    assert len((await talk.see("乙", path))["attachments"]) == 2
    return asked


async def talks(talk, asked):
    """甲 does in their thread what any asker does."""
    path = f"{DISCUSSIONS}/{asked['id']}"
    answer = await talk.replies("乙", asked, "先和主管谈谈。")
    await keeps(talk, "甲", f"reply.{asked['id']}", body="我补充")
    assert await targets(talk, "甲") == [f"reply.{asked['id']}"]
    await talk.see("乙", f"{DRAFTS}/reply.{asked['id']}", answered=404)
    own = await talk.replies("甲", asked, "我补充一句：已经谈过。", kind="comment")
    assert await targets(talk, "甲") == []
    await keeps(talk, "甲", f"reply.{asked['id']}", body="还有")
    further = await talk.replies("甲", asked, "这样可以吗？刷单", kind="comment", parent_reply_id=answer["id"])
    await decides(talk, "release", edit={"body": "这样可以吗？"})
    await edits(talk, f"{REPLIES}/{own['id']}", body="已经谈过了。")
    await talk.send("甲", f"{REPLIES}/{answer['id']}/accept")
    await talk.send("甲", f"{REPLIES}/{answer['id']}/unaccept")
    assert (await talk.send("甲", f"{REPLIES}/{answer['id']}/accept"))["accepted"]
    await put(talk, "甲", f"{path}/reactions/like", f"{REPLIES}/{answer['id']}/reactions/thanks")
    await put(talk, "甲", f"{path}/bookmark", f"{path}/subscription")
    await put(talk, "甲", f"{path}/read", upto=2)
    reported = {"object": {"kind": "reply", "id": answer["id"]}, "category": "other", "note": "请看看"}
    await talk.send("甲", "/v1/moderation-items", reported, status=201)
    await talk.send("甲", f"{REPLIES}/{own['id']}/remove")
    await talk.send("甲", f"{REPLIES}/{own['id']}/restore")
    await talk.send("甲", f"{path}/remove")
    await talk.send("甲", f"{path}/restore")
    return answer, own, further


async def others(talk, asked, answer):
    """Others report, moderate, write down and look for it."""
    path, here = f"{DISCUSSIONS}/{asked['id']}", {"community_id": str(talk.stage.community_id)}
    report = {"object": {"kind": "discussion", "id": asked["id"]}, "category": "other"}
    await talk.send("乙", "/v1/moderation-items", report, status=201)
    await talk.send("版主", f"{path}/pin", {"until": "2024-06-01T00:00:00Z"})
    await talk.send("版主", f"{path}/feature")
    await talk.send("版主", f"{path}/assign", {"member_id": str(talk["乙"].id)})
    for action in ("lock", "unlock"):
        await talk.send("版主", f"{path}/{action}")
    made = await talk.writes("乙", title=None, body=None, from_discussion_id=asked["id"])
    await talk.send("乙", f"{ARTICLES}/{made['id']}/submit")
    article = await talk.approves("群主", made)
    assert article["origin"]["asked_by"]["display_name"] == "匿名成员"
    await put(talk, "乙", f"{path}/read", upto=1)
    for one in await open_items(talk, status="open"):
        decision = {"verdict": "release", "revision": one["revision"]}
        await talk.send("版主", f"/v1/moderation-items/{one['id']}/decide", decision)
    for query in ({"author_id": str(talk["甲"].id)}, {"q": "换岗位", "author_id": str(talk["甲"].id)}):
        found = await talk.see("乙", "/v1/search" if "q" in query else DISCUSSIONS, **here, **query)
        assert asked["id"] not in str(found)
    return made


async def test_who_asks_without_a_name_stands_nowhere_but_in_the_row_that_is_read_in_the_trail(strict, hall):
    heard = overhear(hall, "乙", "版主", "群主")
    before = len(await published(hall))
    asked = await asks(hall)
    answer, own, further = await talks(hall, asked)
    made = await others(hall, asked, answer)
    await hall.stage.harness.run_jobs()
    hall.later(days=3)
    await hall.stage.harness.run_timers()
    await hall.stage.harness.run_jobs()

    secrets = ids_of(hall["甲"]) | {f"Person {hall['甲'].employee_no}"}
    for message in (await published(hall))[before:]:
        of_thread = message["aggregatetype"] in {"discussion", "reply", "reaction", "subscription"}
        assert message["actorid"] == "system" or not of_thread, message
        assert not [one for one in secrets if one in str(message)], message
    shown = set()
    for name in ("乙", "版主", "群主"):
        for read, got in (await all_read(hall, name, asked, further, made)).items():
            assert got.status_code == 200 or name != "群主" or read not in INTERNAL, (read, got.text)
            shown |= {read} if asked["id"] in got.text or further["id"] in got.text else set()
    item, article = "/v1/moderation-items/{moderation_item_id}", f"{ARTICLES}/{{article_id}}"
    assert {DISCUSSIONS, REPLIES, article, "/v1/search", "/v1/moderation-items", item} <= shown
    assert not [(url, text) for url, text in heard for one in secrets if one in text]

    seen = await hall.see("乙", f"{DISCUSSIONS}/{asked['id']}")
    mask = seen["author"]["member_id"]
    assert (seen["unnamed"], seen["author"]["display_name"]) == (True, "匿名成员")
    for reply in (own, further):
        assert (await hall.see("乙", f"{REPLIES}/{reply['id']}"))["author"] == seen["author"]
    files = {one["id"] for one in seen["attachments"]}
    marks = {asked["id"], answer["id"], own["id"], further["id"], made["id"], mask, TITLE, "先和主管谈谈", *files}
    found, marked = await near(hall, secrets, marks | {mark.replace("-", "") for mark in marks})
    assert found == {"masks": 1}
    kept = {"drafts", "read_marks", "bookmarks", "subscriptions", "reactions", "attachments", "idempotency_keys"}
    kept |= {
        "discussions",
        "replies",
        "deeds",
        "outbox",
        "audit_entries",
        "moderation_items",
        "content_reports",
        "jobs",
    }
    assert kept <= marked

    told = await hall.send("群主", f"{DISCUSSIONS}/{asked['id']}/author", {"reason": "有人威胁他人"})
    assert told["author"]["member_id"] == str(hall["甲"].id)
    assert (await near(hall, secrets, marks))[0] == {"masks": 1}
    trail = await hall.see("群主", "/internal/audit", community_id=str(hall.stage.community_id))
    assert [(one["actor"]["id"], one["object_id"]) for one in trail["items"] if "unmask" in one["action"]] == [
        (str(hall["群主"].person_id), asked["id"])
    ]


async def test_when_a_person_is_erased_nobody_learns_any_more_what_they_asked(hall):
    file = await sends(hall, "甲")
    asked = await hall.starts("甲", unnamed=True, body=f"[附件](attachment:{file['id']})")
    path = f"{DISCUSSIONS}/{asked['id']}"
    await keeps(hall, "甲", f"reply.{asked['id']}", body="我补充")
    async with hall.stage.harness.runtime.database.transaction() as session:
        for step in (sweeping.erase, drafts.erase, masks.erase):
            await step(session, hall["甲"].person_id, hall.stage.harness.clock())
    seen = await hall.see("乙", path)
    assert (seen["author"]["display_name"], seen["attachments"]) == ("匿名成员", [])
    await hall.send("群主", f"{path}/author", {"reason": "有人威胁他人"}, status=404)
    assert (await near(hall, ids_of(hall["甲"]), {asked["id"], seen["author"]["member_id"]}))[0] == {}

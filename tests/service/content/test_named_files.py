"""What keeps a file, and for whom: drafts, ideas, feedback, edits that wait or were refused, and what an archive says anew."""

from uuid import UUID

import pytest

from chassis.database.bulk import insert_many
from chassis.ids import new_id
from services.content.attachments.models import AttachmentLink
from services.content.attachments.occasions import who_reads
from services.content.attachments.rules import LEAST_COUNTED
from services.content.drafts.service import erase
from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES
from tests.service.content.test_archives import Archive
from tests.service.content.test_attachments import ATTACHMENTS, PDF, announce, fetch, picture, sends
from tests.service.content.test_drafts import DRAFTS, keeps, targets
from tests.service.content.test_moderation import decides

IDEAS, FEEDBACK = "/v1/ideas", "/v1/discussions/feedback"


def naming(*files):
    return " ".join(f"[附件](attachment:{file['id']})" for file in files)


async def changes(talk, who, path, body):
    """Change what they read just now."""
    etag = (await talk[who].client.get(path)).headers["ETag"]
    return await talk.change(who, path, body, version=int(etag.strip('"')))


@pytest.fixture
async def swept(talk):
    """Have a day go by; who sent these files, and whether each is there still."""
    harness = talk.stage.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())

    async def sweep(who, *files):
        talk.later(hours=26)
        await harness.run_timers()
        there = [(await talk[who].client.get(f"{ATTACHMENTS}/{file['id']}")).status_code for file in files]
        return [{200: True, 404: False}[one] for one in there]

    return sweep


async def test_a_file_that_only_a_draft_names_is_kept_until_the_draft_goes(talk, swept):
    made, other = await sends(talk, "甲"), await sends(talk, "甲")
    here = f"discussion.{talk.stage.community_id}"
    await keeps(talk, "甲", here, title="怎么写", poll={"choices": [naming(made)]})
    assert await swept("甲", made, other) == [True, False]
    await keeps(talk, "甲", here, version=1, title="怎么写", body=naming(made, {"id": new_id()}))
    assert await swept("甲", made) == [True]
    assert (await talk["甲"].client.delete(f"{DRAFTS}/{here}")).status_code == 204
    assert await swept("甲", made) == [False]


async def test_what_only_drafts_name_takes_the_room_of_what_nothing_names(talk, monkeypatch):
    monkeypatch.setattr("services.content.attachments.service.MOST_UNNAMED", 2 * LEAST_COUNTED - 1)
    made = await sends(talk, "甲")
    await keeps(talk, "甲", f"discussion.{talk.stage.community_id}", body=naming(made))
    assert (await announce(talk, "甲", PDF, status=409))["code"] == "uploads_full"
    await talk.starts("甲", body=naming(made))
    await announce(talk, "甲", PDF)


async def test_a_draft_keeps_for_nobody_else_and_gives_nobody_anything(talk, swept):
    made = await sends(talk, "甲")
    await keeps(talk, "乙", f"discussion.{talk.stage.community_id}", body=naming(made))
    await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": [made["id"]]}, status=404)
    assert await swept("甲", made) == [False]


async def test_posting_and_time_and_erasure_let_go_of_what_a_draft_named(talk, swept):
    posted = await sends(talk, "甲")
    here = f"discussion.{talk.stage.community_id}"
    await keeps(talk, "甲", here, body=naming(posted))
    made = await talk.starts("甲", body=naming(posted))
    assert await swept("甲", posted) == [True]
    await talk.change("甲", f"{DISCUSSIONS}/{made['id']}", {"body": "没有附件"})
    old, erased = await sends(talk, "甲"), await sends(talk, "乙")
    await keeps(talk, "甲", here, body=naming(old))
    await keeps(talk, "乙", here, body=naming(erased))
    harness = talk.stage.harness
    async with harness.runtime.database.transaction() as session:
        await erase(session, talk["乙"].person_id, harness.clock())
    assert await swept("乙", erased) == [False]
    assert await swept("甲", posted, old) == [False, True]
    talk.later(days=29)
    await harness.run_timers()
    assert await swept("甲", old) == [False]


async def test_an_edit_of_a_discussion_or_a_reply_has_a_draft_that_sending_it_removes(talk):
    asked = await talk.starts("甲")
    answer = await talk.replies("甲", asked)
    edits = [f"edit.{asked['id']}", f"edit.{answer['id']}"]
    for target in [*edits, f"reply.{asked['id']}"]:
        await keeps(talk, "甲", target, body="先写目标，再写过程。")
    assert (await talk.see("甲", f"{DRAFTS}/{edits[1]}"))["place_title"] == asked["title"]
    await talk.see("乙", f"{DRAFTS}/{edits[0]}", answered=404)
    await talk.change("甲", f"{DISCUSSIONS}/{asked['id']}", {"title": "旧"}, version=7, status=412)
    assert sorted(await targets(talk, "甲")) == sorted([*edits, f"reply.{asked['id']}"])
    await talk.change("甲", f"{DISCUSSIONS}/{asked['id']}", {"body": "先写目标。"})
    await talk.change("甲", f"{REPLIES}/{answer['id']}", {"body": "先写目标，再写过程。"})
    assert await targets(talk, "甲") == [f"reply.{asked['id']}"]


@pytest.mark.parametrize("purpose", ["content", "cover"])
async def test_an_address_ends_when_its_reader_may_not_read_any_more(talk, purpose):
    made = await sends(talk, "甲", purpose=purpose)
    asked = await talk.starts("甲", body=naming(made))
    path = f"{DISCUSSIONS}/{asked['id']}"
    clients = {name: talk[name].client for name in ("甲", "乙", "版主")}
    clients |= {"program": talk.stage.service("discussions.read")}
    shown = {name: (await client.get(path)).json()["attachments"][0]["href"] for name, client in clients.items()}
    for href in shown.values():
        await fetch(talk, href, 206, Range="bytes=0-4")
    await talk.send("版主", f"{path}/remove")
    for name, href in shown.items():
        await fetch(talk, href, 206 if name in {"甲", "版主"} else 404, Range="bytes=5-9")
    await talk.send("版主", f"{path}/restore")
    await talk.stage.leave(talk["乙"])
    await talk.stage.change(visibility="private")
    for name, href in shown.items():
        await fetch(talk, href, 404 if name == "乙" else 206, Range="bytes=5-9")
    await fetch(talk, shown["乙"] + "&kind=service", 404)


async def test_an_article_that_gives_no_originals_shows_previews_under_a_mark(talk):
    await talk.joins("群主", "owner")
    shot = await sends(talk, "甲", picture("PNG"), "图.png", media_type="image/png")
    paper = await sends(talk, "甲")
    made = await talk.publishes("甲", body=naming(shot, paper), download=False)
    path, ids = f"{ARTICLES}/{made['id']}", {"ids": [shot["id"], paper["id"]]}
    for name in ("甲", "群主"):
        seen = await talk.see(name, path)
        assert [(one["href"] is None, one["watermark"]) for one in seen["attachments"]] == [(False, None)] * 2
    looked_at = (await talk.see("乙", path))["attachments"]
    assert (await talk.send("乙", f"{ATTACHMENTS}/addresses", ids))["items"] == looked_at
    number = talk["乙"].employee_no
    mark = {"name": f"Person {number}", "employee_no_tail": number[-4:]}
    assert [(one["href"], one["watermark"]) for one in looked_at] == [(None, mark)] * 2
    assert (looked_at[1]["previews"], made["download"]) == (None, False)
    await fetch(talk, looked_at[0]["previews"]["large"]["href"])
    await talk.starts("乙", body=naming(shot), status=422)
    await changes(talk, "甲", path, {"download": True})
    original = (await talk.see("乙", path))["attachments"][0]["href"]
    await fetch(talk, original)
    await changes(talk, "甲", path, {"download": False})
    await fetch(talk, original, 404)
    assert (await talk.see("乙", path))["status"] == "published"


async def test_an_idea_shows_its_files_to_who_reads_it(talk, swept):
    made, later = await sends(talk, "甲"), await sends(talk, "甲")
    body = {"community_id": str(talk.stage.community_id), "title": "换个时间", "body": naming(made)}
    await talk.send("乙", IDEAS, body, status=422)
    idea = await talk.send("甲", IDEAS, body, status=201)
    (shown,) = (await talk.see("乙", f"{IDEAS}/{idea['id']}"))["attachments"]
    await fetch(talk, shown["href"])
    edited = await talk.change("甲", f"{IDEAS}/{idea['id']}", {"body": naming(later)})
    assert [file["id"] for file in edited["attachments"]] == [later["id"]]
    await talk.send("版主", f"{IDEAS}/{idea['id']}/remove")
    await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": [later["id"]]}, status=404)
    await talk.send("版主", f"{ATTACHMENTS}/addresses", {"ids": [later["id"]]})
    assert await swept("甲", made, later) == [False, True]


async def test_feedback_shows_its_files_to_those_who_read_it_and_nobody_else(talk):
    for name, role in (("群主", "owner"), ("运营", "operator")):
        await talk.joins(name, role)
    made, answered = await sends(talk, "甲"), await sends(talk, "群主")
    said = {"title": "会议室太吵", "body": naming(made), "to": "owner", "community_id": str(talk.stage.community_id)}
    given = await talk.send("甲", FEEDBACK, said, status=201)
    assert [file["id"] for file in given["attachments"]] == [made["id"]]
    await talk.send("群主", f"{FEEDBACK}/{given['id']}/replies", {"body": naming(answered)}, status=201)
    (reply,) = (await talk.see("甲", f"{FEEDBACK}/{given['id']}/replies"))["items"]
    await fetch(talk, reply["attachments"][0]["href"])
    ids = {"ids": [made["id"], answered["id"]]}
    for name, seen in (("甲", 2), ("群主", 2), ("运营", 0), ("版主", 0), ("乙", 0)):
        found = await talk.send(name, f"{ATTACHMENTS}/addresses", ids, status=200 if seen else 404)
        assert len(found.get("items", [])) == seen, name
    await talk.send("运营", FEEDBACK, said | {"title": "转述"}, status=422)


async def test_an_edit_that_is_refused_lets_go_of_what_it_alone_named(strict, swept):
    kept = await sends(strict, "甲")
    body = {"community_id": str(strict.stage.community_id), "title": "换个时间", "body": naming(kept)}
    idea = await strict.send("甲", IDEAS, body, status=201)
    asked = await strict.starts("甲", body=naming(kept))
    answer = await strict.replies("甲", asked, naming(kept))
    for path in (f"{IDEAS}/{idea['id']}", f"{DISCUSSIONS}/{asked['id']}", f"{REPLIES}/{answer['id']}"):
        waiting = await sends(strict, "甲")
        await strict.change("甲", path, {"body": f"刷单 {naming(kept, waiting)}"})
        assert await swept("甲", kept, waiting) == [True, True]
        await decides(strict, "remove", reason="广告")
        assert await swept("甲", kept, waiting) == [True, False]
        assert [file["id"] for file in (await strict.see("乙", path))["attachments"]] == [kept["id"]]


async def test_an_edit_from_an_archive_lets_go_of_what_a_text_names_no_more(talk, swept):
    await talk.joins("群主", "owner")
    written = Archive(talk)
    written.says("discussion", "q1", "甲", title="旧题")
    written.says("reply", "a1", "甲", discussion="q1")
    written.says("article", "w1", "甲", title="旧文", article_kind="guide")
    job = await written.comes_in()
    assert job["errors"] == []
    asked = (await talk.see("甲", DISCUSSIONS, mine="true"))["items"][0]
    (answer,) = (await talk.see("甲", REPLIES, discussion_id=asked["id"]))["items"]
    (article,) = (await talk.see("甲", ARTICLES, mine="true"))["items"]
    files = [await sends(talk, "甲") for _ in range(3)]
    paths = [f"{DISCUSSIONS}/{asked['id']}", f"{REPLIES}/{answer['id']}", f"{ARTICLES}/{article['id']}"]
    for path, file in zip(paths, files, strict=True):
        await changes(talk, "甲", path, {"body": naming(file)})
    await talk.send("甲", f"{paths[2]}/submit")
    await talk.approves("群主", article)
    assert len((await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": [one["id"] for one in files]}))["items"]) == 3
    talk.later()
    for number, on in enumerate(("q1", "a1", "w1")):
        written.says("edit", f"e{number}", "甲", on=on, body="没有附件", at=talk.stage.harness.clock())
    job = await written.comes_in()
    assert (job["errors"], job["result"]["changed"]) == ([], 3)
    await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": [one["id"] for one in files]}, status=404)
    # A version before names it still.
    assert await swept("甲", *files) == [False, False, True]


@pytest.mark.parametrize("shown", [True, False])
async def test_a_file_that_very_many_things_name_is_still_read_by_who_reads_the_first_and_costs_no_more(
    talk, monkeypatch, shown
):
    """Anybody who reads a file may name it in as much as they write, and take that away again."""
    monkeypatch.setattr("services.content.attachments.naming.MOST_ASKED", 30)
    files = [await sends(talk, "甲"), await sends(talk, "甲")]
    await talk.starts("甲", body=naming(*files))
    ids = [file["id"] for file in files]
    rows = [
        {"attachment_id": UUID(one), "object_id": new_id(), "object_kind": "reply", "shown": shown}
        | {"community_id": talk.stage.community_id}
        for one in ids
        for _ in range(100)
    ]
    async with talk.stage.harness.runtime.database.transaction() as session:
        await insert_many(session, AttachmentLink.__table__, rows)  # type: ignore[attr-defined]
    asked = []

    async def happened(session, one, happens=who_reads.happened):
        asked.append(one)
        return await happens(session, one)

    monkeypatch.setattr(who_reads, "happened", happened)
    for some in (ids, ids[:1]):
        found = await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": some})
        assert [file["id"] for file in found["items"]] == some
    assert [len(one.named) for one in asked] == [40, 30]
    await fetch(talk, found["items"][0]["href"])

"""Texts that lists hold and members report, and what moderators decide."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.testing import received
from contracts.events import TextWritten as EventsTextWritten
from contracts.gamification import TextWritten
from contracts.texts import TextObject
from services.content.moderation.queries import forget
from services.content.scanning.models import ListedWord, ScanRules, WordList
from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES

ITEMS, IDEAS = "/v1/moderation-items", "/v1/ideas"


async def queue(talk, **query):
    return (await talk.see("版主", ITEMS, community_id=str(talk.stage.community_id), **query))["items"]


async def decides(talk, verdict, *, by="版主", status=200, **fields):
    (item,) = await queue(talk, status="open")
    body = {"verdict": verdict, "revision": item["revision"]} | fields
    return await talk.send(by, f"{ITEMS}/{item['id']}/decide", body, status=status)


async def test_what_a_list_holds_only_its_author_and_moderators_see_until_it_is_released(strict):
    held = await strict.starts("甲", "兼职", body="来 刷·單 赚钱")
    assert (held["status"], held["held"]["status"], held["answer_due_at"]) == ("held", "open", None)
    path = f"{DISCUSSIONS}/{held['id']}"
    await strict.see("乙", path, answered=404)
    assert (await strict.see("甲", path))["status"] == "held"
    assert await strict.told("content.discussion.started") == []
    (item,) = await queue(strict)
    (match,) = item["matches"]
    assert (match["field"], match["start"], match["end"], match["word"]) == ("body", 2, 5, "刷单")
    assert (item["author"]["member_id"], item["viewer"]["can"]) == (
        str(strict["甲"].id),
        ["release", "return", "remove"],
    )
    strict.later()
    await decides(strict, "release", edit={"body": "来兼职"})
    said = await strict.see("版主", f"/v1/moderation-items/{item['id']}")
    assert (said["text"]["body"], said["released_text"]["body"]) == ("来 刷·單 赚钱", "来兼职")
    shown = await strict.see("乙", path)
    assert (shown["status"], shown["body"], shown["held"]) == ("open", "来兼职", None)
    assert shown["answer_due_at"] is not None
    told = (await strict.see("甲", path))["held"]
    assert (told["status"], told["edited"]["body"]) == ("released", "来 刷·單 赚钱")
    assert await strict.told("content.discussion.") == [("discussion.started", 1)]
    (flagged,) = await strict.stage.harness.published("content.content.flagged")
    assert (flagged.data["action"], flagged.data["rule_category"]) == ("hold", "广告")


@pytest.mark.parametrize("kind", ["banana", "penalty"])
async def test_what_is_no_piece_of_content_is_not_reported(strict, kind):
    body = {"object": {"kind": kind, "id": str(new_id())}, "category": "abuse"}
    refused = await strict.send("乙", ITEMS, body, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/object/kind", "unknown_kind")]


async def test_a_held_reply_takes_its_place_when_it_is_released(strict):
    asked = await strict.starts("甲")
    held = await strict.replies("乙", asked, "刷单吧")
    later = await strict.replies("甲", asked, "还有别的吗？", kind="comment")
    assert (held["status"], later["position"]) == ("held", 1)
    assert await strict.thread("甲", asked) == ["还有别的吗？"]
    assert await strict.thread("乙", asked) == ["还有别的吗？", "刷单吧"]
    strict.later()
    await strict.send(
        "甲",
        f"{DISCUSSIONS}/read",
        {"community_id": str(strict.stage.community_id), "before": "2030-01-01T00:00:00Z"},
    )
    strict.later()
    await decides(strict, "release")
    assert await strict.thread("甲", asked) == ["还有别的吗？", "刷单吧"]
    assert (await strict.see("甲", f"{REPLIES}/{held['id']}"))["position"] == 2
    # Who said meanwhile that they had read everything has not read this.
    assert (await strict.see("甲", f"{DISCUSSIONS}/{asked['id']}"))["first_unread_reply_id"] == held["id"]
    assert await strict.titles("甲", unread=True) == [asked["title"]]
    assert [data.data["first_by_other"] for data in await strict.stage.harness.published("content.reply.posted")] == [
        False,
        True,
    ]


async def test_what_waited_is_not_the_last_that_was_said_because_it_stands_behind_it(strict):
    asked = await strict.starts("甲")
    held = await strict.replies("乙", asked, "刷单吧")
    strict.later()
    answer = await strict.replies("乙", asked, "先写目标。")
    strict.later()
    last = await strict.replies("甲", asked, "谢谢。", kind="comment")
    await decides(strict, "release")
    assert await strict.thread("乙", asked) == ["先写目标。", "谢谢。", "刷单吧"]
    await strict.send("甲", f"{REPLIES}/{last['id']}/remove")
    shown = await strict.see("乙", f"{DISCUSSIONS}/{asked['id']}")
    assert shown["last_reply"]["at"] == answer["created_at"] > held["created_at"]


async def test_a_reply_that_is_released_as_its_discussion_comes_back_is_told_as_new_and_not_as_restored(strict):
    asked = await strict.starts("甲")
    await strict.replies("乙", asked)
    await strict.replies("乙", asked, "刷单吧")
    await strict.send("甲", f"{DISCUSSIONS}/{asked['id']}/remove")
    await strict.stage.harness.run_jobs()
    await strict.send("甲", f"{DISCUSSIONS}/{asked['id']}/restore")
    # Before the job that tells of the replies.
    await decides(strict, "release")
    await strict.stage.harness.run_jobs()
    assert await strict.told("content.reply.") == [
        ("reply.posted", 1),
        ("reply.removed", 2),
        ("reply.posted", 1),
        ("reply.restored", 3),
    ]


async def test_what_is_refused_is_not_kept_and_does_not_name_the_rule(strict):
    refused = await strict.starts("甲", "泰 山 计 划", status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("text_refused", "/title")
    assert "泰山" not in str(refused)
    assert await queue(strict) == []


async def test_while_an_edit_waits_others_read_what_was_there(strict):
    asked = await strict.starts("甲", body="请指教。")
    path = f"{DISCUSSIONS}/{asked['id']}"
    edited = await strict.change("甲", path, {"body": "看 https://evil.test/x"})
    assert (edited["status"], edited["held"]["text"]["body"]) == ("held", "看 https://evil.test/x")
    shown = await strict.see("乙", path)
    assert (shown["status"], shown["body"], shown["held"]) == ("open", "请指教。", None)
    (item,) = await queue(strict)
    assert (item["text_before"]["body"], item["matches"][0]["rule"]) == ("请指教。", "links")
    await decides(strict, "release")
    assert (await strict.see("乙", path))["body"] == "看 https://evil.test/x"
    assert await strict.told("content.discussion.") == [("discussion.started", 1), ("discussion.updated", 2)]


async def test_an_edit_that_is_refused_is_gone_also_from_the_next_edit(strict):
    asked = await strict.starts("甲", body="请指教。")
    answer = await strict.replies("甲", asked, "先写目标。")
    idea = await strict.send(
        "甲", "/v1/ideas", {"community_id": asked["community_id"], "title": "读书角", "body": "放几本书。"}, status=201
    )
    for path, before, next_edit in (
        (f"{DISCUSSIONS}/{asked['id']}", "请指教。", {"title": "怎么备课？"}),
        (f"{REPLIES}/{answer['id']}", "先写目标。", {}),
        (f"/v1/ideas/{idea['id']}", "放几本书。", {"title": "读书角落"}),
    ):
        waits = await strict.change(
            "甲", path, {"body": "看 https://evil.test/x"}, version=await version_of(strict, path)
        )
        assert waits["status"] == "held", path
        await decides(strict, "remove", reason="广告")
        after = await strict.change("甲", path, next_edit, version=await version_of(strict, path))
        assert (after["status"] != "held", after["body"]) == (True, before), path
        assert (await strict.see("乙", path))["body"] == before


async def version_of(talk, path):
    return int((await talk["甲"].client.get(path)).headers["ETag"].strip('"'))


async def test_an_author_mends_what_was_returned_and_a_moderator_looks_again(strict):
    held = await strict.starts("甲", body="刷单")
    path = f"{DISCUSSIONS}/{held['id']}"
    await decides(strict, "return", status=422)
    await decides(strict, "return", reason="请改写")
    told = (await strict.see("甲", path))["held"]
    assert (told["status"], told["reason"]) == ("returned", "请改写")
    await strict.change("甲", path, {"body": "兼职"})
    assert (await strict.see("甲", path))["status"] == "held"
    (item,) = await queue(strict, status="open")
    assert (item["revision"], item["text"]["body"], item["matches"]) == (2, "兼职", [])
    older = await decides(strict, "release", revision=1, status=409)
    assert (older["code"], older["revision"]) == ("text_changed", 2)
    await decides(strict, "release")
    assert (await strict.see("乙", path))["body"] == "兼职"


async def test_an_author_who_takes_out_what_was_found_needs_nobody(strict):
    held = await strict.starts("甲", body="刷单")
    mended = await strict.change("甲", f"{DISCUSSIONS}/{held['id']}", {"body": "兼职"})
    assert (mended["status"], mended["held"]["status"]) == ("open", "mended")
    assert await queue(strict, status="open") == []
    assert await strict.told("content.discussion.started") == [("discussion.started", 1)]


async def test_what_a_moderator_removes_can_be_restored_and_is_told_once_it_is_seen(strict):
    held = await strict.starts("甲", body="刷单")
    path = f"{DISCUSSIONS}/{held['id']}"
    await decides(strict, "remove", reason="广告")
    removed = await strict.see("甲", path)
    assert (removed["status"], removed["held"]["reason"]) == ("removed", "广告")
    assert await strict.told("content.discussion.") == []
    for verb in ("restore", "remove", "restore"):
        await strict.send("版主", f"{path}/{verb}")
    assert await strict.told("content.discussion.") == [
        ("discussion.started", 1),
        ("discussion.removed", 2),
        ("discussion.restored", 3),
    ]


async def test_nobody_decides_about_their_own_text_and_nothing_is_decided_twice(strict):
    await strict.starts("版主", body="刷单")
    await decides(strict, "release", status=403)
    (item,) = await queue(strict)
    await strict.joins("群主", "owner")
    path, body = f"{ITEMS}/{item['id']}/decide", {"verdict": "release", "revision": 1}
    await strict.send("群主", path, body)
    await strict.send("群主", path, body | {"verdict": "remove", "reason": "广告"}, status=409)


async def test_reports_on_one_thing_are_one_item_and_only_moderators_read_who_reported(talk):
    await talk.joins("丙")
    asked = await talk.starts("甲")
    about = {"object": {"kind": "discussion", "id": asked["id"]}, "category": "abuse"}
    await talk.send("甲", ITEMS, about, status=403)
    await talk.send("乙", ITEMS, about | {"note": "骂人"}, status=201)
    again = await talk.send("乙", ITEMS, about | {"note": "别的"})
    assert again["note"] == "骂人"
    await talk.send("丙", ITEMS, about | {"category": "other"}, status=201)
    (item,) = await queue(talk)
    assert (item["reports"], item["held"], item["viewer"]["can"]) == (2, False, ["release", "remove"])
    one = await talk.see("版主", f"{ITEMS}/{item['id']}")
    assert {report["member"]["member_id"] for report in one["reported"]} == {
        str(talk["乙"].id),
        str(talk["丙"].id),
    }
    reported = await talk.stage.harness.published("content.content.reported")
    assert [(one.data["count"], one.data["category"], one.actor) for one in reported] == [
        (1, "abuse", "system"),
        (2, "other", "system"),
    ]
    assert not any(str(talk[name].id) in str(reported) for name in ("乙", "丙"))
    assert (await talk.see("甲", f"{DISCUSSIONS}/{asked['id']}"))["held"] is None
    await decides(talk, "remove", reason="辱骂")
    assert await talk.told("content.discussion.removed") == [("discussion.removed", 2)]


async def test_verdicts_of_before_a_moment_are_forgotten(strict):
    await strict.starts("甲", body="刷单")
    await decides(strict, "release")
    database, decided = strict.stage.harness.runtime.database, strict.stage.harness.clock()
    for age, left in ((timedelta(0), 1), (timedelta(seconds=1), 0)):
        async with database.transaction() as session:
            await forget(session, decided + age)
        assert len(await queue(strict)) == left


# --- articles ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def library(strict):
    """The strict community with an owner who reviews."""
    await strict.joins("群主", "owner")
    return strict


async def submits(talk, made, *, status=200, **fields):
    return await talk.send("甲", f"{ARTICLES}/{made['id']}/submit", fields or None, status=status)


async def test_a_submitted_article_waits_for_a_moderator_before_its_reviewers(library):
    made = await library.writes("甲", body="刷单有害", summary="摘要")
    path = f"{ARTICLES}/{made['id']}"
    held = await submits(library, made)
    assert (held["status"], held["working"], held["held"]["status"]) == ("held", "held", "open")
    assert await library.told("content.article") == []
    await library.see("乙", path, answered=404)
    (item,) = await queue(library, kind="article", status="open")
    assert (item["context"]["title"], item["text"]["summary"], item["text_before"]) == (made["title"], "摘要", None)
    assert (await library.see("版主", path))["held"]["status"] == "open"
    await decides(library, "return", reason="请改写")
    (task,) = await library.see("甲", "/internal/tasks")
    assert (task["code"], task["object"]) == ("mend_text", {"kind": "article", "id": made["id"]})
    await library.change("甲", path, {"body": "诚信有益"}, version=3)
    assert (await submits(library, made))["working"] == "held"
    assert await library.see("甲", "/internal/tasks") == []
    await decides(library, "release", edit={"body": "诚信有益。"})
    assert await library.told("content.article") == [("article.submitted", 1)]
    shown = await library.approves("群主", made)
    assert (shown["status"], shown["body"], shown["summary"]) == ("published", "诚信有益。", "摘要")
    refused = await library.writes("甲", "泰山计划")
    assert (await submits(library, refused, status=422))["code"] == "text_refused"


async def test_readers_read_an_article_as_it_was_while_a_revision_waits(library):
    made = await library.publishes("甲")
    path = f"{ARTICLES}/{made['id']}"
    about = {"object": {"kind": "article", "id": made["id"]}, "category": "other"}
    await library.send("乙", ITEMS, about, status=201)
    for body, verdict, working in (("刷单", "remove", "draft"), ("来刷单", "withdrawn", "draft")):
        await library.change("甲", path, {"body": body}, version=await _at(library, path))
        await submits(library, made)
        (item,) = await queue(library, status="open")
        assert (item["text"]["body"], item["text_before"]["body"]) == (body, "先读一遍。")
        if verdict == "remove":
            assert (await library.see("乙", path))["body"] == "先读一遍。"
            await decides(library, "remove", reason="广告")
        else:
            await library.change("甲", path, {"body": "再读一遍。"}, version=await _at(library, path))
            assert await queue(library, status="open") == []
        assert ((await library.see("甲", path))["working"], (await library.see("乙", path))["body"]) == (
            working,
            "先读一遍。",
        )


async def _at(talk, path):
    return int((await talk["甲"].client.get(path)).headers["ETag"].strip('"'))


async def test_a_reported_article_can_be_removed_and_nobody_who_wrote_it_decides(library):
    made = await library.publishes("甲", author_ids=[str(library[name].id) for name in ("甲", "版主")])
    about = {"object": {"kind": "article", "id": made["id"]}, "category": "abuse"}
    await library.send("版主", ITEMS, about, status=403)
    await library.send("乙", ITEMS, about, status=201)
    (item,) = await queue(library, status="open")
    assert item["viewer"]["can"] == []
    await decides(library, "remove", reason="辱骂", status=403)
    await decides(library, "release", by="群主", edit={"body": "x"}, status=422)
    await decides(library, "remove", by="群主", reason="辱骂")
    await library.see("乙", f"{ARTICLES}/{made['id']}", answered=404)
    assert (await library.told("content.article"))[-1] == ("article.removed", 3)


async def lists(talk, word, action="hold"):
    async with talk.stage.harness.runtime.database.transaction() as session:
        (words,) = (await session.execute(select(WordList))).scalars()
        session.add(ListedWord(list_id=words.id, key=word, word=word, category="广告", action=action, mode="word"))
        (await session.get(ScanRules, words.community_id)).generation += 1


async def test_what_waits_is_not_listed_as_removed_and_what_was_removed_not_as_waiting(strict):
    def listed(path, status):
        return strict.see("版主", path, community_id=str(strict.stage.community_id), status=status)

    await strict.starts("甲", "刷单")
    idea = {"community_id": str(strict.stage.community_id), "title": "刷单角", "body": "刷单"}
    await strict.send("乙", IDEAS, idea, status=201)
    for path in (DISCUSSIONS, IDEAS):
        assert (await listed(path, "removed"))["items"] == []
    for item in await queue(strict, status="open"):
        await strict.send(
            "版主", f"{ITEMS}/{item['id']}/decide", {"verdict": "remove", "revision": 1, "reason": "广告"}
        )
    for path in (DISCUSSIONS, IDEAS):
        assert [one["status"] for one in (await listed(path, "removed"))["items"]] == ["removed"]
    await strict.joins("运营", "operator")
    later = {"kind": "announcement", "announcement": {"publish_at": "2024-05-07T06:00:00Z"}}
    announced = await strict.starts("运营", "通知", **later)
    assert [one["title"] for one in (await listed(DISCUSSIONS, "scheduled"))["items"]] == ["通知"]
    await strict.send("版主", f"{DISCUSSIONS}/{announced['id']}/remove")
    assert (await listed(DISCUSSIONS, "scheduled"))["items"] == []
    assert sorted(one["title"] for one in (await listed(DISCUSSIONS, "removed"))["items"]) == ["刷单", "通知"]


async def test_what_goes_out_later_is_looked_through_again_with_the_lists_of_then(library):
    at = {"publish_at": "2024-05-06T06:00:00Z"}
    made = await library.writes("甲", body="刷单与发票")
    await submits(library, made, **at)
    await decides(library, "release")
    await library.approves("群主", made)
    told = {"kind": "announcement", "announcement": at}
    announced = await library.starts("群主", "通知", body="领发票", **told)
    await lists(library, "发票", "reject")
    library.later(hours=2)
    await library.stage.harness.run_timers()
    items = await queue(library, status="open")
    assert sorted((item["kind"], item["category"]) for item in items) == [("article", "广告"), ("discussion", "广告")]
    assert (await library.see("群主", f"{DISCUSSIONS}/{announced['id']}"))["status"] == "held"
    for item in items:
        await library.send("版主", f"{ITEMS}/{item['id']}/decide", {"verdict": "release", "revision": item["revision"]})
    await library.stage.harness.run_timers()
    for path in (f"{DISCUSSIONS}/{announced['id']}", f"{ARTICLES}/{made['id']}"):
        assert (await library.see("乙", path))["status"] in {"open", "published"}


# --- texts of other services ---------------------------------------------------------------------------------------


def note(talk, key, revision, text):
    return received(
        TextWritten(
            community_id=talk.stage.community_id,
            object=TextObject(service="gamification", kind="checkin", id=key, revision=revision),
            root_id=key,
            author_id=talk["甲"].id,
            text={"note": text},
        ),
        occurred_at=talk.stage.harness.clock(),
        version=revision,
    )


async def test_a_text_of_another_service_is_decided_by_message_in_whatever_order_it_comes(strict):
    key, harness = new_id(), strict.stage.harness
    first, second = note(strict, key, 1, "刷单"), note(strict, key, 2, "刷单二")
    await harness.deliver(second)
    await harness.deliver(first, second, times=2)
    (item,) = await queue(strict)
    assert (item["service"], item["text"]["note"], item["matches"][0]["field"]) == ("gamification", "刷单二", "note")
    assert (item["context"]["href"], item["viewer"]["can"]) == (f"/v1/checkins/{key}", ["release", "remove"])
    await decides(strict, "return", reason="x", status=409)
    await decides(strict, "remove", reason="广告")
    told = [(one.data["object"]["revision"], one.data["verdict"]) for one in await harness.published("text.decided")]
    assert told == [(2, "hold"), (2, "remove")]
    await harness.deliver(note(strict, key, 3, "读完第三章"), note(strict, new_id(), 1, "泰山计划"))
    told = [(one.data["object"]["revision"], one.data["verdict"]) for one in await harness.published("text.decided")]
    assert told[2:] == [(3, "allow"), (1, "hold")]


@pytest.mark.parametrize("kind", ["activities", "proposals", "series"])
async def test_what_activities_are_is_looked_at_like_every_text_and_leads_to_where_it_stands(strict, kind):
    key, of_kind = new_id(), {"activities": "activity", "proposals": "proposal", "series": "series"}[kind]
    message = EventsTextWritten(
        community_id=strict.stage.community_id,
        object=TextObject(service="events", kind=of_kind, id=key, revision=1),
        root_id=key,
        author_id=strict["甲"].id,
        text={"title": "刷单", "location_name": "三楼"},
    )
    await strict.stage.harness.deliver(received(message, occurred_at=strict.stage.harness.clock(), version=1))
    (item,) = await queue(strict)
    assert (item["service"], item["matches"][0]["field"], item["context"]["href"]) == (
        "events",
        "title",
        f"/v1/{kind}/{key}",
    )
    await decides(strict, "release")
    told = [one.data["verdict"] for one in await strict.stage.harness.published("text.decided")]
    assert told == ["hold", "release"]

"""A community's archive comes in at its own times, and once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import delete as sql_delete

from chassis.ids import is_mask
from services.content.archives.imports import archive_import
from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.stage import JOINED, NOON

PATH = "/v1/archives/imports"
LONG_AGO = JOINED + timedelta(days=7)


class Archive:
    """Lines of a file, written in the order in which a test says them."""

    def __init__(self, talk: Any) -> None:
        self.talk = talk
        self.lines: list[dict[str, Any]] = []

    def says(self, kind: str, ref: str, author: str, *, at: datetime = LONG_AGO, **fields: Any) -> None:
        number = self.talk[author].employee_no if author in self.talk.members else author
        line = {"kind": kind, "id": ref, "author": number, "at": at.isoformat()}
        said = {"body": f"{ref} 的**正文**"} if kind in {"discussion", "reply", "comment", "article"} else {}
        self.lines.append(line | said | fields)

    async def comes_in(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Import it; the finished job with its errors."""
        client, path = await self.starts(dry_run=dry_run)
        await self.talk.stage.harness.run_jobs()
        job = (await client.get(path)).json()
        errors = (await client.get(f"{path}/errors")).json()["items"]
        return job | {"errors": [(error["row"], error["code"]) for error in errors]}

    async def starts(self, *, dry_run: bool = False) -> tuple[Any, str]:
        """Who imports it, and where the job is read."""
        client = self.talk.stage.service("archive.import")
        answer = await client.post(
            PATH,
            params={"community_id": str(self.talk.stage.community_id), "dry_run": dry_run},
            content=b"\n".join(map(orjson.dumps, self.lines)),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 202, answer.text
        return client, answer.headers["Location"]


@pytest.fixture
def archive(talk):
    written = Archive(talk)
    written.says("discussion", "q1", "甲", title="旧问题", tags=["教案", "＃新人"], views=12)
    written.says("reply", "a1", "乙", discussion="q1", at=LONG_AGO + timedelta(hours=2), accepted=True)
    written.says("comment", "c1", "甲", on="a1", at=LONG_AGO + timedelta(hours=3))
    written.says("comment", "c2", "版主", on="q1", at=LONG_AGO + timedelta(hours=1))
    return written


async def test_what_was_said_is_read_as_it_was(talk, archive):
    job = await archive.comes_in()
    assert (job["state"], job["failed"]) == ("succeeded", 0)
    assert job["result"] == {"created": 4, "changed": 0, "unchanged": 0}
    (item,) = (await talk.see("甲", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    assert (item["title"], item["tags"], item["kind"]) == ("旧问题", ["教案", "新人"], "question")
    assert datetime.fromisoformat(item["created_at"]) == LONG_AGO
    assert datetime.fromisoformat(item["last_activity_at"]) == LONG_AGO + timedelta(hours=3)
    assert (item["reply_count"], item["accepted_reply_id"] is not None) == (3, True)
    thread = (await talk.see("甲", REPLIES, discussion_id=item["id"]))["items"]
    assert {one["kind"]: one["body_html"] for one in thread} == {
        "answer": "<p>a1 的<strong>正文</strong></p>\n",
        "comment": "<p>c2 的<strong>正文</strong></p>\n",
    }
    (answer,) = [one for one in thread if one["kind"] == "answer"]
    assert [one["body"] for one in answer["comments"]["items"]] == ["c1 的**正文**"]
    found = await talk.see("乙", "/v1/search", q="旧问题")
    assert [one["id"] for one in found["items"]] == [item["id"]]


async def test_an_archive_names_who_said_what_and_nobody_who_asks_unnamed(talk, hall, archive):
    asked = await hall.starts("甲", "不敢署名", unnamed=True)
    await archive.comes_in()
    listed = (await talk.see("乙", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    authors = {one["title"]: one["author"]["member_id"] for one in listed}
    assert (authors["旧问题"], authors["不敢署名"]) == (str(talk["甲"].id), asked["author"]["member_id"])
    assert is_mask(UUID(authors["不敢署名"]))
    assert await talk.titles("乙", author_id=str(talk["甲"].id)) == ["旧问题"]
    archive.says("discussion", "q2", authors["不敢署名"], title="以面具之名")
    assert (await archive.comes_in())["errors"] == [(5, "unknown_author")]


async def test_nobody_has_the_past_unread_however_long_they_have_been_here(talk, archive):
    await archive.comes_in()
    (item,) = (await talk.see("乙", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    assert (item["mine"]["unread"], item["first_unread_reply_id"]) == (False, None)
    reply = await talk.replies("甲", item, "今天的")
    archive.says("reply", "a2", "版主", discussion="q1", at=hours(20))
    await archive.comes_in()
    (item,) = (await talk.see("乙", DISCUSSIONS, community_id=talk.stage.community_id, unread=True))["items"]
    assert item["first_unread_reply_id"] == reply["id"]
    assert await talk.titles("甲", unread=True) == []


async def test_it_is_told_at_its_own_times_and_as_history(talk, archive):
    await archive.comes_in()
    found = await talk.stage.harness.published("content.")
    assert all(message.backfill for message in found)
    assert sorted(message.occurred_at - LONG_AGO for message in found) == [
        timedelta(hours=hours) for hours in (0, 1, 2, 2, 3)
    ]
    firsts = [message.occurred_at - LONG_AGO for message in found if message.data.get("first_by_other")]
    assert firsts == [timedelta(hours=1)]
    talk.later(days=30)
    await talk.stage.harness.run_timers()
    assert await talk.told("content.question.overdue.v1") == []
    again = [(one.event.TYPE, one.occurred_at) for one in await talk.again()]
    assert sorted(again) == sorted((one.type, one.occurred_at) for one in found)


async def test_the_same_lines_again_change_nothing_whatever_became_of_them(talk, archive):
    await archive.comes_in()
    (item,) = (await talk.see("甲", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    await talk.send("版主", f"{DISCUSSIONS}/{item['id']}/remove")
    archive.says("reply", "a2", "甲", discussion="q1", at=NOON)
    job = await archive.comes_in()
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 4}
    assert await talk.titles("甲") == []


async def test_who_replied_to_what_is_removed_is_paid_for_nothing_that_nobody_sees(talk, archive):
    await archive.comes_in()
    (item,) = (await talk.see("甲", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    await talk.send("版主", f"{DISCUSSIONS}/{item['id']}/remove")
    await talk.stage.harness.run_jobs()
    archive.says("reply", "a2", "乙", discussion="q1", at=LONG_AGO + timedelta(days=1))
    await archive.comes_in()
    *_, posted = await talk.stage.harness.published("reply.posted")
    told = [one for one in await talk.stage.harness.published("content.reply") if one.subject == posted.subject]
    assert [(one.type.split(".")[-2], one.version) for one in told] == [("posted", 1), ("removed", 2)]
    await talk.send("版主", f"{DISCUSSIONS}/{item['id']}/restore")
    await talk.stage.harness.run_jobs()
    *_, last = [one for one in await talk.stage.harness.published("content.reply") if one.subject == posted.subject]
    assert (last.type.split(".")[-2], last.version) == ("restored", 3)


async def test_no_order_of_the_lines_makes_a_difference(talk, archive, monkeypatch):
    monkeypatch.setattr(archive_import, "rows_per_step", 1)
    archive.lines.reverse()
    archive.says("discussion", "q2", "乙", title="后来的", at=LONG_AGO + timedelta(days=1))
    archive.says("reply", "a2", "甲", discussion="q2", at=LONG_AGO)
    assert (await archive.comes_in())["failed"] == 0
    later, earlier = (await talk.see("甲", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    assert [earlier["title"], later["title"]] == ["旧问题", "后来的"]
    assert [one["kind"] for one in (await talk.see("甲", REPLIES, discussion_id=earlier["id"], limit=9))["items"]] == [
        "answer",
        "comment",
    ]


async def test_a_line_that_cannot_be_is_refused_with_its_reason(talk, archive):
    archive.says("reply", "a2", "甲", discussion="nowhere")
    archive.says("reply", "a3", "E-nobody", discussion="q1")
    archive.says("reply", "a4", "甲", discussion="q1", at=NOON + timedelta(days=1))
    archive.says("reply", "a5", "甲", discussion="q1", at=JOINED - timedelta(days=1))
    archive.says("reply", "a6", "甲", discussion="q1", accepted=True, at=LONG_AGO + timedelta(days=1))
    archive.says("comment", "c3", "甲", on="c1", at=LONG_AGO + timedelta(days=1))
    archive.says("discussion", "q2", "甲", title="标签", tags=["词" * 31])
    archive.says("discussion", "q3", "甲")
    archive.says("discussion", "q1", "甲", title="又一次")
    job = await archive.comes_in()
    assert sorted(job["errors"]) == [
        (5, "unknown_parent"),
        (6, "unknown_author"),
        (7, "in_the_future"),
        (8, "before_joining"),
        (9, "accepted_twice"),
        (10, "not_below_this"),
        (11, "invalid_tags"),
        (12, "needed"),
        (13, "duplicate_in_file"),
    ]
    assert job["result"] == {"created": 4, "changed": 0, "unchanged": 0}


async def test_a_dry_run_says_the_same_and_writes_nothing(talk, archive, monkeypatch):
    monkeypatch.setattr(archive_import, "rows_per_step", 1)
    job = await archive.comes_in(dry_run=True)
    assert job["result"] == {"created": 4, "changed": 0, "unchanged": 0}
    assert await talk.titles("甲") == []
    assert await talk.told("content.discussion.started.v1") == []


# --- what became of it -----------------------------------------------------------------------------------------------

RARE = "𠮷野家 👩‍👩‍👧 \u200d<script>&amp;é"


def hours(count: float) -> datetime:
    return LONG_AGO + timedelta(hours=count)


@pytest.fixture
def eventful(archive):
    """Every kind of line, most of them odd, and parents after what is about them."""
    archive.lines.reverse()
    archive.says("edit", "e1", "甲", on="q1", title=RARE, tags=["教案", "改后"], at=hours(5))
    archive.says("edit", "e0", "甲", on="q1", body="中间的", title="中间的", at=hours(4))
    archive.says("edit", "e2", "乙", on="a1", body="先于其文的改动", at=hours(-1))
    archive.says("reaction", "r1", "甲", on="a1", reaction="like", at=hours(6))
    archive.says("reaction", "r2", "甲", on="a1", reaction="like", at=hours(7))
    archive.says("reaction", "r3", "乙", on="q1", reaction="thanks", at=hours(6))
    archive.says("delete", "d3", "乙", on="r3", at=hours(7))
    archive.says("delete", "d1", "甲", on="c1", at=hours(8))
    archive.says("restore", "s1", "甲", on="c1", at=hours(9))
    archive.says("delete", "d2", "版主", on="c2", at=hours(8))
    archive.says("restore", "s2", "甲", on="c2", at=hours(9))
    archive.says("discussion", "q2", "乙", title="删掉的", at=hours(1))
    archive.says("reply", "a2", "甲", discussion="q2", at=hours(2))
    archive.says("delete", "d4", "乙", on="q2", at=hours(10))
    archive.says("reaction", "r4", "甲", on="w1", reaction="insightful", at=hours(30))
    archive.says("edit", "e3", "乙", on="w1", body="改过的 **文章**", summary="摘要", at=hours(26))
    archive.says("article", "w1", "乙", title="文章", tags=["教案"], article_kind="case_study", at=hours(24))
    archive.says("article", "w2", "甲", title="撤下的文章", at=hours(24))
    archive.says("delete", "d5", "甲", on="w2", at=hours(25))
    return archive


async def as_it_is(talk):
    """What everybody can read, without ids."""
    if "丙" not in talk.members:
        await talk.joins("丙")
    community = talk.stage.community_id
    found: list[Any] = []
    for item in (await talk.see("丙", DISCUSSIONS, community_id=community))["items"]:
        thread = (await talk.see("丙", REPLIES, discussion_id=item["id"], limit=50))["items"]
        replies = sorted(
            (one["kind"], one["body"], one["status"], one["accepted"], one["reactions"], len(one["comments"]["items"]))
            for one in thread
        )
        said = (item["title"], item["tags"], item["status"], item["reactions"], item["reply_count"])
        found.append((*said, item["last_reply"], item["last_activity_at"], replies))
    for item in (await talk.see("丙", "/v1/articles", community_id=community))["items"]:
        one = await talk.see("丙", f"/v1/articles/{item['id']}")
        found.append((one["title"], one["body"], one["summary"], one["number"], one["published_at"], one["reactions"]))
    return found


async def test_what_became_of_it_comes_in_whatever_the_order(talk, eventful):
    job = await eventful.comes_in()
    assert (job["failed"], job["errors"]) == (0, [])
    assert job["result"] == {"created": 11, "changed": 10, "unchanged": 2}
    q1, w1 = await as_it_is(talk)
    assert q1[:5] == (RARE, ["教案", "改后"], "open", {}, 2)
    assert q1[-1] == [("answer", "先于其文的改动", "shown", True, {"like": 1}, 1)]
    assert w1 == ("文章", "改过的 **文章**", "摘要", 2, hours(24).isoformat().replace("+00:00", "Z"), {"insightful": 1})
    assert [one["kind"] for one in (await talk.see("甲", "/v1/search", q="改过的文章"))["items"]] == ["article"]
    found = await talk.stage.harness.published("content.")
    assert all(message.backfill for message in found)
    assert max(message.occurred_at for message in found) == hours(30)
    last = {}
    for message in found:
        assert message.version == last.get(message.subject, 0) + 1
        last[message.subject] = message.version
    assert (await talk.see("甲", "/v1/search", q="删掉的"))["items"] == []
    again = await eventful.comes_in()
    assert again["result"] == {"created": 0, "changed": 0, "unchanged": 23}


async def test_steps_of_one_line_in_another_order_end_alike(talk, eventful, monkeypatch):
    monkeypatch.setattr(archive_import, "rows_per_step", 1)
    eventful.lines.sort(key=lambda line: line["id"][::-1])
    job = await eventful.comes_in()
    assert job["errors"] == []
    assert job["result"] == {"created": 11, "changed": 10, "unchanged": 2}
    q1, w1 = await as_it_is(talk)
    assert (q1[0], q1[4], q1[5]["at"]) == (RARE, 2, hours(3).isoformat().replace("+00:00", "Z"))
    assert (w1[1], w1[3]) == ("改过的 **文章**", 2)
    removed = [one.data["object"]["kind"] for one in await talk.stage.harness.published("content.reply.removed")]
    assert len(removed) == 3


async def test_what_members_did_since_is_not_undone_by_what_was_before(talk, archive):
    archive.says("article", "w1", "乙", title="文章", at=LONG_AGO)
    await archive.comes_in()
    (item,) = (await talk.see("甲", DISCUSSIONS, community_id=talk.stage.community_id))["items"]
    await talk.change("甲", f"{DISCUSSIONS}/{item['id']}", {"title": "今天改的"})
    await talk.send("版主", f"{DISCUSSIONS}/{item['id']}/remove")
    archive.says("edit", "e1", "甲", on="q1", title="当时改的", at=hours(4))
    archive.says("restore", "s1", "版主", on="q1", at=hours(5))
    archive.says("reaction", "r1", "甲", on="w1", reaction="like", at=hours(5))
    job = await archive.comes_in()
    assert job["errors"] == []
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 7}
    seen = await talk.see("版主", f"{DISCUSSIONS}/{item['id']}")
    assert (seen["title"], seen["status"]) == ("今天改的", "removed")


async def test_a_line_about_what_it_cannot_be_about_is_refused(talk, archive):
    archive.says("reaction", "r1", "甲", on="q1", reaction="like", at=hours(4))
    archive.says("reaction", "r2", "甲", on="r1", reaction="like", at=hours(5))
    archive.says("delete", "d1", "乙", on="r1", at=hours(5))
    archive.says("edit", "e1", "乙", on="a1", title="回答没有标题", at=hours(5))
    archive.says("edit", "e2", "乙", on="a1", at=hours(5))
    archive.says("restore", "s1", "乙", on="s1", at=hours(5))
    archive.says("reply", "a9", "乙", discussion="q1", body="长" * 20_001, at=hours(5))
    archive.says("article", "w1", "乙", title="新闻", article_kind="industry_news", at=hours(5))
    archive.says("comment", "c9", "乙", on="w2", at=hours(5))
    archive.says("article", "w2", "乙", title="文章", at=hours(5))
    job = await archive.comes_in()
    assert sorted(job["errors"]) == [
        (6, "not_below_this"),
        (7, "not_theirs"),
        (8, "not_taken"),
        (9, "needed"),
        (10, "unknown_parent"),
        (11, "too_long_here"),
        (12, "not_a_choice"),
        (13, "not_below_this"),
    ]


# --- beside what is live ---------------------------------------------------------------------------------------------


async def _publish(harness: Any) -> None:
    async with harness.runtime.database.transaction() as session:
        await session.execute(sql_delete(harness.runtime.service.tables.messaging.outbox))


async def _until_paused(client: Any, path: str, done: int) -> None:
    async with asyncio.timeout(60):
        while (job := (await client.get(path)).json())["state"] != "paused" or job["done"] < done:
            await asyncio.sleep(0.01)


@pytest.fixture
def narrow(talk, monkeypatch):
    """Five messages wait at most; a step is a line."""
    runtime = talk.stage.harness.runtime
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"history_outbox_rows": 5}))
    monkeypatch.setattr(archive_import, "rows_per_step", 1)


async def test_an_import_pauses_while_what_it_told_waits_to_be_published(talk, archive, narrow):
    harness = talk.stage.harness
    await _publish(harness)
    archive.says("discussion", "q2", "乙", title="后来的", at=hours(24))
    archive.says("discussion", "q3", "乙", title="再后来的", at=hours(25))
    client, path = await archive.starts()
    running = asyncio.create_task(harness.run_jobs())
    await _until_paused(client, path, 4)
    (listed,) = (await client.get(PATH, params={"community_id": str(talk.stage.community_id)})).json()["items"]
    assert listed["state"] == "paused"
    await _publish(harness)
    await running
    assert (await client.get(path)).json()["result"]["created"] == 6


async def test_a_paused_import_can_be_cancelled(talk, archive, narrow, monkeypatch):
    monkeypatch.setattr("chassis.job_running.LOOK_SECONDS", 0.05)
    harness = talk.stage.harness
    archive.says("discussion", "q2", "乙", title="后来的", at=hours(24))
    client, path = await archive.starts()
    running = asyncio.create_task(harness.run_jobs())
    await _until_paused(client, path, 4)
    assert (await client.post(f"{path}/cancel")).json()["state"] == "cancelled"
    await asyncio.wait_for(running, 60)
    assert (await client.get(path)).json()["done"] == 4


async def test_a_text_that_names_a_file_which_is_not_there_can_still_be_edited(talk):
    written, gone = Archive(talk), f"![图](attachment:{talk.stage.community_id})"
    written.says("discussion", "q9", "甲", title="旧图", body=gone)
    await written.comes_in()
    made = (await talk.see("甲", DISCUSSIONS, mine="true"))["items"][0]
    path = f"{DISCUSSIONS}/{made['id']}"
    edited = await talk.change("甲", path, {"title": "旧图一张", "body": f"{gone} 没有了"}, version=1)
    assert (edited["title"], edited["attachments"]) == ("旧图一张", [])
    await talk.change("甲", path, {"body": f"[x](attachment:{made['id']})"}, version=2, status=422)

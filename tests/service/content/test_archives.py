"""A community's archive comes in at its own times, and once."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

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
        line = {"kind": kind, "id": ref, "author": number, "at": at.isoformat(), "body": f"{ref} 的**正文**"}
        self.lines.append(line | fields)

    async def comes_in(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Import it; the finished job with its errors."""
        client = self.talk.stage.service("archive.import")
        answer = await client.post(
            PATH,
            params={"community_id": str(self.talk.stage.community_id), "dry_run": dry_run},
            content=b"\n".join(map(orjson.dumps, self.lines)),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 202, answer.text
        await self.talk.stage.harness.run_jobs()
        job = (await client.get(answer.headers["Location"])).json()
        errors = (await client.get(f"{answer.headers['Location']}/errors")).json()["items"]
        return job | {"errors": [(error["row"], error["code"]) for error in errors]}


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

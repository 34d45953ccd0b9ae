"""Discussions: who starts, reads, finds and changes them, and what moderators do with them."""

import pytest
from sqlalchemy import select

from tests.service.content.conftest import DISCUSSIONS


def path(discussion, verb=""):
    return f"{DISCUSSIONS}/{discussion['id']}{verb and '/'}{verb}"


# --- writing and reading -------------------------------------------------------------------------------------------


async def test_a_question_is_read_with_its_author_and_as_html(talk):
    made = await talk.starts(
        "甲", body="**请**指教\n\n<script>alert(1)</script>", tags=["#教案 ", "教案", "Lesson Plan"]
    )
    assert (made["author"]["member_id"], made["status"]) == (str(talk["甲"].id), "open")
    assert made["body_html"].startswith("<p><strong>请</strong>指教</p>")
    assert "<script" not in made["body_html"]
    assert (made["excerpt"], made["tags"]) == ("请指教 <script>alert(1)</script>", ["教案", "lesson-plan"])
    assert await talk.see("乙", path(made)) == made | {
        "mine": {"author": False, "reacted": [], "unread": True, "bookmarked": False, "subscribed": False},
        "viewer": {
            "can": ["reply", "react"],
            "cannot": dict.fromkeys([*made["viewer"]["can"][:1], *made["viewer"]["cannot"], "remove"], "forbidden"),
        },
    }


async def test_a_start_is_told_once_with_what_others_need(talk):
    made = await talk.starts("甲", tags=["教案"])
    (told,) = await talk.stage.harness.published("discussion")
    assert (told.version, told.subject, told.partition_key) == (1, made["id"], made["id"])
    assert told.data == {
        "community_id": str(talk.stage.community_id),
        "discussion_id": made["id"],
        "kind": "question",
        "title": made["title"],
        "tags": ["教案"],
        "author_id": str(talk["甲"].id),
        "mentions": [],
        "answer_due_at": made["answer_due_at"],
        "visibility": "internal",
    }


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "survey"}, "/kind"),
        ({"title": " \u200b "}, "/title"),
        ({"body": "\u200b"}, "/body"),
        ({"body": "字" * 20_001}, "/body"),
        ({"tags": [f"t{n}" for n in range(11)]}, "/tags"),
        ({"tags": ["##"]}, "/tags/0"),
        ({"tags": ["\ufdfa\ufdfa"]}, "/tags/0"),
    ],
)
async def test_what_nobody_can_read_is_not_started(talk, fields, pointer):
    refused = await talk.starts("甲", status=422, **fields)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


async def test_who_is_no_member_reads_what_the_community_shows(talk):
    made = await talk.starts("甲")
    await talk.see(None, path(made), answered=404)
    await talk.see(None, DISCUSSIONS, community_id=str(talk.stage.community_id), answered=404)
    await talk.stage.change(visibility="public")
    assert (await talk.see(None, path(made)))["mine"] is None
    assert await talk.titles(None) == [made["title"]]


async def test_an_author_edits_their_own_and_an_old_version_is_refused(talk):
    made = await talk.starts("甲", tags=["教案"])
    talk.later()
    changed = await talk.change("甲", path(made), {"body": "*改*了", "tags": ["课件"]})
    assert (changed["excerpt"], changed["tags"], changed["title"]) == ("改了", ["课件"], made["title"])
    assert changed["edited_at"] == "2024-05-06T04:01:00Z"
    assert await talk.titles("乙", tag="教案") == []
    assert await talk.titles("乙", tag="#课件") == [made["title"]]
    await talk.change("甲", path(made), {"title": "旧"}, status=412)
    await talk.change("版主", path(made), {"title": "别人的"}, version=2, status=403)
    assert await talk.told("discussion") == [("discussion.started", 1), ("discussion.updated", 2)]


async def test_an_edit_that_changes_nothing_tells_nobody(talk):
    made = await talk.starts("甲")
    same = {name: made[name] for name in ("title", "body", "tags")}
    assert await talk.change("甲", path(made), same) == made
    assert len(await talk.told("discussion")) == 1


# --- lists ---------------------------------------------------------------------------------------------------------


async def test_a_list_is_filtered_and_the_latest_come_first(talk):
    for kind, title in (("topic", "一"), ("question", "二"), ("help_request", "三")):
        await talk.starts("甲" if kind == "topic" else "乙", title, kind=kind)
        talk.later()
    assert await talk.titles("甲") == ["三", "二", "一"]
    assert await talk.titles("甲", kind="topic") == ["一"]
    assert await talk.titles("甲", unanswered=True) == ["三", "二"]
    assert await talk.titles("甲", author_id=str(talk["甲"].id)) == ["一"]
    assert await talk.titles("甲", mine=True, author_id=str(talk["乙"].id)) == []
    everywhere = await talk.see("乙", DISCUSSIONS, mine=True)
    assert (await talk.see("乙", DISCUSSIONS, mine=True, author_id=str(talk["甲"].id)))["items"] == []
    assert [item["title"] for item in everywhere["items"]] == ["三", "二"]
    refused = await talk.see("乙", DISCUSSIONS, answered=422)
    assert refused["errors"][0]["pointer"] == "#/query/community_id"


async def test_a_list_is_searched_by_title_and_by_when_it_was_started(talk):
    for title in ("Python 入门", "怎么写好教案", "100% 的出勤"):
        await talk.starts("甲", title)
        talk.later(days=1)
    assert await talk.titles("乙", q="python") == ["Python 入门"]
    assert await talk.titles("乙", q="%") == ["100% 的出勤"]
    assert await talk.titles("乙", **{"from": "2024-05-07", "to": "2024-05-07"}) == ["怎么写好教案"]
    assert await talk.titles("乙", **{"from": "2024-05-07", "q": "的"}) == ["100% 的出勤"]
    assert await talk.titles("甲", mine=True, to="2024-05-06") == ["Python 入门"]


async def test_pinned_ones_come_first_on_the_first_page_and_only_there(talk):
    made = [await talk.starts("甲", str(n)) for n in range(6)]
    until = {"until": "2024-05-06T05:00:00Z"}
    await talk.send("版主", path(made[1], "pin"), until)
    community = {"community_id": str(talk.stage.community_id)}
    first = await talk.see("乙", DISCUSSIONS, limit=3, count=True, **community)
    assert [item["title"] for item in first["items"]] == ["1", "5", "4"]
    assert first["total"] == {"value": 6, "exact": True}
    rest = await talk.see("乙", DISCUSSIONS, limit=3, cursor=first["next"], **community)
    assert [item["title"] for item in rest["items"]] == ["3", "2", "0"]
    talk.later(hours=1)
    assert await talk.titles("乙") == ["5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("limit", [1, 2, 5, 20])
async def test_however_many_are_pinned_each_is_listed_once(talk, limit):
    for n in range(13):
        made = await talk.starts("甲", str(n))
        if n:
            await talk.send("版主", path(made, "pin"), {"until": "2024-05-06T05:00:00Z"})
    titles, cursor = [], {}
    for _ in range(14):
        seen = await talk.see("乙", DISCUSSIONS, community_id=str(talk.stage.community_id), limit=limit, **cursor)
        titles += [item["title"] for item in seen["items"]]
        if seen["next"] is None:
            break
        cursor = {"cursor": seen["next"]}
    assert sorted(titles, key=int) == [str(n) for n in range(13)]


async def test_a_pin_ends_in_the_future(talk):
    made = await talk.starts("甲")
    await talk.send("版主", path(made, "pin"), {"until": "2024-05-06T04:00:00Z"}, status=422)


# --- what moderators do --------------------------------------------------------------------------------------------


async def test_what_the_caller_can_do_is_what_the_commands_let_them(talk):
    made = await talk.starts("甲")
    verbs = ["lock", "unlock", "pin", "unpin", "close", "reopen", "remove", "restore"]
    for name in ("版主", "甲", "乙"):
        for before in ([], ["lock"], ["close"], ["pin"], ["remove"]):
            for verb in before:
                await talk.send("版主", path(made, verb), {"until": "2024-05-07T04:00:00Z"} if verb == "pin" else None)
            for verb in verbs:
                answer = await talk[name].client.get(path(made))
                if answer.status_code == 404:
                    continue
                viewer = answer.json()["viewer"]
                said = await talk[name].client.post(
                    path(made, verb), json={"until": "2024-05-08T04:00:00Z"} if verb == "pin" else None
                )
                code = None if said.is_success else said.json()["code"]
                assert (verb in viewer["can"], viewer["cannot"].get(verb)) == (code is None, code), (name, before, verb)
            for verb in ("unlock", "reopen", "unpin", "restore"):
                for who in ("版主", "甲"):
                    await talk[who].client.post(path(made, verb))


async def test_moves_follow_each_other_and_are_recorded(talk):
    made = await talk.starts("甲")
    seen = [(await talk.send("版主", path(made, verb)))["status"] for verb in ("lock", "close", "reopen")]
    assert seen == ["locked", "closed", "open"]
    refused = await talk.send("版主", path(made, "reopen"), status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "open")
    assert len(await talk.told("discussion.updated")) == 3


async def test_what_an_author_removed_only_they_restore(talk):
    made = await talk.starts("甲")
    assert (await talk.send("甲", path(made, "remove")))["status"] == "removed"
    await talk.see("乙", path(made), answered=404)
    assert await talk.titles("乙") == []
    await talk.send("版主", path(made, "restore"), status=409)
    talk.later()
    await talk.send("甲", path(made, "restore"))
    assert await talk.titles("乙") == [made["title"]]
    assert await talk.told("discussion") == [
        ("discussion.started", 1),
        ("discussion.removed", 2),
        ("discussion.restored", 3),
    ]


async def test_what_a_moderator_removed_its_author_sees_and_cannot_restore(talk):
    made = await talk.starts("甲")
    await talk.send("版主", path(made, "remove"))
    assert (await talk.see("甲", path(made)))["status"] == "removed"
    assert await talk.titles("甲") == []
    assert await talk.titles("甲", mine=True) == [made["title"]]
    assert await talk.titles("版主", status="removed") == [made["title"]]
    await talk.send("甲", path(made, "restore"), status=409)
    await talk.change("甲", path(made), {"title": "还在"}, version=2, status=409)
    await talk.send("版主", path(made, "restore"))


# --- questions that wait -------------------------------------------------------------------------------------------


async def test_a_question_is_overdue_after_a_working_day(talk):
    made = await talk.starts("甲")
    assert made["answer_due_at"] == "2024-05-07T04:00:00Z"
    assert (await talk.starts("甲", kind="topic"))["answer_due_at"] is None
    talk.later(days=1)
    await talk.stage.harness.run_timers()
    (told,) = await talk.stage.harness.published("question.overdue")
    assert (told.subject, told.data["due_at"], told.version) == (made["id"], made["answer_due_at"], 2)
    queues = await talk.see("版主", "/internal/desk", community_id=str(talk.stage.community_id))
    waiting = next(queue for queue in queues if queue["code"] == "questions_overdue")
    assert (waiting["count"], waiting["oldest_at"]) == (1, made["created_at"])
    (listed,) = (await talk.see("版主", waiting["href"]))["items"]
    assert (listed["id"], listed["overdue"]) == (made["id"], True)


async def test_a_question_that_was_removed_waits_for_nobody(talk):
    made = await talk.starts("甲")
    await talk.send("甲", path(made, "remove"))
    talk.later(days=1)
    await talk.stage.harness.run_timers()
    assert await talk.told("question") == []


# --- told again ----------------------------------------------------------------------------------------------------


async def test_deeds_are_told_again_as_they_were_told(talk):
    made = await talk.starts("甲")
    await talk.change("甲", path(made), {"title": "改了"})
    await talk.send("甲", path(made, "remove"))
    await talk.send("甲", path(made, "restore"))
    first = {one.version: one for one in await talk.stage.harness.published("discussion")}
    outbox = talk.stage.harness.runtime.service.tables.messaging.outbox
    async with talk.stage.harness.runtime.database.reading() as session:
        ids = {row.aggregateversion: row.id for row in await session.execute(select(outbox))}
    again = await talk.again()
    assert sorted(one.version for one in again) == [1, 4]
    for one in again:
        before = first[one.version]
        assert (one.id, one.occurred_at, one.backfill) == (ids[one.version], before.occurred_at, True)
        assert one.event.model_dump(mode="json", exclude_none=True) == before.data


# --- featuring -----------------------------------------------------------------------------------------------------


async def test_what_is_featured_is_found_and_told_and_taken_back(talk):
    made = await talk.starts("甲")
    await talk.starts("甲", "平常")
    for verb, featured in (("feature", True), ("unfeature", False), ("feature", True)):
        assert (await talk.send("版主", path(made, verb)))["featured"] is featured
    assert await talk.titles("乙", featured=True) == [made["title"]]
    await talk.send("版主", path(made, "feature"), status=409)
    told = await talk.stage.harness.published("content.content")
    about = {"kind": "discussion", "id": made["id"], "root_id": made["id"], "author_ids": [str(talk["甲"].id)]}
    assert [one.data["object"] for one in told] == [about] * 3
    assert [one.version for one in told] == [2, 3, 4]
    kept = [
        (one.event.TYPE.split(".")[3], one.version) for one in await talk.again() if "content.content" in one.event.TYPE
    ]
    assert sorted(kept, key=lambda one: one[1]) == [("featured", 2), ("featured", 4)]


async def test_nobody_features_what_they_started(talk):
    mine = await talk.starts("版主")
    refused = await talk.send("版主", path(mine, "feature"), status=403)
    assert refused["code"] == "conflict_of_interest"
    assert (await talk.see("版主", path(mine)))["viewer"]["cannot"]["feature"] == "conflict_of_interest"
    await talk.send("乙", path(mine, "feature"), status=403)

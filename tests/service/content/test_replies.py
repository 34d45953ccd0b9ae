"""Replies: their order, what is counted of them, which of them helped, and what becomes of those that are removed."""

import pytest

from tests.service.content.conftest import DISCUSSIONS, REPLIES


def path(reply, verb=""):
    return f"{REPLIES}/{reply['id']}{verb and '/'}{verb}"


@pytest.fixture
async def question(talk):
    return await talk.starts("甲")


async def counts(talk, discussion):
    seen = await talk.see("甲", f"{DISCUSSIONS}/{discussion['id']}")
    last = seen["last_reply"]
    return seen["reply_count"], last and last["member"]["member_id"]


# --- posting -------------------------------------------------------------------------------------------------------


async def test_an_answer_is_seen_and_told_with_what_others_need(talk, question):
    talk.later()
    made = await talk.replies("乙", question, "**先**写目标。")
    assert (made["position"], made["status"], made["body_html"]) == (1, "shown", "<p><strong>先</strong>写目标。</p>\n")
    assert await talk.see("甲", path(made)) == made | {
        "mine": {"author": False, "reacted": []},
        "viewer": {
            "can": ["react", "accept"],
            "cannot": {
                "update": "forbidden",
                "remove": "forbidden",
                "restore": "forbidden",
                "unaccept": "illegal_transition",
            },
        },
    }
    (told,) = await talk.stage.harness.published("reply")
    assert (told.version, told.partition_key, told.occurred_at.isoformat()) == (
        1,
        question["id"],
        "2024-05-06T04:01:00+00:00",
    )
    assert told.data == {
        "community_id": str(talk.stage.community_id),
        "reply_id": made["id"],
        "kind": "answer",
        "discussion_id": question["id"],
        "discussion_kind": "question",
        "discussion_author_id": str(talk["甲"].id),
        "author_id": str(talk["乙"].id),
        "mentions": [],
        "first_by_other": True,
        "characters": 5,
        "visibility": "internal",
    }


async def test_only_the_first_reply_of_somebody_else_is_the_first(talk, question):
    await talk.replies("甲", question, "补充一下。")
    first = await talk.replies("乙", question)
    await talk.send("乙", path(first, "remove"))
    await talk.replies("乙", question, "再答一次。")
    told = await talk.stage.harness.published("reply.posted")
    assert [one.data["first_by_other"] for one in told] == [False, True, False]


async def test_a_list_of_discussions_shows_the_latest_reply_and_how_many(talk, question):
    await talk.starts("乙", "别的")
    talk.later()
    await talk.replies("乙", question)
    assert await talk.titles("甲") == [question["title"], "别的"]
    assert await talk.titles("甲", unanswered=True) == ["别的"]
    assert await counts(talk, question) == (1, str(talk["乙"].id))


async def test_an_asker_who_replies_to_themselves_still_waits(talk, question):
    await talk.replies("甲", question, "有人吗？")
    assert await talk.titles("甲", unanswered=True) == [question["title"]]
    talk.later(days=1)
    await talk.stage.harness.run_timers()
    assert await talk.told("question.overdue") == [("question.overdue", 2)]


async def test_who_was_answered_waits_for_nobody(talk, question):
    await talk.replies("乙", question)
    talk.later(days=1)
    await talk.stage.harness.run_timers()
    assert await talk.told("question.overdue") == []


async def test_the_same_text_within_five_minutes_is_refused_and_a_short_one_not(talk, question):
    text = "教案先写目标，再写过程，最后写作业和评价。"
    await talk.replies("乙", question, text)
    talk.later(minutes=4)
    refused = await talk.replies("乙", question, f" {text}\n", status=409)
    assert refused["code"] == "text_repeated"
    await talk.replies("甲", question, text)
    talk.later(minutes=1)
    await talk.replies("乙", question, text)
    for _ in range(2):
        await talk.replies("乙", question, "同意。", kind="comment")


@pytest.mark.parametrize("verb", ["lock", "close"])
async def test_a_locked_or_closed_discussion_takes_no_replies(talk, question, verb):
    await talk.send("版主", f"{DISCUSSIONS}/{question['id']}/{verb}")
    refused = await talk.replies("乙", question, status=409)
    assert refused["code"] == "thread_closed"


async def test_a_comment_stands_below_an_answer_of_the_same_discussion(talk, question):
    answer = await talk.replies("乙", question)
    comment = await talk.comments("甲", answer)
    other = await talk.starts("乙", "别的")
    for parent, discussion, kind, code in (
        (answer, question, "answer", "invalid"),
        (comment, question, "comment", "unknown_parent"),
        (answer, other, "comment", "unknown_parent"),
    ):
        fields = {"kind": kind, "parent_reply_id": parent["id"]}
        refused = await talk.replies("甲", discussion, status=422, **fields)
        assert (refused["code"], refused["errors"][0]["pointer"]) == (code, "/parent_reply_id")


async def test_an_author_edits_a_reply_and_nobody_else(talk, question):
    made = await talk.replies("乙", question)
    talk.later()
    changed = await talk.change("乙", path(made), {"body": "改了"})
    assert (changed["body_html"], changed["edited_at"]) == ("<p>改了</p>\n", "2024-05-06T04:01:00Z")
    await talk.change("乙", path(made), {"body": "旧的"}, status=412)
    for name in ("甲", "版主"):
        await talk.change(name, path(made), {"body": "别人的"}, version=2, status=403)


# --- threads -------------------------------------------------------------------------------------------------------


async def test_a_thread_is_in_order_with_the_first_comments_and_where_the_rest_is(talk, question):
    answers = [await talk.replies("乙", question, f"答{n}") for n in range(3)]
    said = [await talk.comments("甲", answers[0], f"评{n}") for n in range(5)]
    assert await talk.thread("甲", question) == ["答0", "答1", "答2"]
    listed = (await talk.see("甲", REPLIES, discussion_id=question["id"]))["items"]
    comments = listed[0]["comments"]
    assert ([one["body"] for one in comments["items"]], comments["count"]) == (["评0", "评1", "评2"], 5)
    rest = await talk.see(
        "甲", REPLIES, discussion_id=question["id"], parent_reply_id=answers[0]["id"], cursor=comments["next"]
    )
    assert [one["id"] for one in rest["items"]] == [one["id"] for one in said[3:]]
    assert listed[1]["comments"] == {"items": [], "count": 0, "next": None}


async def test_the_accepted_answer_comes_first_and_once(talk, question):
    answers = [await talk.replies("乙", question, f"答{n}") for n in range(5)]
    await talk.send("甲", path(answers[3], "accept"))
    first = await talk.see("甲", REPLIES, discussion_id=question["id"], limit=3, count=True)
    assert [one["body"] for one in first["items"]] == ["答3", "答0", "答1"]
    assert (first["items"][0]["accepted"], first["total"]["value"]) == (True, 5)
    rest = await talk.see("甲", REPLIES, discussion_id=question["id"], limit=3, cursor=first["next"])
    assert [one["body"] for one in rest["items"]] == ["答2", "答4"]


async def test_pages_of_one_leave_the_accepted_answer_in_its_place(talk, question):
    made = [await talk.replies("乙", question, f"答{n}") for n in range(3)]
    await talk.send("甲", f"{REPLIES}/{made[1]['id']}/accept")
    first = await talk.see("甲", REPLIES, discussion_id=question["id"], limit=1, count=True)
    second = await talk.see("甲", REPLIES, discussion_id=question["id"], limit=1, cursor=first["next"])
    assert [one["body"] for one in (*first["items"], *second["items"])] == ["答0", "答1"]
    assert first["total"]["value"] == 3


async def test_a_list_around_a_reply_has_it_and_what_stands_before(talk, question):
    answers = [await talk.replies("乙", question, f"答{n}") for n in range(15)]
    comment = await talk.comments("甲", answers[13])
    for one in (answers[13], comment):
        assert await talk.thread("甲", question, around=one["id"]) == [f"答{n}" for n in range(3, 15)]
    assert await talk.thread("甲", question, after=answers[13]["position"]) == ["答14"]
    other = await talk.starts("乙", "别的")
    await talk.see("甲", REPLIES, discussion_id=other["id"], around=comment["id"], answered=404)


# --- accepted answers ----------------------------------------------------------------------------------------------


async def test_another_accepted_answer_is_one_undone_and_one_given(talk, question):
    first, second = [await talk.replies("乙", question, f"答{n}") for n in range(2)]
    await talk.send("甲", path(first, "accept"))
    await talk.send("甲", path(first, "accept"))
    await talk.send("版主", path(second, "accept"))
    told = [(one.type.split(".")[3], one.subject, one.version) for one in await talk.stage.harness.published("answer")]
    assert told == [("accepted", first["id"], 2), ("unaccepted", first["id"], 3), ("accepted", second["id"], 2)]
    assert (await talk.see("乙", f"{DISCUSSIONS}/{question['id']}"))["accepted_reply_id"] == second["id"]
    (_, _, last) = await talk.stage.harness.published("answer")
    assert last.data["accepted_by"] == str(talk["版主"].id)
    assert (last.data["asker_id"], last.data["answerer_id"]) == (str(talk["甲"].id), str(talk["乙"].id))
    await talk.send("甲", path(second, "unaccept"))
    await talk.send("甲", path(second, "unaccept"), status=409)


async def test_an_accepted_answer_that_is_removed_is_no_longer_named_until_it_is_restored(talk, question):
    answer, other = [await talk.replies("乙", question, f"答{n}") for n in range(2)]
    here = f"{DISCUSSIONS}/{question['id']}"
    await talk.comments("甲", answer)
    await talk.send("甲", path(answer, "accept"))
    await talk.send("乙", path(answer, "remove"))
    assert (await talk.see("甲", here))["accepted_reply_id"] is None
    left = await talk.see("甲", path(answer))
    assert (left["status"], left["accepted"], left["viewer"]["can"]) == ("removed", False, [])
    for verb in ("accept", "unaccept", "remove"):
        await talk.send("甲", path(answer, verb), status=404)
    await talk.send("乙", path(answer, "restore"))
    assert (await talk.see("甲", here))["accepted_reply_id"] == answer["id"]
    await talk.send("乙", path(answer, "remove"))
    await talk.send("甲", path(other, "accept"))
    assert (await talk.see("甲", here))["accepted_reply_id"] == other["id"]
    await talk.send("乙", path(answer, "restore"))
    assert (await talk.see("甲", here))["accepted_reply_id"] == other["id"]


async def test_the_acceptance_that_was_paid_is_told_again_beside_the_latest(talk, question):
    answer = await talk.replies("乙", question)
    for verb in ("accept", "unaccept", "accept", "unaccept"):
        await talk.send("甲", path(answer, verb))
    again = [
        (type(one.event).__name__, one.version) for one in await talk.again() if one.event.subject() == answer["id"]
    ]
    assert sorted(again) == [("AnswerAccepted", 2), ("AnswerUnaccepted", 5), ("ReplyPosted", 1)]


async def test_only_the_asker_and_moderators_accept_and_no_moderator_their_own(talk, question):
    answer = await talk.replies("版主", question)
    await talk.send("乙", path(answer, "accept"), status=403)
    refused = await talk.send("版主", path(answer, "accept"), status=403)
    assert refused["code"] == "conflict_of_interest"
    await talk.send("甲", path(answer, "accept"))


async def test_nothing_is_accepted_but_an_answer_to_who_asked(talk, question):
    comment = await talk.replies("乙", question, kind="comment")
    topic = await talk.starts("甲", kind="topic")
    answer = await talk.replies("乙", topic)
    for one in (comment, answer):
        await talk.send("甲", path(one, "accept"), status=409)


async def test_an_accepted_answer_that_is_removed_stays_accepted_and_hidden(talk, question):
    answer = await talk.replies("乙", question)
    await talk.send("甲", path(answer, "accept"))
    await talk.send("版主", path(answer, "remove"))
    assert await talk.thread("甲", question) == []
    await talk.send("版主", path(answer, "restore"))
    shown = (await talk.see("甲", REPLIES, discussion_id=question["id"]))["items"]
    assert [one["accepted"] for one in shown] == [True]
    assert len(await talk.told("answer")) == 1


# --- removed and restored ------------------------------------------------------------------------------------------


async def test_a_removed_reply_counts_no_more_until_it_is_restored(talk, question):
    first = await talk.replies("乙", question, "答0")
    talk.later()
    last = await talk.replies("版主", question, "答1")
    assert await counts(talk, question) == (2, str(talk["版主"].id))
    await talk.send("版主", path(last, "remove"))
    assert await counts(talk, question) == (1, str(talk["乙"].id))
    await talk.send("乙", path(first, "remove"))
    assert await counts(talk, question) == (0, None)
    assert await talk.titles("甲", unanswered=True) == [question["title"]]
    await talk.see("甲", path(first), answered=404)
    await talk.send("甲", path(first, "accept"), status=404)
    assert await talk.thread("乙", question) == ["答0"]
    await talk.send("版主", path(last, "restore"))
    assert await counts(talk, question) == (1, str(talk["版主"].id))
    assert await talk.told("reply.removed") == [("reply.removed", 2), ("reply.removed", 2)]
    assert await talk.told("reply.restored") == [("reply.restored", 3)]


async def test_a_removed_answer_keeps_its_place_above_its_comments(talk, question):
    answer = await talk.replies("乙", question)
    comment = await talk.comments("甲", answer)
    await talk.send("版主", path(answer, "remove"))
    (shown,) = (await talk.see("甲", REPLIES, discussion_id=question["id"]))["items"]
    assert (shown["status"], shown["author"], shown["body"]) == ("removed", None, None)
    assert [one["id"] for one in shown["comments"]["items"]] == [comment["id"]]
    assert await talk.thread("版主", question) == [answer["body"]]
    await talk.comments("甲", answer, status=422)
    await talk.send("甲", path(comment, "remove"))
    assert await talk.thread("甲", question) == []


async def test_what_the_caller_can_do_is_what_the_commands_let_them(talk, question):
    for name in ("版主", "甲", "乙"):
        for before in ([], ["accept"], ["remove"]):
            for verb in ("accept", "unaccept", "remove", "restore"):
                answer = await talk.replies("乙", question, f"{name}{before}{verb}")
                for one in before:
                    await talk.send("版主", path(answer, one))
                seen = await talk[name].client.get(path(answer))
                if seen.status_code == 404:
                    continue
                viewer = seen.json()["viewer"]
                said = await talk[name].client.post(path(answer, verb))
                code = None if said.is_success else said.json()["code"]
                if (before, verb, code) == (["accept"], "accept", None):
                    # It is done: once more would change nothing.
                    assert "accept" not in [*viewer["can"], *viewer["cannot"]]
                    continue
                assert (verb in viewer["can"], viewer["cannot"].get(verb)) == (code is None, code), (name, before, verb)
    topic = await talk.starts("乙", kind="topic")
    for other in (await talk.replies("甲", question, kind="comment"), await talk.replies("甲", topic)):
        assert {"accept", "unaccept"}.isdisjoint([*other["viewer"]["can"], *other["viewer"]["cannot"]])


async def test_replies_go_with_their_discussion_and_come_back_with_it(talk, question):
    answers = [await talk.replies("乙", question, f"答{n}") for n in range(3)]
    await talk.send("乙", path(answers[0], "remove"))
    talk.later()
    await talk.send("版主", f"{DISCUSSIONS}/{question['id']}/remove")
    await talk.see("乙", path(answers[1]), answered=404)
    await talk.stage.harness.run_jobs()
    removed = [one for one in await talk.stage.harness.published("reply.removed") if one.data["cause"] == "parent"]
    assert {one.subject for one in removed} == {one["id"] for one in answers[1:]}
    assert {(one.version, one.occurred_at.minute) for one in removed} == {(2, 1)}
    talk.later()
    await talk.send("版主", f"{DISCUSSIONS}/{question['id']}/restore")
    assert await talk.thread("甲", question) == ["答1", "答2"]
    await talk.stage.harness.run_jobs()
    restored = await talk.stage.harness.published("reply.restored")
    assert {(one.subject, one.version, one.occurred_at.minute) for one in restored} == {
        (one["id"], 3, 2) for one in answers[1:]
    }


async def test_a_discussion_that_came_back_before_the_job_ran_changes_nothing(talk, question):
    await talk.replies("乙", question)
    for verb in ("remove", "restore"):
        await talk.send("版主", f"{DISCUSSIONS}/{question['id']}/{verb}")
    await talk.stage.harness.run_jobs()
    assert await talk.told("reply") == [("reply.posted", 1)]


async def test_nobody_replies_to_what_was_removed(talk, question):
    await talk.send("甲", f"{DISCUSSIONS}/{question['id']}/remove")
    await talk.replies("乙", question, status=404)
    await talk.replies("甲", question, status=409)

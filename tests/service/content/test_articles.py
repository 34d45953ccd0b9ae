"""Articles: drafted, reviewed, published, revised beside what readers see, archived; and who reads what of it."""

import pytest

from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES


def path(article, verb=""):
    return f"{ARTICLES}/{article['id']}{verb and '/'}{verb}"


@pytest.fixture
async def shelf(talk):
    """The talk, with an owner and an operator."""
    await talk.joins("群主", "owner")
    await talk.joins("运营", "operator")
    return talk


async def titles(talk, name, **query):
    listed = await talk.see(name, ARTICLES, **({"community_id": str(talk.stage.community_id)} | query))
    return [item["title"] for item in listed["items"]]


# --- on the way to readers -----------------------------------------------------------------------------------------


async def test_a_draft_is_seen_by_its_authors_and_those_who_decide(shelf):
    made = await shelf.writes("甲", author_ids=[str(shelf[name].id) for name in ("甲", "乙")], tags=["#主持 "])
    assert (made["status"], made["working"], made["number"], made["tags"]) == ("draft", "draft", 1, ["主持"])
    assert [one["member_id"] for one in made["authors"]] == [str(shelf["甲"].id), str(shelf["乙"].id)]
    for name, answered in (("乙", 200), ("群主", 200), ("运营", 200), ("版主", 404)):
        await shelf.see(name, path(made), answered=answered)
    assert await titles(shelf, "甲") == []
    assert await titles(shelf, "乙", status="draft") == await titles(shelf, "群主", status="draft") == [made["title"]]
    assert await titles(shelf, "版主", status="draft") == []
    assert (await shelf.see("乙", ARTICLES, mine=True))["items"][0]["mine"]["author"] is True
    assert await shelf.told("article") == []


async def test_an_article_is_returned_once_and_then_published_by_somebody_else(shelf):
    made = await shelf.writes("甲")
    await shelf.send("甲", path(made, "approve"), status=403)
    await shelf.send("甲", path(made, "submit"))
    await shelf.send("群主", path(made, "return"), {"reason": "请写明出处。"})
    seen = await shelf.see("甲", path(made))
    assert (seen["status"], seen["under_way"]["returned"]["reason"]) == ("draft", "请写明出处。")
    (task,) = await shelf.see("甲", "/internal/tasks")
    assert (task["code"], task["object"], task["href"]) == (
        "mend_article",
        {"kind": "article", "id": made["id"]},
        path(made),
    )
    assert await shelf.see("乙", "/internal/tasks") == []
    await shelf.change("甲", path(made), {"body": "先读一遍《学记》。"}, version=3)
    await shelf.send("甲", path(made, "submit"))
    assert await shelf.see("甲", "/internal/tasks") == []
    shelf.later()
    published = await shelf.approves("群主", made)
    assert (published["status"], published["working"], published["published_at"]) == (
        "published",
        None,
        "2024-05-06T04:01:00Z",
    )
    assert await titles(shelf, "乙") == [made["title"]]
    steps = ["submitted", "returned", "submitted", "published"]
    assert await shelf.told("article") == [(f"article.{step}", place + 1) for place, step in enumerate(steps)]
    (told,) = await shelf.stage.harness.published("article.published")
    assert (told.data["author_ids"], told.data["revision"], told.data["visibility"]) == (
        [str(shelf["甲"].id)],
        1,
        "internal",
    )


async def test_nobody_approves_what_they_wrote_in(shelf):
    made = await shelf.writes("群主")
    await shelf.send("群主", path(made, "submit"))
    assert (await shelf.approves("群主", made, status=403))["code"] == "conflict_of_interest"
    await shelf.change("运营", path(made), {"summary": "一页纸"}, version=2)
    await shelf.send("运营", path(made, "submit"))
    assert (await shelf.approves("运营", made, status=403))["code"] == "conflict_of_interest"
    cannot = (await shelf.see("运营", path(made)))["viewer"]["cannot"]
    assert (cannot["approve"], cannot["return"]) == ("conflict_of_interest", "conflict_of_interest")


async def test_what_changed_since_the_reviewer_read_it_is_not_approved(shelf):
    made = await shelf.writes("甲")
    await shelf.send("甲", path(made, "submit"))
    await shelf.change("甲", path(made), {"body": "另一篇。"}, version=2)
    await shelf.send("甲", path(made, "submit"))
    old = await shelf["群主"].client.post(path(made, "approve"), headers={"If-Match": '"2"'})
    assert (old.status_code, old.json()["code"]) == (412, "precondition_failed")
    assert (await shelf["群主"].client.post(path(made, "approve"))).status_code == 428


async def test_experience_needs_no_review_where_the_community_says_so(shelf):
    community = {"community_id": str(shelf.stage.community_id)}
    assert (await shelf.see("甲", f"{ARTICLES}/review-policy", **community))["experience_unreviewed"] is False
    policy = f"{ARTICLES}/review-policy?community_id={shelf.stage.community_id}"
    await shelf.change("群主", policy, {"experience_unreviewed": True})
    one, other = await shelf.writes("甲", kind="experience"), await shelf.writes("甲")
    assert (await shelf.send("甲", path(one, "submit")))["status"] == "published"
    assert (await shelf.send("甲", path(other, "submit")))["status"] == "in_review"


# --- published -----------------------------------------------------------------------------------------------------


async def test_a_revision_is_reviewed_while_the_live_version_stays(shelf):
    made = await shelf.publishes("甲", tags=["主持"])
    live = await shelf.see("乙", path(made))
    shelf.later()
    changes = {"body": "先读两遍。\n再提问。", "tags": ["提问"], "author_ids": [str(shelf[n].id) for n in ("甲", "乙")]}
    changed = await shelf.change("甲", path(made), changes, version=3)
    assert (changed["status"], changed["working"], changed["number"], changed["under_way"]["number"]) == (
        "published",
        "draft",
        1,
        2,
    )
    assert await titles(shelf, "甲", author_id=str(shelf["乙"].id)) == []
    assert (await shelf.see("版主", path(made)))["body"] == live["body"]
    assert (await shelf.see("版主", path(made)))["working"] is None
    await shelf.see("版主", path(made, "versions/2"), answered=404)
    assert (await shelf.see("乙", path(made, "versions/2")))["body"] == changes["body"]
    await shelf.send("乙", path(made, "submit"))
    queues = await shelf.see("运营", "/internal/desk", community_id=str(shelf.stage.community_id))
    waiting = next(queue for queue in queues if queue["code"] == "articles_to_review")
    assert (waiting["count"], waiting["oldest_at"]) == (1, "2024-05-06T04:01:00Z")
    assert [one["id"] for one in (await shelf.see("运营", waiting["href"]))["items"]] == [made["id"]]
    await shelf.approves("运营", made)
    seen = await shelf.see("版主", path(made))
    assert (seen["body"], seen["tags"], seen["number"]) == (changes["body"], ["提问"], 2)
    assert (seen["published_at"], seen["edited_at"]) == (live["published_at"], "2024-05-06T04:01:00Z")
    assert [one["number"] for one in (await shelf.see("版主", path(made, "versions")))["items"]] == [2, 1]
    assert await shelf.see("版主", path(made, "diff"), before=1, after=2) == {
        "before": 1,
        "after": 2,
        "fields": ["tags", "author_ids"],
        "lines": [
            {"op": "removed", "text": "先读一遍。"},
            {"op": "added", "text": "先读两遍。"},
            {"op": "added", "text": "再提问。"},
        ],
    }
    assert [step for step, _ in await shelf.told("article")] == [
        "article.submitted",
        "article.published",
        "article.submitted",
        "article.revised",
    ]


async def test_an_edit_of_an_older_version_is_shown_the_newer_one(shelf):
    made = await shelf.writes("甲", author_ids=[str(shelf[name].id) for name in ("甲", "乙")])
    await shelf.change("乙", path(made), {"body": "先读两遍。"})
    refused = await shelf.change("甲", path(made), {"body": "先读三遍。"}, status=412)
    assert (refused["newer"]["body"], refused["newer"]["edited_by"]["member_id"]) == ("先读两遍。", str(shelf["乙"].id))
    assert refused["newer"]["edited_at"].endswith("Z")
    same = await shelf.change("甲", path(made), {"body": "先读两遍。"}, version=2)
    assert same["under_way"]["edited_by"]["member_id"] == str(shelf["乙"].id)
    over = await shelf["甲"].client.patch(path(made), json={"body": "先读三遍。"}, headers={"If-Match": "*"})
    assert (over.status_code, over.json()["body"]) == (200, "先读三遍。")


async def test_an_archived_article_is_at_its_address_and_in_no_list(shelf):
    made = await shelf.publishes("甲")
    await shelf.change("甲", path(made), {"body": "再改。"}, version=3)
    archived = await shelf.send("甲", path(made, "archive"))
    assert (archived["status"], archived["working"]) == ("archived", None)
    assert await titles(shelf, "乙") == []
    assert await titles(shelf, "乙", status="archived") == [made["title"]]
    assert (await shelf.see("乙", path(made)))["status"] == "archived"
    await shelf.change("甲", path(made), {"body": "还改。"}, version=5, status=409)
    assert (await shelf.told("article"))[-1] == ("article.archived", 3)


async def test_what_is_removed_its_authors_and_moderators_see(shelf):
    made = await shelf.publishes("甲")
    await shelf.send("版主", path(made, "remove"))
    await shelf.see("乙", path(made), answered=404)
    assert (await shelf.see("甲", path(made)))["status"] == "removed"
    await shelf.send("甲", path(made, "restore"), status=409)
    assert await titles(shelf, "版主", status="removed") == [made["title"]]
    await shelf.see("乙", ARTICLES, community_id=str(shelf.stage.community_id), status="removed", answered=403)
    shelf.later()
    await shelf.send("版主", path(made, "restore"))
    assert [step for step, _ in await shelf.told("article")][-2:] == ["article.removed", "article.restored"]
    draft = await shelf.writes("乙", "草稿")
    await shelf.send("乙", path(draft, "remove"))
    # Who could not read the draft does not find it among what was removed either.
    await shelf.see("版主", path(draft), answered=404)
    assert await titles(shelf, "版主", status="removed") == []
    assert await titles(shelf, "群主", status="removed") == ["草稿"]
    await shelf.send("乙", path(draft, "restore"))
    assert len(await shelf.told("article")) == 4


async def test_deeds_of_articles_are_told_again_as_they_were_told(shelf):
    made = await shelf.publishes("甲")
    await shelf.change("甲", path(made), {"title": "新题"}, version=3)
    await shelf.send("甲", path(made, "submit"))
    await shelf.approves("运营", made)
    await shelf.send("甲", path(made, "remove"))
    await shelf.send("甲", path(made, "restore"))
    await shelf.send("甲", path(made, "archive"))
    again = {one.event.TYPE.split(".")[-2]: one for one in await shelf.again()}
    assert sorted(again) == ["archived", "published", "restored", "revised"]
    first = {one.version: one.data for one in await shelf.stage.harness.published("article")}
    for one in again.values():
        assert one.event.model_dump(mode="json", exclude_none=True) == first[one.version]


# --- who reads what ------------------------------------------------------------------------------------------------


async def test_whoever_writes_before_they_are_heard_of_is_the_author(shelf):
    shelf.members["新人"] = shelf.stage.vouch("owner")
    article = await shelf.writes("新人")
    assert [author["member_id"] for author in article["authors"]] == [str(shelf["新人"].id)]


@pytest.mark.parametrize(("visibility", "answered"), [("public", 200), ("internal", 404), ("private", 404)])
async def test_who_is_no_member_reads_what_is_shown_beyond_the_community(shelf, visibility, answered):
    made = await shelf.publishes("甲", visibility=visibility)
    await shelf.see(None, path(made), answered=404)
    await shelf.stage.change(visibility="public")
    await shelf.see(None, path(made), answered=answered)
    assert await titles(shelf, None) == ([made["title"]] if answered == 200 else [])
    assert await titles(shelf, "乙") == [made["title"]]


async def test_what_is_shown_to_more_readers_than_before_has_no_earlier_versions_for_them(shelf):
    await shelf.stage.change(visibility="public")
    made = await shelf.publishes("甲", visibility="private", body="张三的成绩单")
    etag = (await shelf["甲"].client.get(path(made))).headers["ETag"]
    mended = {"visibility": "public", "body": "某人的成绩单"}
    await shelf.change("甲", path(made), mended, version=int(etag.strip('"')))
    await shelf.send("甲", path(made, "submit"))
    await shelf.approves("群主", made)
    for name, numbers in (("乙", [2, 1]), ("甲", [2, 1]), (None, [2])):
        listed = await shelf.see(name, path(made, "versions"))
        assert [one["number"] for one in listed["items"]] == numbers
        answered = 200 if 1 in numbers else 404
        await shelf.see(name, path(made, "versions/1"), answered=answered)
        await shelf.see(name, path(made, "diff"), before=1, after=2, answered=answered)
        await shelf.see(name, path(made, "versions/2"))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "poem"}, "/kind"),
        ({"title": None}, "/title"),
        ({"kind": "industry_news"}, "/source"),
        ({"source": {"name": "报", "url": "https://example.com/1"}}, "/source"),
        ({"kind": "industry_news", "source": {"name": "报", "url": "javascript:alert(1)"}}, "/source/url"),
        ({"author_ids": ["01920000-0000-7000-8000-000000000001"]}, "/author_ids"),
        ({"body": "字" * 50_001}, "/body"),
    ],
)
async def test_what_no_article_can_be_is_not_drafted(shelf, fields, pointer):
    refused = await shelf.writes("甲", status=422, **fields)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


async def test_an_author_is_a_member_of_the_community(shelf):
    stranger = "01920000-0000-7000-8000-000000000001"
    refused = await shelf.writes("群主", status=422, author_ids=[str(shelf["甲"].id), stranger])
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("unknown_member", "/author_ids/1")
    made = await shelf.writes("群主", author_ids=[str(shelf["甲"].id)])
    await shelf.send("甲", path(made, "submit"))


# --- from a question -----------------------------------------------------------------------------------------------


async def test_an_article_is_drafted_from_a_question_and_its_answer(shelf):
    question = await shelf.starts("甲", tags=["教案"])
    refused = await shelf.writes("乙", title=None, body=None, from_discussion_id=question["id"], status=409)
    assert refused["code"] == "no_accepted_answer"
    answer = await shelf.replies("乙", question)
    await shelf.send("甲", f"{REPLIES}/{answer['id']}/accept")
    made = await shelf.writes("乙", title=None, body=None, from_discussion_id=question["id"])
    assert (made["title"], made["tags"], made["body"]) == (question["title"], ["教案"], "请指教。\n\n---\n\n先写目标。")
    origin = made["origin"]
    assert [origin[one]["member_id"] for one in ("asked_by", "answered_by")] == [
        str(shelf[name].id) for name in ("甲", "乙")
    ]
    await shelf.send("甲", f"{DISCUSSIONS}/{question['id']}/remove")
    await shelf.writes("乙", title=None, body=None, from_discussion_id=question["id"], status=404)


# --- mentions ------------------------------------------------------------------------------------------------------


async def test_each_version_mentions_whom_its_body_names(shelf):
    there, later, gone = shelf["乙"].id, shelf["版主"].id, (await shelf.stage.member(status="left")).id
    body = f"请教 [@旧名](member:{there}) 和 [@走了](member:{gone})"
    made = await shelf.publishes("甲", body=body)
    (name,) = [one["display_name"] for one in made["mentions"]]
    assert made["body_html"] == f'<p>请教 <span data-member="{there}">@{name}</span> 和 @走了</p>\n'
    await shelf.change("甲", path(made), {"body": f"请教 [@x](member:{later})"}, version=3)
    seen = [
        await shelf.see("甲", where) for where in (path(made), f"{path(made)}/versions/1", f"{path(made)}/versions/2")
    ]
    assert [[one["member_id"] for one in text["mentions"]] for text in seen] == [
        [str(there)],
        [str(there)],
        [str(later)],
    ]
    assert [text["body_html"] == made["body_html"] for text in seen] == [True, True, False]
    await shelf.send("甲", path(made, "submit"))
    shown = await shelf.approves("群主", made)
    assert [one["member_id"] for one in shown["mentions"]] == [str(later)]
    await shelf.change("甲", path(made), {"summary": "一页纸"}, version=6)
    seen = await shelf.see("甲", f"{path(made)}/versions/3")
    assert [one["member_id"] for one in seen["mentions"]] == [str(later)]

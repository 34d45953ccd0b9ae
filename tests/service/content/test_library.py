"""Where articles stand, which are among the best, and who keeps them true."""

import pytest

from chassis.testing.harness import received
from contracts.membership import CommunityOpened
from tests.service.content.conftest import ARTICLES
from tests.service.stage import JOINED, Stage

COLLECTIONS = "/v1/collections"


@pytest.fixture
async def shelf(talk):
    """The talk, with an owner and an operator."""
    await talk.joins("群主", "owner")
    await talk.joins("运营", "operator")
    return talk


def path(article, verb=""):
    return f"{ARTICLES}/{article['id']}{verb and '/'}{verb}"


async def collect(talk, name, parent=None, *, status=201):
    body = {"community_id": str(talk.stage.community_id), "name": name, "parent_id": parent and parent["id"]}
    return await talk.send("运营", COLLECTIONS, body, status=status)


async def titles(talk, **query):
    listed = await talk.see("乙", ARTICLES, **({"community_id": str(talk.stage.community_id)} | query))
    return [item["title"] for item in listed["items"]]


# --- collections ---------------------------------------------------------------------------------------------------


async def test_a_collection_lists_what_stands_in_it_and_below(shelf):
    top = await collect(shelf, "教学")
    below, other = await collect(shelf, "教案", top), await collect(shelf, "活动")
    made = await shelf.publishes("甲", "教案怎么写", collection_id=below["id"])
    assert [await titles(shelf, collection_id=one["id"]) for one in (top, below, other)] == [
        [made["title"]],
        [made["title"]],
        [],
    ]
    moved = await shelf.change("甲", path(made), {"collection_id": other["id"]}, version=3)
    assert (moved["collection_id"], moved["working"]) == (other["id"], None)
    listed = await shelf.see("乙", COLLECTIONS, community_id=str(shelf.stage.community_id))
    assert [(one["name"], one["parent_id"]) for one in listed["items"]] == [
        ("教学", None),
        ("教案", top["id"]),
        ("活动", None),
    ]


async def test_a_name_is_given_once_in_a_place(shelf):
    top = await collect(shelf, "教学")
    assert (await collect(shelf, "教学", status=409))["code"] == "already_exists"
    await collect(shelf, "教学", top)


async def test_a_collection_moves_anywhere_but_into_itself(shelf):
    top = await collect(shelf, "一")
    deep = top
    for name in "二三四五六":
        deep = await collect(shelf, name, deep)
    assert (await collect(shelf, "七", deep, status=409))["code"] == "collections_full"
    one = f"{COLLECTIONS}/{top['id']}"
    refused = await shelf.change("运营", one, {"parent_id": deep["id"]}, status=422)
    assert refused["errors"][0]["code"] == "in_itself"
    aside = await collect(shelf, "旁")
    refused = await shelf.change("运营", one, {"parent_id": aside["id"]}, status=409)
    assert refused["code"] == "collections_full"
    moved = await shelf.change("运营", f"{COLLECTIONS}/{deep['id']}", {"parent_id": None, "name": "旁边"})
    assert (moved["parent_id"], moved["version"]) == (None, 2)


async def test_a_collection_goes_when_nothing_stands_in_it(shelf):
    one = await collect(shelf, "教学")
    made = await shelf.writes("甲", collection_id=one["id"])
    address = f"{COLLECTIONS}/{one['id']}"
    refused = await shelf["运营"].client.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "collection_in_use")
    await shelf.change("甲", path(made), {"collection_id": None})
    assert (await shelf["运营"].client.delete(address)).status_code == 204
    refused = await shelf.change("甲", path(made), {"collection_id": one["id"]}, version=2, status=422)
    assert refused["code"] == "unknown_collection"


# --- among the best ------------------------------------------------------------------------------------------------


async def test_featuring_is_told_and_taken_back(shelf):
    made = await shelf.publishes("甲")
    await shelf.send("甲", path(made, "feature"), status=403)
    assert (await shelf.send("版主", path(made, "feature")))["featured_at"] is not None
    await shelf.send("版主", path(made, "feature"), status=409)
    assert await titles(shelf, featured=True) == [made["title"]]
    (told,) = await shelf.stage.harness.published("content.featured")
    assert (told.subject, told.data["object"]["author_ids"], told.data["by"]) == (
        made["id"],
        [str(shelf["甲"].id)],
        str(shelf["版主"].id),
    )
    await shelf.send("版主", path(made, "unfeature"))
    assert await titles(shelf, featured=True) == []
    (told,) = await shelf.stage.harness.published("content.unfeatured")
    assert (told.subject, told.version) == (made["id"], 4)


# --- kept true -----------------------------------------------------------------------------------------------------


async def test_past_its_day_readers_see_it_and_its_owner_has_a_task(shelf):
    made = await shelf.publishes("甲")
    kept = {"owner_id": str(shelf["乙"].id), "verified_until": "2024-06-01T00:00:00Z"}
    assert (await shelf.change("甲", path(made), kept, version=3))["verify_due"] is False
    community = str(shelf.stage.community_id)
    assert await shelf.see("乙", "/internal/tasks") == []
    shelf.later(days=30)
    assert (await shelf.see("版主", path(made)))["verify_due"] is True
    (task,) = await shelf.see("乙", "/internal/tasks")
    assert (task["code"], task["href"], task["community"]["name"]) == ("verify_article", path(made), "读书会")
    queues = await shelf.see("运营", "/internal/desk", community_id=community)
    waiting = next(queue for queue in queues if queue["code"] == "knowledge_to_verify")
    assert (waiting["count"], waiting["oldest_at"]) == (1, "2024-06-01T00:00:00Z")
    assert [one["id"] for one in (await shelf.see("运营", waiting["href"]))["items"]] == [made["id"]]
    again = {"verified_until": "2024-12-01T00:00:00Z", "note": "与现行制度核对过。"}
    await shelf.send("甲", path(made, "verify"), again, status=403)
    await shelf.send("乙", path(made, "verify"), again | {"verified_until": "2024-06-01T00:00:00Z"}, status=422)
    verified = await shelf.send("乙", path(made, "verify"), again)
    assert (verified["verify_due"], verified["verified"]["note"]) == (False, again["note"])
    assert await shelf.see("乙", "/internal/tasks") == []
    await shelf.stage.leave(shelf["乙"])
    queues = await shelf.see("运营", "/internal/desk", community_id=community)
    assert next(queue["count"] for queue in queues if queue["code"] == "knowledge_to_verify") == 1
    assert (await shelf.see("运营", path(made)))["owner"]["left"] is True


async def test_who_left_reads_what_members_read_and_no_drafts(shelf):
    made = await shelf.writes("甲")
    await shelf.stage.leave(shelf["甲"])
    await shelf.see("甲", path(made), answered=404)
    await shelf.see("群主", path(made))


# --- what it is to its readers -------------------------------------------------------------------------------------


async def test_reading_grows_and_is_one_view_in_eight_hours(shelf):
    made = await shelf.publishes("甲", tags=["主持"])

    async def reads(progress):
        answer = await shelf["乙"].client.put(path(made, "progress"), json={"progress": progress})
        assert answer.status_code == 200, answer.text
        return answer.json()["progress"], answer.json()["finished"]

    assert [await reads(part) for part in (0, 0.5, 0.2, 1)] == [(0, False), (0.5, False), (0.5, False), (1, True)]
    assert (await shelf.see("乙", path(made)))["views"] == 1
    shelf.later(hours=8)
    await reads(0)
    seen = await shelf.see("乙", path(made))
    assert (seen["views"], seen["mine"]["progress"]) == (2, 1)
    told = await shelf.stage.harness.published("article.read")
    assert [(one.version, one.data["progress"], one.data["finished"]) for one in told] == [
        (1, 0, False),
        (2, 0.5, False),
        (3, 1, True),
        (4, 1, True),
    ]
    draft = await shelf.writes("甲")
    assert (await shelf["甲"].client.put(path(draft, "progress"), json={"progress": 1})).status_code == 409


async def test_a_member_rates_once_and_an_author_not_at_all(shelf):
    made = await shelf.publishes("甲")

    async def rates(name, rating):
        return await shelf[name].client.put(path(made, "rating"), json={"rating": rating})

    assert (await shelf.see("乙", path(made)))["rating"] == {"mean": None, "n": 0}
    assert [(await rates("乙", 1)).status_code, (await rates("版主", 4)).status_code] == [200, 200]
    said = [(await rates("乙", 5)).json() for _ in range(2)]
    assert [(one["rating"], one["ratings"]) for one in said] == [(5, {"mean": 4.5, "n": 2})] * 2
    told = await shelf.stage.harness.published("article.rated")
    assert [(one.data["rating"], one.version) for one in told] == [(1, 1), (4, 1), (5, 2)]
    assert (await shelf.see("甲", path(made)))["rating"] == {"mean": 4.5, "n": 2}
    refused = await rates("甲", 5)
    assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest")
    assert (await shelf.see("甲", path(made)))["viewer"]["cannot"]["rate"] == "conflict_of_interest"


async def test_what_is_bookmarked_is_found_again(shelf):
    made, other = await shelf.publishes("甲"), await shelf.publishes("甲", "另一篇")
    assert (await shelf["乙"].client.put(path(made, "bookmark"))).json()["bookmarked"] is True
    assert await titles(shelf, bookmarked=True) == [made["title"]]
    assert (await shelf.see("版主", path(made)))["mine"]["bookmarked"] is False
    assert (await shelf["乙"].client.delete(path(made, "bookmark"))).json()["bookmarked"] is False
    assert await titles(shelf, bookmarked=True) == []
    assert await titles(shelf) == [other["title"], made["title"]]


async def test_how_far_it_was_read_and_how_it_is_rated_is_told_again_as_it_was_told(shelf):
    made = await shelf.publishes("甲")
    for name, progress in (("乙", 0.3), ("乙", 0.95), ("群主", 0.5)):
        shelf.later()
        await shelf[name].client.put(path(made, "progress"), json={"progress": progress})
    for rating in (2, 4):
        shelf.later()
        await shelf["乙"].client.put(path(made, "rating"), json={"rating": rating})
    of_readers = [f"content.article.{kind}.v1" for kind in ("read", "rated")]
    told = [
        one for one in await shelf.stage.harness.published("article") if one.type.split("qunxue.")[-1] in of_readers
    ]
    last = {(one.subject, one.type): one for one in told}
    again = {(one.event.subject(), one.event.TYPE): one for one in await shelf.again()}
    assert again.keys() >= last.keys()
    for key, one in last.items():
        same = again[key]
        assert (same.id, same.version, same.occurred_at) == (one.id, one.version, one.occurred_at)
        assert same.event.model_dump(mode="json") == one.data
    since = shelf.stage.harness.clock()
    assert [one.event.TYPE.split(".")[-2] for one in await shelf.again(since)] == ["rated"]


# --- at its moment -------------------------------------------------------------------------------------------------


async def test_an_approved_article_is_published_when_its_moment_comes(shelf):
    made = await shelf.writes("甲")
    await shelf.send("甲", path(made, "submit"), {"publish_at": "2024-05-06T06:00:00Z"})
    approved = await shelf.approves("群主", made)
    assert (approved["status"], approved["under_way"]["publish_at"]) == ("scheduled", "2024-05-06T06:00:00Z")
    assert await titles(shelf) == []
    shelf.later(hours=2)
    await shelf.stage.harness.run_timers()
    seen = await shelf.see("乙", path(made))
    assert (seen["status"], seen["published_at"]) == ("published", "2024-05-06T06:00:00Z")
    assert (await shelf.told("article"))[-1] == ("article.published", 2)


@pytest.mark.parametrize("what", ["changed", "returned", "removed"])
async def test_what_is_changed_returned_or_removed_meanwhile_is_not_published(shelf, what):
    made = await shelf.writes("甲")
    await shelf.send("甲", path(made, "submit"), {"publish_at": "2024-05-06T06:00:00Z"})
    await shelf.approves("群主", made)
    if what == "changed":
        await shelf.change("甲", path(made), {"body": "再想想。"}, version=3)
    elif what == "returned":
        await shelf.send("群主", path(made, "return"), {"reason": "再想想。"})
    else:
        await shelf.send("甲", path(made, "remove"))
    shelf.later(hours=2)
    await shelf.stage.harness.run_timers()
    assert (await shelf.see("甲", path(made)))["working"] == "draft"
    assert await shelf.stage.harness.published("article.published") == []


async def elsewhere_of(shelf, *operators):
    """Another community, which these of the first run."""
    elsewhere = Stage(shelf.stage.harness)
    opened = CommunityOpened(**elsewhere._community | {"slug": "elsewhere"})
    await elsewhere.harness.deliver(received(opened, occurred_at=JOINED))
    for name in operators:
        await elsewhere.member(person_id=shelf[name].person_id, roles=["operator"])
    return elsewhere


async def test_a_copy_is_a_draft_of_another_community_that_names_where_it_is_from(shelf):
    made = await shelf.publishes("甲", tags=["读书"])
    elsewhere = await elsewhere_of(shelf)
    copies, there = path(made, "copies"), {"community_id": str(elsewhere.community_id)}
    await elsewhere.member(person_id=shelf["运营"].person_id)
    await shelf.send("运营", copies, there, status=403)
    await elsewhere.member(person_id=shelf["群主"].person_id, roles=["operator"])
    await elsewhere.member(person_id=shelf["甲"].person_id, roles=["operator"])
    await shelf.send("甲", copies, there, status=403)
    own = await shelf.send("群主", copies, {"community_id": made["community_id"]}, status=422)
    assert [(one["pointer"], one["code"]) for one in own["errors"]] == [("/community_id", "own_community")]
    copy = await shelf.send("群主", copies, there, status=201)
    assert (copy["status"], copy["title"], copy["body"], copy["tags"]) == (
        "draft",
        made["title"],
        made["body"],
        ["读书"],
    )
    assert copy["community_id"] == str(elsewhere.community_id) != made["community_id"]
    origin = copy["copied_from"]
    assert (origin["article_id"], origin["community"]["slug"]) == (made["id"], "readers")
    assert [one["member_id"] for one in origin["authors"]] == [str(shelf["甲"].id)]
    assert made["copied_from"] is None
    draft = await shelf.writes("群主")
    await shelf.send("群主", path(draft, "copies"), there, status=409)


@pytest.mark.parametrize(("shown", "then"), [("private", "private"), ("internal", "internal"), ("public", "internal")])
async def test_a_copy_is_shown_to_no_more_than_what_it_was_copied_from(shelf, shown, then):
    made = await shelf.publishes("甲", visibility=shown)
    elsewhere = await elsewhere_of(shelf, "群主")
    there = {"community_id": str(elsewhere.community_id)}
    copy = await shelf.send("群主", path(made, "copies"), there, status=201)
    assert copy["visibility"] == then
    # Who reads the copy and could not read the original learns nothing of it.
    await shelf.send("群主", path(copy, "submit"))
    reviewer = await elsewhere.member(roles=["operator"])
    version = (await reviewer.client.get(path(copy))).headers["ETag"]
    assert (await reviewer.client.post(path(copy, "approve"), headers={"If-Match": version})).status_code == 200
    origin = (await reviewer.client.get(path(copy))).json()["copied_from"]
    assert (origin is None) == (shown == "private")

"""Speakers from outside write the archive of their session, are named among its authors, and touch no other article."""

import asyncio

import pytest

from chassis.ids import new_id
from contracts.events import ActivityCompleted, SpeakerInvited, SpeakerWithdrawn
from tests.service.content.conftest import ARTICLES
from tests.service.content.test_guests import DECK, Invitation, sends


def at(invitation):
    return f"/v1/archives/sessions/{invitation.activity_id}"


async def writes(client, invitation, body, *, version=1, answered=200):
    answer = await client.patch(at(invitation), json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == answered, answer.text
    return answer.json()


async def reads(client, invitation, answered=200):
    answer = await client.get(at(invitation))
    assert answer.status_code == answered, answer.text
    return answer.json()


def completed(invitation):
    return invitation.activity(ActivityCompleted, visibility="private", registered=1, attended=1, no_shows=0)


@pytest.fixture
async def invitation(talk):
    for name, roles in (("群主", ["owner"]), ("运营", ["operator"]), ("乙", [])):
        if name not in talk.members:
            await talk.joins(name, *roles)
    return Invitation(talk)


@pytest.fixture
async def client(invitation):
    """Who came by the link; the session is over."""
    came = await invitation.given()
    await reads(came, invitation, answered=404)
    await invitation.hears(completed(invitation))
    return came


async def test_a_guest_writes_the_archive_and_it_is_published_under_their_name(talk, invitation, client):
    draft = await reads(client, invitation)
    assert (draft["status"], draft["outside_authors"], draft["open_to_guests"]) == ("draft", ["李娜"], True)
    deck = await sends(talk, client)
    body = f"先讲一个故事。![讲义](attachment:{deck['id']})"
    written = await writes(client, invitation, {"title": "怎么讲故事", "body": body, "summary": "三步"})
    assert (written["title"], written["body"], written["summary"]) == ("怎么讲故事", body, "三步")
    one = f"{ARTICLES}/{draft['article_id']}"
    seen = await talk.see("群主", one)
    assert seen["under_way"]["edited_by"]["display_name"] == "李娜"
    await talk.send("群主", f"{one}/submit")
    approved = await talk["运营"].client.post(f"{one}/approve", headers={"If-Match": '"3"'})
    assert approved.status_code == 200, approved.text
    article = await talk.see("乙", one)
    assert (article["title"], article["outside_authors"]) == ("怎么讲故事", ["李娜"])
    assert [file["id"] for file in article["attachments"]] == [deck["id"]]
    assert (await talk.stage.harness.anonymous().get(article["attachments"][0]["href"])).status_code == 200
    listed = await talk.see("乙", ARTICLES, community_id=str(talk.stage.community_id))
    assert listed["items"][0]["outside_authors"] == ["李娜"]


async def test_what_was_submitted_a_guest_reads_and_does_not_write(talk, invitation, client):
    draft = await reads(client, invitation)
    await writes(client, invitation, {"title": "怎么讲故事"})
    one = f"{ARTICLES}/{draft['article_id']}"
    await talk.send("群主", f"{one}/submit")
    assert (await reads(client, invitation))["open_to_guests"] is False
    refused = await writes(client, invitation, {"title": "又改"}, version=3, answered=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "in_review")
    await talk.send("运营", f"{one}/return", {"reason": "请补充例子。"})
    await writes(client, invitation, {"title": "又改"}, version=4)
    await talk.send("群主", f"{one}/submit")
    await talk["运营"].client.post(f"{one}/approve", headers={"If-Match": '"6"'})
    assert (await reads(client, invitation))["status"] == "published"
    await writes(client, invitation, {"title": "再改"}, version=7, answered=409)


async def test_who_edits_an_older_version_is_shown_the_newer_one_and_who_wrote_it(talk, invitation, client):
    await writes(client, invitation, {"title": "怎么讲故事"})
    refused = await writes(client, invitation, {"title": "旧的"}, answered=412)
    assert (refused["newer"]["title"], refused["newer"]["edited_by"]["display_name"]) == ("怎么讲故事", "李娜")
    answer = await client.patch(at(invitation), json={"title": "旧的"})
    assert answer.status_code == 428


async def test_of_edits_at_one_moment_one_is_taken(invitation, client):
    asked = [client.patch(at(invitation), json={"title": f"第{n}版"}, headers={"If-Match": '"1"'}) for n in range(5)]
    assert sorted(one.status_code for one in await asyncio.gather(*asked)) == [200, 412, 412, 412, 412]


async def test_a_guest_has_the_archive_of_their_own_session_alone(talk, invitation, client):
    other = Invitation(talk)
    theirs = await other.given()
    await other.hears(completed(other))
    await reads(client, other, answered=404)
    await writes(client, other, {"title": "我的"}, answered=404)
    assert (await reads(theirs, other))["title"] == "怎么讲好一门课"
    draft = await reads(client, invitation)
    one = f"{ARTICLES}/{draft['article_id']}"
    for answer in (
        await client.get(one),
        await client.patch(one, json={"title": "我的"}, headers={"If-Match": '"1"'}),
        await client.post(f"{one}/submit"),
        await client.get(f"{one}/versions"),
        await client.post(ARTICLES, json={}),
    ):
        assert answer.status_code == 403


async def test_a_guest_names_no_file_of_others_and_mentions_nobody(talk, invitation, client):
    other = Invitation(talk)
    deck = await sends(talk, await other.given())
    refused = await writes(client, invitation, {"body": f"![](attachment:{deck['id']})"}, answered=422)
    assert refused["errors"][0]["code"] == "unknown_attachment"
    member = talk["乙"].id
    written = await writes(client, invitation, {"body": f"问 [@谁](member:{member})"})
    assert str(member) not in written["body_html"]
    assert "谁" in written["body_html"]


async def test_markup_of_a_guest_is_sanitised(invitation, client):
    written = await writes(client, invitation, {"body": "<script>alert(1)</script> [x](javascript:alert(1)) 好"})
    assert "<script" not in written["body_html"]
    assert 'href="javascript' not in written["body_html"]


async def test_who_is_withdrawn_writes_no_more_and_is_not_named_in_the_draft(talk, invitation, client):
    await writes(client, invitation, {"title": "怎么讲故事"})
    await invitation.hears(invitation.speaker(SpeakerWithdrawn))
    assert (await client.get(at(invitation))).status_code == 401
    answer = await client.patch(at(invitation), json={"title": "我的"}, headers={"If-Match": "*"})
    assert answer.status_code == 401
    draft = await reads(talk["群主"].client, invitation)
    assert (draft["title"], draft["outside_authors"]) == ("怎么讲故事", [])


async def test_its_authors_write_it_here_too_and_other_members_do_not(talk, invitation, client):
    written = await writes(talk["群主"].client, invitation, {"title": "本次分享"})
    assert written["title"] == "本次分享"
    await reads(talk["乙"].client, invitation, answered=404)
    await writes(talk["乙"].client, invitation, {"title": "我的"}, version=2, answered=404)
    nobody = await talk.stage.harness.anonymous().get(at(invitation))
    assert nobody.status_code == 401


async def test_the_trail_says_that_a_guest_wrote(talk, invitation, client):
    await writes(client, invitation, {"title": "怎么讲故事"})
    query = {"community_id": str(talk.stage.community_id), "action": "article.update"}
    trail = (await talk["群主"].client.get("/internal/audit", params=query)).json()
    assert [(one["actor"]["kind"], one["actor"]["id"]) for one in trail["items"]] == [("guest", str(invitation.id))]


async def test_in_an_archived_community_a_guest_reads_and_writes_nothing(talk, invitation, client):
    await talk.stage.change(status="archived")
    assert (await reads(client, invitation))["status"] == "draft"
    assert (await writes(client, invitation, {"title": "x"}, answered=409))["code"] == "community_archived"
    refused = await client.post("/v1/attachments", json=DECK | {"size": 5})
    assert (refused.status_code, refused.json()["code"]) == (409, "community_archived")


async def test_an_activity_that_left_no_draft_has_no_archive(talk, invitation):
    link = new_id()
    await invitation.hears(invitation.speaker(SpeakerInvited, name="李娜", link_id=link))
    await reads(invitation.came_by(link), invitation, answered=404)

"""Sharing sessions that took place: each leaves one draft, which is of whoever spoke there, and goes the way of all articles."""

from itertools import permutations
from uuid import uuid4

import pytest

from chassis.testing import received
from contracts.events import ActivityCompleted, InvitedSpeaker, Material, Speaker, SpeakerInvited, SpeakerWithdrawn
from services.content.sessions.rules import authors_of, body_of, given_on
from tests.service.content.conftest import ARTICLES


class Session:
    """A session of two hours that 群主 runs, as events tells of it."""

    def __init__(self, talk):
        self.talk = talk
        self.activity_id = uuid4()

    def completed(self, *speakers, version=5, backfill=False, **facts):
        talk, now = self.talk, self.talk.stage.harness.clock()
        told = ActivityCompleted(
            **{
                "community_id": talk.stage.community_id,
                "activity_id": self.activity_id,
                "kind": "sharing_session",
                "mode": "offline",
                "title": "怎么讲好一门课",
                "tags": ("授课",),
                "starts_at": now,
                "ends_at": now,
                "time_zone": "Asia/Shanghai",
                "organiser_ids": (talk["群主"].id,),
                "speakers": tuple(
                    Speaker(member_id=talk[one].id if one in talk.members else None, name=one) for one in speakers
                ),
                "visibility": "community",
                "registered": 3,
                "attended": 3,
                "no_shows": 0,
            }
            | facts
        )
        return received(told, occurred_at=now, version=version, backfill=backfill)

    def told(self, kind, name, version):
        talk = self.talk
        speaker = InvitedSpeaker(invitation_id=uuid4(), member_id=talk[name].id, name=name)
        told = kind(community_id=talk.stage.community_id, activity_id=self.activity_id, speaker=speaker)
        return received(told, occurred_at=talk.stage.harness.clock(), version=version)

    async def hears(self, *messages):
        await self.talk.stage.harness.deliver(*messages)

    async def drafts(self, name="群主"):
        listed = await self.talk.see(name, ARTICLES, community_id=str(self.talk.stage.community_id), status="draft")
        return [one for one in listed["items"] if one["source_activity_id"] == str(self.activity_id)]

    async def authors(self):
        [one] = await self.drafts()
        names = {str(member.id): name for name, member in self.talk.members.items()}
        return [names[author["member_id"]] for author in one["authors"]]


@pytest.fixture
async def session(talk):
    for name, roles in (("群主", ["owner"]), ("甲", []), ("乙", []), ("丙", [])):
        if name not in talk.members:
            await talk.joins(name, *roles)
    return Session(talk)


async def tasks(talk, name):
    found = await talk.see(name, "/internal/tasks")
    return [(one["code"], one["href"]) for one in found]


async def test_who_spoke_finishes_the_draft_and_publishes_it_as_every_article(talk, session):
    materials = (Material(title="课[件]", url="https://example.com/a_(1).pdf"),)
    await session.hears(session.completed("甲", "外人", summary="先讲目标。", materials=materials))
    [draft] = await session.drafts("甲")
    path = f"{ARTICLES}/{draft['id']}"
    assert (draft["kind"], draft["title"], draft["tags"], draft["summary"]) == (
        "session_archive",
        "怎么讲好一门课",
        ["授课"],
        "先讲目标。",
    )
    assert await session.authors() == ["甲"]
    assert await tasks(talk, "甲") == [("finish_archive", path)]
    assert await tasks(talk, "群主") == []
    seen = await talk.see("甲", path)
    assert '<a href="https://example.com/a_(1).pdf"' in seen["body_html"]
    await talk.see("乙", path, answered=404)
    await talk.change("乙", path, {"body": "别人的。"}, status=404)
    await talk.change("甲", path, {"body": "我讲了三点。"})
    await talk.send("甲", f"{path}/submit")
    assert await tasks(talk, "甲") == []
    await talk.approves("群主", draft)
    [told] = await talk.stage.harness.published("article.published")
    assert (told.data["source_activity_id"], told.data["author_ids"]) == (
        str(session.activity_id),
        [str(talk["甲"].id)],
    )
    assert (await talk.see("乙", path))["source_activity_id"] == str(session.activity_id)


async def test_a_session_leaves_one_draft_however_often_it_is_told(talk, session):
    done = session.completed("甲")
    await session.hears(done, done)
    await session.hears(session.completed("甲"))
    await session.hears(session.completed("乙", version=9))
    assert await session.authors() == ["甲"]
    [draft] = await session.drafts()
    # What its authors remove does not come again.
    await talk.send("甲", f"{ARTICLES}/{draft['id']}/remove")
    await session.hears(session.completed("甲"))
    assert await session.drafts() == []


async def test_only_sharing_sessions_of_now_leave_drafts(talk, session):
    await session.hears(session.completed("甲", kind="workshop"))
    await session.hears(session.completed("甲", backfill=True))
    assert await session.drafts() == []
    await talk.stage.change(status="archived")
    await session.hears(session.completed("甲"))
    assert await session.drafts() == []


async def test_where_nobody_of_us_spoke_who_ran_it_finishes_the_draft(talk, session):
    await session.hears(session.completed("外人"))
    assert await session.authors() == ["群主"]
    await session.hears(session.told(SpeakerInvited, "乙", 6))
    assert await session.authors() == ["乙"]


async def test_who_left_since_finishes_nothing(talk, session):
    await talk.stage.leave(talk["甲"])
    await session.hears(session.completed("甲", "乙"))
    assert await session.authors() == ["乙"]


async def test_speakers_named_or_withdrawn_later_have_it_or_not_in_whatever_order_that_is_told(talk, session):
    for order in permutations(range(4)):
        session = Session(talk)
        said = [
            session.told(SpeakerInvited, "甲", 3),
            session.completed("甲", version=5),
            session.told(SpeakerInvited, "乙", 6),
            session.told(SpeakerWithdrawn, "甲", 7),
        ]
        for n in order:
            await session.hears(said[n])
        assert await session.authors() == ["乙"], order
        await session.hears(*said)
        assert await session.authors() == ["乙"], order


async def test_who_was_made_an_author_by_the_lecturer_stays_one(talk, session):
    await session.hears(session.completed("甲"))
    [draft] = await session.drafts()
    path = f"{ARTICLES}/{draft['id']}"
    both = [str(talk[name].id) for name in "甲丙"]
    await talk.change("甲", path, {"author_ids": both, "body": "两个人写。"})
    version = (await talk["甲"].client.get(path)).headers["ETag"]
    await session.hears(session.told(SpeakerInvited, "乙", 6))
    assert await session.authors() == ["乙", "甲", "丙"] or await session.authors() == ["甲", "乙", "丙"]
    # Whoever read it before, reads it anew.
    assert (await talk["甲"].client.get(path)).headers["ETag"] != version
    await session.hears(session.told(SpeakerWithdrawn, "甲", 7))
    assert await session.authors() == ["乙", "丙"]
    await talk.see("甲", path, answered=404)


async def test_what_is_published_stays_whose_it_was(talk, session):
    await session.hears(session.completed("甲"))
    [draft] = await session.drafts()
    await talk.send("甲", f"{ARTICLES}/{draft['id']}/submit")
    await talk.approves("群主", draft)
    await session.hears(session.told(SpeakerWithdrawn, "甲", 6), session.told(SpeakerInvited, "乙", 7))
    seen = await talk.see("甲", f"{ARTICLES}/{draft['id']}")
    assert [one["member_id"] for one in seen["authors"]] == [str(talk["甲"].id)]


async def test_nobody_says_what_an_article_is_about_that_events_did_not_tell(talk, session):
    refused = await talk.writes("甲", source_activity_id=str(uuid4()), status=422)
    assert refused["errors"][0]["pointer"] == "/source_activity_id"


def test_who_spoke_comes_before_who_ran_it():
    assert authors_of(["a", "b"], ["c"], gone={"b"}, most=10) == ["a"]
    assert authors_of(["a"], ["b", "c"], gone={"a", "b"}, most=10) == ["c"]
    assert authors_of(["a", "b", "c"], [], gone=(), most=2) == ["a", "b"]
    assert given_on(["a", "x"], ["a"], ["b"], most=2) == ["b", "x"]


def test_a_draft_has_what_there_is_and_no_markup_of_others():
    body = body_of(None, [("a](https://evil.example) [b", "https://example.com/<x>")], ("看", "https://example.com/v"))
    assert "[a\\](https://evil.example) \\[b](<https://example.com/%3Cx%3E>)" in body
    assert body.count("\n## ") == 2

"""Files that things of other services name, as these tell it by message."""

from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.receipts import LONGEST, receipt_in
from chassis.signed import SHORT, address_of, good_until
from chassis.testing import received
from contracts import events, gamification
from contracts.attachments import LinkingObject
from contracts.membership import AttachmentLinked, AttachmentSnapshot, AttachmentUnlinked
from services.content.attachments.using import forget_uses, forget_uses_of_events, forget_uses_of_gamification
from tests.service.content.test_attachments import ATTACHMENTS, PDF, announce, fetch, kept, picture, sends

ANYBODY = UUID(int=0)


async def tell(talk, file, *messages, who="甲", about=None):
    person_id = talk[who].person_id
    object_ = LinkingObject(service="membership", kind="person", id=about or person_id)
    told = [
        received(
            kind(attachment_id=UUID(file["id"]), object=object_, person_id=person_id, linked=linked),
            occurred_at=talk.stage.harness.clock(),
            version=version,
        )
        for kind, linked, version in messages
    ]
    await talk.stage.harness.deliver(*told)


def address(talk, file, service="membership", reader=ANYBODY):
    harness = talk.stage.harness
    until = good_until(harness.clock(), SHORT)
    return address_of(harness.runtime.address_secret, UUID(file["id"]), "small", reader, until, service=service)


async def sends_picture(talk, purpose="avatar"):
    return await sends(talk, "甲", picture(), "a.png", media_type="image/png", purpose=purpose)


@pytest.fixture
async def runs_on(talk):
    harness = talk.stage.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())

    async def runs(**by):
        talk.later(**by)
        await harness.run_timers()
        await harness.run_jobs()

    return runs


async def test_a_picture_of_a_person_is_shown_and_kept_as_long_as_it_is_one(talk, runs_on):
    file = await sends_picture(talk)
    await fetch(talk, address(talk, file), 404)
    # Told in whatever order and more than once: the greatest version counts.
    await tell(talk, file, (AttachmentUnlinked, False, 2), (AttachmentLinked, True, 1), (AttachmentLinked, True, 3))
    await tell(talk, file, (AttachmentUnlinked, False, 2), (AttachmentSnapshot, True, 3))
    await runs_on(hours=26)
    shown = await fetch(talk, address(talk, file))
    assert shown.headers["content-type"] == "image/webp"
    await fetch(talk, address(talk, file, service="gamification"), 404)
    await fetch(talk, address(talk, file).replace("membership", "content"), 404)
    await tell(talk, file, (AttachmentUnlinked, False, 4))
    await fetch(talk, address(talk, file), 404)
    await runs_on(hours=26)
    await talk.see("甲", f"{ATTACHMENTS}/{file['id']}", answered=404)


async def test_what_is_named_by_two_stays_until_neither_does(talk, runs_on):
    file = await sends_picture(talk)
    other = new_id()
    await tell(talk, file, (AttachmentLinked, True, 1))
    await tell(talk, file, (AttachmentLinked, True, 1), about=other)
    asked = await talk.starts("甲", body=f"![a](attachment:{file['id']})")
    await tell(talk, file, (AttachmentUnlinked, False, 2))
    await talk.change("甲", f"/v1/discussions/{asked['id']}", {"body": "没有图片"})
    await runs_on(hours=26)
    await talk.see("甲", f"{ATTACHMENTS}/{file['id']}")
    await tell(talk, file, (AttachmentUnlinked, False, 2), about=other)
    await runs_on(hours=26)
    await talk.see("甲", f"{ATTACHMENTS}/{file['id']}", answered=404)


async def test_what_is_not_restated_any_more_is_let_go(talk, runs_on):
    kept_one, lost = await sends_picture(talk), await sends_picture(talk)
    for file in (kept_one, lost):
        await tell(talk, file, (AttachmentLinked, True, 1))
    talk.later(minutes=1)
    began = talk.stage.harness.clock()
    await tell(talk, kept_one, (AttachmentSnapshot, True, 1))
    async with talk.stage.harness.runtime.database.transaction() as session:
        await forget_uses(session, began)
    await runs_on(hours=26)
    await fetch(talk, address(talk, kept_one))
    await fetch(talk, address(talk, lost), 404)
    await talk.see("甲", f"{ATTACHMENTS}/{lost['id']}", answered=404)


async def test_nobody_shows_what_others_sent_or_what_was_sent_for_something_else(talk):
    theirs, evidence = await sends_picture(talk), await sends_picture(talk, purpose="content")
    await tell(talk, theirs, (AttachmentLinked, True, 1), who="乙")
    await tell(talk, evidence, (AttachmentLinked, True, 1))
    for file in (theirs, evidence):
        await fetch(talk, address(talk, file), 404)


async def test_what_is_told_late_brings_a_forgotten_file_back_as_long_as_its_bytes_are_there(talk, runs_on):
    file = await sends_picture(talk)
    await runs_on(hours=26)
    await talk.see("甲", f"{ATTACHMENTS}/{file['id']}", answered=404)
    await tell(talk, file, (AttachmentLinked, True, 1))
    await runs_on(days=31)
    await fetch(talk, address(talk, file))
    assert len(await kept(talk)) == 3


@pytest.mark.parametrize(
    ("service", "told", "kind_of_thing", "purpose", "forget"),
    [
        ("events", events, "activity", "material", forget_uses_of_events),
        ("gamification", gamification, "reward", "reward", forget_uses_of_gamification),
        ("gamification", gamification, "plan_entry", "evidence", forget_uses_of_gamification),
    ],
    ids=["activity", "reward", "day of a plan"],
)
async def test_a_file_of_an_activity_or_a_reward_is_shown_as_long_as_it_names_it(
    talk, service, told, kind_of_thing, purpose, forget
):
    about = LinkingObject(service=service, kind=kind_of_thing, id=new_id())
    community = talk.stage.community_id

    async def tells(file, kind, version, who="甲"):
        sent = kind(
            attachment_id=UUID(file["id"]),
            object=about,
            person_id=talk[who].person_id,
            linked=kind is not told.AttachmentUnlinked,
            community_id=community,
        )
        await talk.stage.harness.deliver(received(sent, occurred_at=talk.stage.harness.clock(), version=version))

    named = {"community_id": str(community), "purpose": purpose}
    file = await sends(talk, "甲", picture(), "a.png", media_type="image/png", **named)
    avatar = await sends_picture(talk)
    for one in (file, avatar):
        await tells(one, told.AttachmentLinked, 1)
    others = await sends(talk, "乙", picture(), "b.png", media_type="image/png", **named)
    await tells(others, told.AttachmentLinked, 1)
    shown = {"service": service, "reader": talk["乙"].person_id if purpose == "evidence" else ANYBODY}
    await fetch(talk, address(talk, file, **shown))
    # Who names it had not sent it.
    await fetch(talk, address(talk, others, **shown), 404)
    # A picture of a person was not sent for that.
    await fetch(talk, address(talk, avatar, **shown), 404)
    began = talk.stage.harness.clock()
    talk.later(minutes=1)
    async with talk.stage.harness.runtime.database.transaction() as session:
        await forget(session, began)
    await fetch(talk, address(talk, file, **shown))
    await tells(file, told.AttachmentUnlinked, 2)
    await fetch(talk, address(talk, file, **shown), 404)


async def test_evidence_that_a_reward_names_as_its_picture_is_shown_to_nobody_by_that(talk):
    file = await sends_picture(talk, purpose="evidence")
    for kind, who in (("plan_entry", "甲"), ("reward", "乙")):
        linked = gamification.AttachmentLinked(
            attachment_id=UUID(file["id"]),
            object=LinkingObject(service="gamification", kind=kind, id=new_id()),
            person_id=talk[who].person_id,
            linked=True,
            community_id=talk.stage.community_id,
        )
        await talk.stage.harness.deliver(received(linked, occurred_at=talk.stage.harness.clock()))
    # Of a picture of a reward gamification signs an address for whoever sees the reward.
    await fetch(talk, address(talk, file, service="gamification"), 404)
    await fetch(talk, address(talk, file, service="gamification", reader=talk["乙"].person_id))


async def test_a_file_has_a_receipt_for_its_sender_once_it_is_ready(talk):
    community = talk.stage.community_id
    key = talk.stage.harness.runtime.address_secret
    made = await announce(talk, "甲", PDF, purpose="evidence")
    assert made["receipt"] is None
    file = await sends(talk, "甲", picture(), "笔记.png", media_type="image/png", purpose="evidence")
    found = receipt_in(key, file["receipt"])
    assert found is not None
    told, until = found
    assert (told.attachment_id, told.person_id, told.community_id) == (
        UUID(file["id"]), talk["甲"].person_id, community
    )  # fmt: skip
    assert (told.purpose, told.name, told.media_type, told.previews) == ("evidence", "笔记.png", "image/png", True)
    assert until > talk.stage.harness.clock()
    paper = await sends(talk, "甲", purpose="evidence")
    of_paper = receipt_in(key, paper["receipt"])
    assert of_paper is not None
    assert of_paper[0].previews is False
    refused = await sends(talk, "甲", b"no picture", "a.png", media_type="image/png", purpose="evidence")
    assert (refused["status"] == "ready") is (refused["receipt"] is not None)


async def test_the_receipt_of_a_file_with_the_longest_name_is_no_longer_than_what_takes_it(talk):
    file = await sends(talk, "甲", name="😀" * 255, purpose="evidence")
    found = receipt_in(talk.stage.harness.runtime.address_secret, file["receipt"])
    assert found is not None
    assert found[0].name == file["name"]
    assert len(file["receipt"]) <= LONGEST

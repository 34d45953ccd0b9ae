"""Speakers from outside send what they show, for their activity; they read nothing else here."""

import asyncio
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.signed import SHORT, address_of, good_until
from chassis.testing import received
from contracts.attachments import LinkingObject
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityUpdated,
    AttachmentLinked,
    InvitedSpeaker,
    SpeakerInvited,
    SpeakerWithdrawn,
)
from services.content.attachments.models import Attachment
from services.content.attachments.rules import MIB
from tests.service.content.test_attachments import ATTACHMENTS, PDF, fetch

DECK = {"purpose": "material", "name": "讲义.pdf", "media_type": "application/pdf"}


class Invitation:
    """Somebody from outside who speaks at an activity that 群主 runs, as events tells of it."""

    def __init__(self, talk, activity_id=None):
        self.talk, self.id, self.activity_id = talk, new_id(), activity_id or new_id()
        self.version = 0

    def speaker(self, kind, *, version=None, **facts):
        self.version = version or self.version + 1
        told = kind(
            community_id=self.talk.stage.community_id,
            activity_id=self.activity_id,
            speaker=InvitedSpeaker(invitation_id=self.id, **facts),
        )
        return received(told, occurred_at=self.talk.stage.harness.clock(), version=self.version)

    def activity(self, kind, organisers=("群主",), *, version=None, **facts):
        self.version = version or self.version + 1
        now = self.talk.stage.harness.clock()
        told = kind(
            community_id=self.talk.stage.community_id,
            activity_id=self.activity_id,
            kind="sharing_session",
            mode="offline",
            title="怎么讲好一门课",
            starts_at=now,
            ends_at=now,
            time_zone="Asia/Shanghai",
            organiser_ids=tuple(self.talk[one].id for one in organisers),
            **facts,
        )
        return received(told, occurred_at=now, version=self.version)

    async def hears(self, *messages):
        await self.talk.stage.harness.deliver(*messages)

    async def given(self, link_id=None):
        """Events tells of a link; a client of who came by it."""
        link_id = link_id or new_id()
        await self.hears(self.speaker(SpeakerInvited, name="李娜", link_id=link_id))
        return self.came_by(link_id)

    def came_by(self, link_id):
        return self.talk.stage.harness.as_guest(self.activity_id, invitation_id=self.id, link_id=link_id)


async def announces(client, *, size=len(PDF), answered=201, **fields):
    answer = await client.post(ATTACHMENTS, json=DECK | {"size": size} | fields)
    assert answer.status_code == answered, answer.text
    return answer.json()


async def sends(talk, client, content=PDF):
    made = await announces(client, size=len(content))
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = await client.patch(f"{ATTACHMENTS}/{made['id']}/upload", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    await talk.stage.harness.run_jobs()
    seen = await client.get(f"{ATTACHMENTS}/{made['id']}")
    assert seen.status_code == 200
    return seen.json()


async def materials(client, invitation):
    answer = await client.get(ATTACHMENTS, params={"activity_id": str(invitation.activity_id)})
    return [one["id"] for one in answer.json()["items"]] if answer.is_success else answer.status_code


@pytest.fixture
async def invitation(talk):
    for name, roles in (("群主", ["owner"]), ("甲", []), ("乙", [])):
        if name not in talk.members:
            await talk.joins(name, *roles)
    return Invitation(talk)


async def test_a_guest_sends_a_deck_which_those_who_run_the_activity_read(talk, invitation):
    client = await invitation.given()
    await invitation.hears(invitation.activity(ActivityAnnounced, ["甲"]))
    deck = await sends(talk, client)
    assert (deck["status"], deck["purpose"], deck["name"]) == ("ready", "material", "讲义.pdf")
    assert (await fetch(talk, deck["href"])).content == PDF
    for name in ("甲", "群主"):
        answer = await talk.see(name, ATTACHMENTS, activity_id=str(invitation.activity_id))
        [item] = answer["items"]
        assert (item["id"], item["speaker_name"], item["speaker_id"]) == (deck["id"], "李娜", str(invitation.id))
        assert (await fetch(talk, item["href"])).content == PDF
    await talk.see("乙", ATTACHMENTS, answered=404, activity_id=str(invitation.activity_id))
    await talk.see("乙", f"{ATTACHMENTS}/{deck['id']}", answered=404)


async def test_what_a_guest_sends_before_the_activity_is_announced_operators_and_owners_read(talk, invitation):
    await talk.joins("运营", "operator")
    deck = await sends(talk, await invitation.given())
    for name in ("群主", "运营"):
        [item] = (await talk.see(name, ATTACHMENTS, activity_id=str(invitation.activity_id)))["items"]
        assert item["id"] == deck["id"]
    await talk.see("甲", ATTACHMENTS, answered=404, activity_id=str(invitation.activity_id))
    await talk.see("群主", ATTACHMENTS, answered=404, activity_id=str(new_id()))


async def test_what_a_guest_sent_stays_although_nothing_names_it_yet(talk, invitation):
    client = await invitation.given()
    deck = await sends(talk, client)
    talk.later(days=20)
    running = talk.stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, talk.stage.harness.clock())
    talk.later(days=1)
    await talk.stage.harness.run_timers()
    assert await materials(client, invitation) == [deck["id"]]


async def test_a_guest_has_their_own_files_alone(talk, invitation):
    first = await invitation.given()
    other = Invitation(talk, invitation.activity_id)
    second = await other.given()
    deck = await announces(first)
    assert await materials(second, other) == []
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    for answer in (
        await second.get(f"{ATTACHMENTS}/{deck['id']}"),
        await second.get(f"{ATTACHMENTS}/{deck['id']}/upload"),
        await second.patch(f"{ATTACHMENTS}/{deck['id']}/upload", content=PDF, headers=headers),
        await first.get(ATTACHMENTS, params={"activity_id": str(uuid4())}),
    ):
        assert answer.status_code == 404


async def test_a_member_names_no_file_of_a_guests_that_they_do_not_read(talk, invitation):
    deck = await sends(talk, await invitation.given())
    await invitation.hears(invitation.activity(ActivityAnnounced))
    refused = await talk.starts("乙", body=f"看这里 ![](attachment:{deck['id']})", status=422)
    assert refused["errors"][0]["code"] == "unknown_attachment"
    await talk.starts("群主", body=f"看这里 ![](attachment:{deck['id']})")
    assert (await talk.see("乙", f"{ATTACHMENTS}/{deck['id']}", answered=404))["code"] == "not_found"


async def test_whoever_runs_the_activity_shows_what_a_guest_sent_there_and_at_no_other(talk, invitation):
    client, harness = await invitation.given(), talk.stage.harness
    deck = await sends(talk, client)
    until = good_until(harness.clock(), SHORT)
    anybody = new_id()
    shown = address_of(harness.runtime.address_secret, UUID(deck["id"]), "original", anybody, until, service="events")

    async def named_by(activity_id, version):
        told = AttachmentLinked(
            attachment_id=deck["id"],
            object=LinkingObject(service="events", kind="activity", id=activity_id),
            person_id=talk["群主"].person_id,
            linked=True,
            community_id=talk.stage.community_id,
        )
        await harness.deliver(received(told, occurred_at=harness.clock(), version=version))

    await named_by(new_id(), 1)
    await fetch(talk, shown, answered=404)
    await named_by(invitation.activity_id, 1)
    assert (await fetch(talk, shown)).content == PDF
    await invitation.hears(invitation.speaker(SpeakerWithdrawn))
    assert (await fetch(talk, shown)).content == PDF


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"purpose": "content"}, 403),
        ({"purpose": "avatar"}, 403),
        ({"community_id": str(new_id())}, 404),
        ({"size": 50 * MIB + 1}, 422),
        ({"size": 0}, 422),
    ],
)
async def test_a_guest_sends_materials_of_their_activity_alone(talk, invitation, fields, status):
    client = await invitation.given()
    await announces(client, answered=status, **fields)
    assert await materials(client, invitation) == []


async def test_a_guest_sends_twenty_files_and_512_mib_at_most_also_at_one_moment(talk, invitation):
    client = await invitation.given()
    posted = [client.post(ATTACHMENTS, json=DECK | {"size": 1}) for _ in range(23)]
    answers = await asyncio.gather(*posted)
    assert sorted(one.status_code for one in answers) == [201] * 20 + [409] * 3
    other = await Invitation(talk).given()
    for _ in range(10):
        await announces(other, size=50 * MIB)
    full = await announces(other, size=50 * MIB, answered=409)
    assert (full["code"], full["limit"]) == ("uploads_full", 512 * MIB)


async def test_who_is_withdrawn_sends_and_reads_nothing_and_what_they_sent_goes(talk, invitation):
    client = await invitation.given()
    deck = await sends(talk, client)
    await invitation.hears(invitation.speaker(SpeakerWithdrawn))
    answer = await client.post(ATTACHMENTS, json=DECK | {"size": 5})
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")
    assert (await client.get(f"{ATTACHMENTS}/{deck['id']}")).status_code == 401
    await fetch(talk, deck["href"], answered=404)
    async with talk.stage.harness.runtime.database.reading() as session:
        assert (await session.scalars(select(col(Attachment.unlinked_at)))).one() is not None


async def test_nobody_comes_to_what_was_cancelled(talk, invitation):
    client = await invitation.given()
    deck = await sends(talk, client)
    await invitation.hears(invitation.activity(ActivityCancelled))
    assert (await client.get(f"{ATTACHMENTS}/{deck['id']}")).status_code == 401
    await fetch(talk, deck["href"], answered=404)


async def test_another_link_ends_who_came_by_the_one_before(talk, invitation):
    old = await invitation.given()
    new = await invitation.given()
    assert await materials(old, invitation) == 401
    assert await materials(new, invitation) == []
    await invitation.hears(invitation.speaker(SpeakerInvited, name="李娜"))
    assert await materials(new, invitation) == 401


async def test_who_comes_before_events_has_told_of_the_link_is_asked_to_try_again(talk, invitation):
    link = new_id()
    answer = await invitation.came_by(link).post(ATTACHMENTS, json=DECK | {"size": 5})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    old = await invitation.given(link)
    newer = invitation.came_by(new_id())
    assert (await materials(old, invitation), await materials(newer, invitation)) == ([], 503)


async def test_an_activity_that_is_not_theirs_is_of_no_use_to_a_guest(talk, invitation):
    link = new_id()
    await invitation.given(link)
    other = talk.stage.harness.as_guest(new_id(), invitation_id=invitation.id, link_id=link)
    assert (await other.post(ATTACHMENTS, json=DECK | {"size": 5})).status_code == 401


async def test_people_of_the_company_are_no_guests(talk, invitation):
    link = new_id()
    await invitation.hears(invitation.speaker(SpeakerInvited, name="甲", person_id=talk["甲"].person_id, link_id=link))
    assert await materials(invitation.came_by(link), invitation) == 404
    assert (await invitation.came_by(link).post(ATTACHMENTS, json=DECK | {"size": 5})).status_code == 503


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_in_whatever_order_events_are_told_the_last_one_counts(talk, invitation, order):
    link = new_id()
    messages = [
        invitation.speaker(SpeakerInvited, name="李娜", version=1),
        invitation.speaker(SpeakerInvited, name="李娜", link_id=link, version=2),
        invitation.activity(ActivityUpdated, changed=("title",), version=3),
        invitation.activity(ActivityCancelled, version=4),
    ]
    for place in order:
        await invitation.hears(messages[place], messages[place])
    assert await materials(invitation.came_by(link), invitation) == 401


async def test_a_guest_reads_nothing_else_here(talk, invitation):
    client = await invitation.given()
    started = await talk.starts("甲")
    community = {"community_id": str(talk.stage.community_id)}
    for path, query in (
        ("/v1/discussions", community),
        (f"/v1/discussions/{started['id']}", {}),
        ("/v1/articles", community),
        ("/v1/search", community | {"q": "教案"}),
        ("/v1/attachments/limit", community),
        ("/internal/home", community),
        ("/internal/tasks", {}),
    ):
        assert (await client.get(path, params=query)).status_code == 403, path

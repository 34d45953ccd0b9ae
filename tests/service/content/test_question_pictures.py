"""Pictures that came inside a file of questions: looked at like any other, kept as long as a question names them."""

from base64 import b64encode
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.secrets import account_id
from chassis.testing import received
from contracts import events
from contracts.attachments import LinkingObject
from services.content.attachments.sweeping import erase
from services.content.attachments.taking import LARGEST
from tests.service.content.test_attachments import fetch, kept, picture
from tests.service.content.test_files_of_other_services import address, runs_on

__all__ = ["runs_on"]
PIXELS = picture(size=(40, 20))


@pytest.fixture
def peer(talk):
    return talk.stage.harness.as_service("internal")


async def put(talk, peer, key, content=PIXELS, *, answered=204):
    body = {
        "community_id": str(talk.stage.community_id),
        "name": "出口.png",
        "content": b64encode(content).decode(),
    }
    answer = await peer.put(f"/internal/question-pictures/{key}", json=body)
    assert answer.status_code == answered, answer.text
    return answer.json() if answer.content else None


async def names(talk, key, *, linked=True, version=1, sender=None):
    told = (events.AttachmentLinked if linked else events.AttachmentUnlinked)(
        attachment_id=key,
        object=LinkingObject(service="events", kind="question", id=UUID(int=5)),
        person_id=sender or account_id("events"),
        community_id=talk.stage.community_id,
        linked=linked,
    )
    await talk.stage.harness.deliver(received(told, occurred_at=talk.stage.harness.clock(), version=version))


async def test_a_picture_is_kept_shown_and_given_back_while_a_question_names_it(talk, peer, runs_on):
    key = new_id()
    await put(talk, peer, key)
    await put(talk, peer, key)
    inside = f"/internal/question-pictures/{key}"
    assert (await peer.get(inside)).status_code == 404
    await names(talk, key, sender=talk["甲"].person_id)
    assert (await peer.get(inside)).status_code == 404
    await names(talk, key, version=2)
    answer = await peer.get(inside)
    assert (answer.content, answer.headers["content-type"]) == (PIXELS, "image/png")
    file = {"id": str(key)}
    assert (await fetch(talk, address(talk, file, "events"))).headers["content-type"] == "image/webp"
    # Whoever had it imported did not send it.
    async with talk.stage.harness.runtime.database.transaction() as session:
        await erase(session, talk["甲"].person_id, talk.stage.harness.clock())
    await runs_on(days=40)
    assert (await peer.get(inside)).content == PIXELS
    await talk.see("甲", inside, answered=404)


async def test_what_nothing_names_goes_and_comes_again(talk, peer, runs_on):
    key = new_id()
    await put(talk, peer, key)
    await runs_on(hours=20)
    await put(talk, peer, key)
    await runs_on(hours=20)
    assert len(await kept(talk)) == 3
    await runs_on(hours=26)
    await put(talk, peer, key)
    await names(talk, key)
    await runs_on(days=40)
    assert (await peer.get(f"/internal/question-pictures/{key}")).content == PIXELS


async def test_what_is_no_picture_or_a_damaged_one_is_refused_and_leaves_nothing(talk, peer):
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
    for content, reason in (
        (svg, "not_what_it_says"),
        (b"%PDF-1.7", "not_what_it_says"),
        (PIXELS[:60], "broken_picture"),
    ):
        problem = await put(talk, peer, new_id(), content, answered=422)
        assert (problem["code"], problem["reason"]) == ("picture_refused", reason)
    await put(talk, peer, new_id(), PIXELS + bytes(LARGEST), answered=422)
    await talk.joins("群主", "owner")
    await talk.change("群主", f"/v1/attachments/limit?community_id={talk.stage.community_id}", {"largest": 1024})
    noisy = picture("PNG", size=(900, 900)) + bytes(2000)
    assert (await put(talk, peer, new_id(), noisy, answered=422))["reason"] == "picture_too_large"
    assert await kept(talk) == {}

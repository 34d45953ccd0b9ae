"""The receiver of docs/events-guide.md takes what the product sends, each message once, and nothing that others sent."""

import sys
from datetime import UTC, datetime

import httpx
import pytest

from tests.support.children import Child
from tests.support.needs import ROOT
from tests.support.ports import free_port
from tests.support.processes import clean_environment
from tests.support.waiting import eventually
from tests.system.touring import program_of

PROGRAM = program_of(ROOT / "docs/events-guide.md", "receive_webhooks.py")


@pytest.mark.slow
async def test_the_receiver_of_the_guide_takes_each_message_once_and_none_of_others(told, tmp_path):
    # It compares with the time of this machine.
    told.scene.harness.clock.advance(datetime.now(UTC) - told.scene.harness.clock())
    port = free_port()
    told.url = f"http://127.0.0.1:{port}/"
    hook = await told.listen()
    given = {"WEBHOOK_SECRET": hook["secret"], "PORT": str(port), "DATABASE": str(tmp_path / "messages")}
    receiver = Child("receiver", [sys.executable, "-c", PROGRAM], log=tmp_path / "log", env=clean_environment(given))
    receiver.start()
    try:
        await eventually(lambda: listens(told.url), what="the receiver listens")
        message = told.message()
        await told.tell(message)
        [line] = await told.log(hook)
        assert (line["status"], line["answered"], line["error"]) == ("delivered", 204, None)
        owner = told.scene.again("owner")
        await told.scene.send(owner, f"/v1/webhooks/{hook['id']}/deliveries/{line['id']}/replay")
        await told.scene.send(owner, f"/v1/webhooks/{hook['id']}/rotate")
        await told.work(minutes=1)
        [again] = await told.log(hook)
        assert (again["status"], again["answered"]) == ("delivered", 204)
        assert receiver.output().count(message.subject) == 1
        for headers in ({}, {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "nonsense"}):
            assert (await posted(told.url, headers)).status_code == 400
    finally:
        receiver.kill()


async def posted(url: str, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(url, content=b"{}", headers=headers)


async def listens(url: str) -> bool:
    try:
        return (await posted(url, {})).status_code == 400
    except httpx.TransportError:
        return False


async def test_an_endpoint_is_edited_by_what_creating_and_rotating_it_said(scene, community):
    owner = scene.again("owner")
    made = await owner.post(
        "/v1/webhooks",
        json={
            "community_id": community["id"],
            "url": "http://127.0.0.1:9/hook",
            "types": ["qunxue.content.reply.posted.v1"],
        },
    )
    path = f"/v1/webhooks/{made.json()['id']}"
    rotated = await owner.post(f"{path}/rotate")
    assert made.headers["etag"] != rotated.headers["etag"] == (await owner.get(path)).headers["etag"]
    edited = await owner.patch(path, json={"description": "新的"}, headers={"If-Match": rotated.headers["etag"]})
    assert edited.status_code == 200, edited.text

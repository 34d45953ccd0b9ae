"""A lecturer from outside: a link, the deck, the talk, the archive under their name; and nothing else, also not afterwards."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from typing import Any

import httpx

from chassis.ids import new_id
from qunxue.documents import merged_openapi
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.journey import OWNER, Journey
from tests.system.showing_files import CONTENT, PARTS

OUTSIDE = {"name": "李教授", "email": "li@university.example"}
JOIN = "https://meet.example.com/1"
OPENED = {
    "read_activity",
    "create_attachment",
    "list_materials",
    "read_attachment",
    "read_upload",
    "send_attachment_part",
    "read_session_archive",
    "update_session_archive",
}
"""All that a guest may call, as somebody wrote it down."""


def walk_a_guest(journey: Journey) -> None:
    """From the link to the end of it."""
    activity = _announced(journey)
    path = f"/v1/activities/{activity['id']}"
    speaker = journey[OWNER].post(f"{path}/speakers", OUTSIDE, expect=201)
    link = f"{path}/speakers/{speaker['id']}/invitation"
    lost, made = journey[OWNER].post(link, expect=201), journey[OWNER].post(link, expect=201)
    with Api(journey.stack.url) as anyone:
        anyone.problem("POST", "/v1/tokens", 401, "invitation_refused", json={"invitation": lost["invitation"]})
        anyone.problem("POST", "/v1/tokens", 401, "invitation_refused", json={"invitation": "qxi_" + "a" * 43})
    with _guest(journey, made) as guest:
        seen = guest.get(path)
        assert (seen["join_url"], [one["name"] for one in seen["speakers"]]) == (JOIN, ["李教授"])
        deck = _send_a_deck(guest)
        guest.get(f"/v1/archives/sessions/{activity['id']}", expect=404)
        with _second_guest(journey, path) as second:
            opened = _what_else_opens([guest, second])
        assert not opened, opened
    sent = journey[OWNER].get("/v1/attachments", activity_id=activity["id"])["items"]
    assert [(file["id"], file["speaker_name"]) for file in sent] == [(deck, "李教授")]
    with httpx.Client(base_url=journey.stack.url, timeout=30, trust_env=False) as anybody:
        assert anybody.get(sent[0]["href"]).content == CONTENT

    journey[OWNER].patch(path, {"materials": [{"title": "讲义", "attachment_id": deck}]})
    [shown] = journey[OWNER].get(path)["materials"]
    with httpx.Client(base_url=journey.stack.url, timeout=30, trust_env=False) as anybody:
        eventually_sync(lambda: anybody.get(shown["url"]).status_code == 200, what="content knows what it is for")

    journey.stack.clock.advance(timedelta(hours=2))
    journey.log_in_again()
    journey[OWNER].call("POST", f"{path}/complete", expect=200, headers={"If-Match": "*"})
    with _guest(journey, made) as guest:
        _write_the_archive(journey, guest, activity["id"], deck)
        journey[OWNER].post(f"{path}/speakers/{speaker['id']}/withdraw", expect=200)
        guest.problem("GET", path, 401, "session_revoked")
        eventually_sync(
            lambda: guest.client.get(f"/v1/archives/sessions/{activity['id']}").status_code == 401,
            what="content knows that the speaker was withdrawn",
        )
    with Api(journey.stack.url) as anyone:
        anyone.problem("POST", "/v1/tokens", 401, "invitation_refused", json={"invitation": made["invitation"]})


def _announced(journey: Journey) -> Any:
    starts = journey.stack.clock.now() + timedelta(minutes=30)
    draft = {
        "community_id": journey.community_id,
        "kind": "sharing_session",
        "title": "怎么讲好一门课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
        "join_url": JOIN,
    }
    made = journey[OWNER].post("/v1/activities", draft)
    return journey[OWNER].call("POST", f"/v1/activities/{made['id']}/announce", expect=200, headers={"If-Match": "*"})


def _guest(journey: Journey, made: Any) -> Api:
    """Who comes by a link, through the gateway."""
    with Api(journey.stack.url) as anyone:
        token = anyone.post("/v1/tokens", {"invitation": made["invitation"]}, expect=200)
    assert token["activity_id"] == made["activity_id"]
    return Api(journey.stack.url, token["access_token"])


def _send_a_deck(guest: Api) -> str:
    about = {"purpose": "material", "name": "讲义.pdf", "media_type": "application/pdf", "size": len(CONTENT)}

    def announced() -> Any:
        answer = guest.client.post("/v1/attachments", json=about)
        assert answer.status_code in {201, 503}, answer.text
        return answer.json() if answer.status_code == 201 else None

    made = eventually_sync(announced, what="content knows of the link")
    path = f"/v1/attachments/{made['id']}"
    guest.client.patch(f"{path}/upload", content=CONTENT, headers=PARTS).raise_for_status()
    guest.until(path, lambda file: file["status"] == "ready")
    return str(made["id"])


def _write_the_archive(journey: Journey, guest: Api, activity_id: str, deck: str) -> None:
    archive = f"/v1/archives/sessions/{activity_id}"
    draft = guest.until(archive, lambda one: one["open_to_guests"])
    assert draft["outside_authors"] == ["李教授"]
    guest.patch(archive, {"title": "讲课的三个步骤", "body": f"先讲故事。见[讲义](attachment:{deck})。"})
    article = f"/v1/articles/{draft['article_id']}"
    assert journey[OWNER].get(article)["under_way"]["edited_by"]["display_name"] == "李教授"
    journey[OWNER].post(f"{article}/submit", expect=200)
    late = guest.client.patch(archive, json={"title": "又改"}, headers={"If-Match": "*"})
    assert (late.status_code, late.json()["state"]) == (409, "in_review")


@contextmanager
def _second_guest(journey: Journey, path: str) -> Iterator[Api]:
    """Another one, for a while."""
    speaker = journey[OWNER].post(
        f"{path}/speakers", {"name": "周老师", "email": "zhou@university.example"}, expect=201
    )
    made = journey[OWNER].post(f"{path}/speakers/{speaker['id']}/invitation", expect=201)
    with _guest(journey, made) as guest:
        yield guest
    journey[OWNER].post(f"{path}/speakers/{speaker['id']}/withdraw", expect=200)


def _what_else_opens(guests: Sequence[Api]) -> list[str]:
    """Every operation of every service and of the gateway that takes a guest in, but for those that say so.

    The guests take turns: one may not ask that many in a minute.
    """
    operations = list(_operations())
    assert {name for name, _, _, one in operations if one.get("x-guests")} == OPENED
    opened = []
    closed = [one for one in operations if one[0] not in OPENED and one[3]["x-permission"] != "public"]
    for guest, (name, method, path, _) in zip(cycle(guests), closed, strict=False):
        answer = guest.client.request(method, re.sub(r"\{\w+\}", str(new_id()), path))
        if (answer.status_code, answer.json().get("code")) != (403, "forbidden"):
            opened.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    return opened


def _operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for path, methods in merged_openapi()["paths"].items():
        for method, one in methods.items():
            yield one["operationId"], method.upper(), path, one

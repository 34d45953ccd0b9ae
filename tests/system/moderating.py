"""A text that a list of words holds, from the list to the points: in the journeys of members."""

from collections.abc import Callable
from typing import Any

from tests.system.journey import Journey

Points = Callable[[str, int], None]
"""Waits until somebody has so many points more than when it was asked for."""


def walk_held_texts(journey: Journey, asker: str, answerer: str, moderator: str, earned: Points) -> None:
    """`moderator`: who has the lists, too. One is edited and released, one removed and restored; each pays once it is seen, and only then."""
    desk, author = journey[moderator], journey[asker]
    words = desk.post("/v1/word-lists", {"community_id": journey.community_id, "name": "广告"}, expect=201)
    path = f"/v1/word-lists/{words['id']}"
    desk.patch(f"{path}/words", {"add": [{"word": "代开发票", "category": "广告"}]})
    desk.patch(path, {"enabled": True})

    question = {"community_id": journey.community_id, "kind": "question", "title": "讲课的费用怎么报？"}
    held = author.post("/v1/discussions", question | {"body": "听说可以 代·開 發票"}, expect=201)
    assert held["status"] == "held"
    journey[answerer].problem("GET", f"/v1/discussions/{held['id']}", 404, "not_found")
    _decide(journey, moderator, held, "release", edit={"body": "讲课的费用找谁报销？"})
    shown = journey[answerer].get(f"/v1/discussions/{held['id']}")
    assert (shown["status"], shown["body"]) == ("open", "讲课的费用找谁报销？")
    assert author.get(f"/v1/discussions/{held['id']}")["held"]["edited"]["body"] == "听说可以 代·開 發票"
    earned(asker, 5)

    reply = {"discussion_id": held["id"], "kind": "answer", "body": "我可以代开发票。"}
    answer = journey[answerer].post("/v1/replies", reply, expect=201)
    _decide(journey, moderator, answer, "remove", reason="广告")
    author.problem("GET", f"/v1/replies/{answer['id']}", 404, "not_found")
    desk.post(f"/v1/replies/{answer['id']}/restore", expect=200)
    earned(answerer, 2)
    desk.post(f"/v1/replies/{answer['id']}/remove", expect=200)
    earned(answerer, 0)
    _walk_a_name(journey, moderator)
    _walk_a_persons_name(journey, asker, answerer, f"/v1/discussions/{held['id']}")


def _walk_a_name(journey: Journey, moderator: str) -> None:
    """An administrator gives the community a name that the list holds: all read the former one until a moderator has released it."""
    path, desk = f"/v1/communities/{journey.community_id}", journey[moderator]
    former = desk.get(path)["name"]
    assert journey.admin.patch(path, {"name": "代开发票社群"})["name"] == former
    community = {"id": journey.community_id}
    desk.until("/v1/moderation-items", _asks_about(community), community_id=journey.community_id, status="open")
    assert (desk.get(path)["name"], desk.get(path)["waiting"]["name"]) == (former, "代开发票社群")
    _decide(journey, moderator, community, "release")
    shown = desk.until(path, lambda one: one["name"] == "代开发票社群")
    assert shown["waiting"] is None
    journey.admin.patch(path, {"name": former})
    desk.until(path, lambda one: one["name"] == former)


def _walk_a_persons_name(journey: Journey, person: str, reader: str, written: str) -> None:
    """A list of the company holds what somebody is called: others read a stand-in, in content too, until an administrator has released it."""
    admin, path = journey.admin, f"/v1/people/{journey.people[person]}"
    words = admin.post("/v1/word-lists", {"name": "公司"}, expect=201)
    listed = f"/v1/word-lists/{words['id']}"
    admin.patch(f"{listed}/words", {"add": [{"word": "代办证件", "category": "诈骗"}]})
    admin.patch(listed, {"enabled": True})
    former = admin.get(path)["display_name"]
    admin.patch(path, {"display_name": "代办证件"})
    admin.until(path, lambda one: one["name_hidden"] == "waiting")
    journey[reader].until(written, lambda one: one["author"]["display_name"] == "姓名未公开")
    (item,) = admin.get("/v1/moderation-items", status="open")["items"]
    decision = {"verdict": "release", "revision": item["revision"]}
    admin.post(f"/v1/moderation-items/{item['id']}/decide", decision, expect=200)
    journey[reader].until(written, lambda one: one["author"]["display_name"] == "代办证件")
    admin.patch(path, {"display_name": former})
    admin.patch(listed, {"enabled": False})
    journey[reader].until(written, lambda one: one["author"]["display_name"] == former)


def _asks_about(text: Any) -> Callable[[Any], bool]:
    return lambda page: text["id"] in [one["object_id"] for one in page["items"]]


def _decide(journey: Journey, moderator: str, text: Any, verdict: str, **more: Any) -> None:
    queue = journey[moderator].get("/v1/moderation-items", community_id=journey.community_id, status="open")["items"]
    (item,) = [one for one in queue if one["object_id"] == text["id"]]
    decision = {"verdict": verdict, "revision": item["revision"]} | more
    journey[moderator].post(f"/v1/moderation-items/{item['id']}/decide", decision, expect=200)

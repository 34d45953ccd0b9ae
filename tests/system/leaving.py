"""A member who leaves: what they wrote stays, with their name; what they may still see, and what they may no longer do."""

from tests.system.journey import OWNER, Journey


def walk_a_leave(journey: Journey, leaver_no: str, reader_no: str, member_id: str, paid: int) -> None:
    """They leave with a question, an answer and a guide that they keep true, and with what all their texts are `paid` for."""
    leaver, reader, owner = journey[leaver_no], journey[reader_no], journey[OWNER]
    community = journey.community_id
    question = {"community_id": community, "kind": "question", "title": "离开之后还能看吗？", "body": "想知道。"}
    asked = leaver.post("/v1/discussions", question, expect=201)
    thread = f"/v1/discussions/{asked['id']}"
    said = leaver.post(
        "/v1/replies", {"discussion_id": asked["id"], "kind": "answer", "body": "先问一句。"}, expect=201
    )
    bookmark = f"/v1/bookmarks/{asked['id']}"
    draft = {"community_id": community, "kind": "guide", "title": "交接的写法", "body": "先写谁接手。"}
    guide = owner.post("/v1/articles", draft, expect=201)
    owner.patch(f"/v1/articles/{guide['id']}", {"owner_id": member_id})

    wallet = f"/v1/wallets/{member_id}"
    leaver.until(wallet, lambda one: one["points"] == paid)
    leaver.post(f"/v1/members/{member_id}/leave", expect=200)
    shown = reader.until(thread, lambda one: one["author"]["left"])
    assert shown["author"]["display_name"]
    replies = reader.get("/v1/replies", discussion_id=asked["id"])["items"]
    assert [(one["id"], one["author"]["left"]) for one in replies] == [(said["id"], True)]

    # The community is shown to everybody of the company: they read on, and take part no more.
    assert leaver.get(thread)["title"] == asked["title"]
    assert leaver.get(f"/v1/replies/{said['id']}")["body"] == said["body"]
    assert leaver.get("/v1/search", community_id=community, q="离开之后")["items"]
    leaver.problem("GET", f"/v1/articles/{guide['id']}", 404, "not_found")
    for method, path, body in (
        ("POST", "/v1/replies", {"discussion_id": asked["id"], "kind": "answer", "body": "再说一句。"}),
        ("POST", "/v1/discussions", question | {"title": "又一个问题？"}),
        ("PUT", f"{thread}/reactions/like", None),
        ("PUT", bookmark, None),
        ("POST", f"{thread}/remove", {}),
    ):
        answer = leaver.client.request(method, path, json=body)
        assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code} {answer.text}"
    waiting = leaver.get("/v1/me/tasks")["items"]
    assert [one for one in waiting if (one.get("community") or {}).get("id") == community] == []
    assert leaver.get(wallet)["points"] == paid
    assert owner.get(f"/v1/articles/{guide['id']}")["owner"]["left"]

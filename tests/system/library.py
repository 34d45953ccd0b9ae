"""An article on its way: returned once, published, featured, corrected while its readers go on reading, archived; and its author's points."""

from collections.abc import Callable

from tests.system.journey import OWNER, Journey

PUBLISHED, FEATURED = 30, 20
"""What the default rules pay."""


def walk_an_article(journey: Journey, author_no: str, reader_no: str, have: Callable[[int], None]) -> None:
    """`have` waits until the author has earned this much by it."""
    author, reader, owner = journey[author_no], journey[reader_no], journey[OWNER]
    draft = {
        "community_id": journey.community_id,
        "kind": "guide",
        "title": "教案的写法",
        "body": "先写目标。",
        "tags": ["教案"],
    }
    article = author.post("/v1/articles", draft, expect=201)
    path = f"/v1/articles/{article['id']}"
    reader.problem("GET", path, 404, "not_found")
    author.post(f"{path}/submit", expect=200)
    reason = {"reason": "请写明出处。"}
    assert owner.post(f"{path}/return", reason, expect=200)["under_way"]["returned"]["reason"] == reason["reason"]
    assert author.get(path)["status"] == "draft"
    _correct(journey, author_no, path, "先写目标，见《学记》。")
    _approve(journey, path)
    assert [one["id"] for one in _listed(journey, reader_no)] == [article["id"]]
    have(PUBLISHED)

    owner.post(f"{path}/feature", expect=200)
    have(PUBLISHED + FEATURED)

    _correct(journey, author_no, path, "先写目标，再写过程，见《学记》。")
    assert reader.get(path)["body"] == "先写目标，见《学记》。"
    _approve(journey, path)
    seen = reader.get(path)
    assert (seen["body"], seen["number"]) == ("先写目标，再写过程，见《学记》。", 2)
    lines = reader.get(f"{path}/diff", before=1, after=2)["lines"]
    assert [line["op"] for line in lines] == ["removed", "added"]

    owner.post(f"{path}/remove", expect=200)
    reader.problem("GET", path, 404, "not_found")
    have(0)
    owner.post(f"{path}/restore", expect=200)
    have(PUBLISHED + FEATURED)
    author.post(f"{path}/archive", expect=200)
    assert _listed(journey, reader_no) == []
    assert reader.get(path)["status"] == "archived"
    have(PUBLISHED + FEATURED)


def _correct(journey: Journey, number: str, path: str, body: str) -> None:
    author = journey[number]
    author.patch(path, {"body": body})
    author.post(f"{path}/submit", expect=200)


def _approve(journey: Journey, path: str) -> None:
    owner = journey[OWNER]
    etag = owner.client.get(path).headers["etag"]
    owner.post(f"{path}/approve", expect=200, headers={"If-Match": etag})


def _listed(journey: Journey, number: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = journey[number].get("/v1/articles", community_id=journey.community_id)["items"]
    return items

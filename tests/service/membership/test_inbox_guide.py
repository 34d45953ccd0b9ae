"""What docs/http-guide.md says of the inbox is done call by call, and answers as it says there."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.service.membership.test_notifications import Inbox, inbox  # noqa: F401 - a fixture
from tests.support.needs import ROOT

CALL = re.compile(r"^(GET|POST|PATCH) +(/v1/\S+)(?: (\{.*?\}))?(?:  +.*)?$")


def calls() -> list[tuple[str, str, Any]]:
    guide = (ROOT / "docs/http-guide.md").read_text(encoding="utf-8")
    chapter = guide.partition("\n## What you are told\n")[2].partition("\n## ")[0]
    block = chapter.partition("```http\n")[2].partition("```")[0]
    found = [CALL.match(line) for line in block.splitlines()]
    assert all(found), block
    return [(one[1], one[2], json.loads(one[3]) if one[3] else None) for one in found if one is not None]


async def test_the_calls_of_the_guide_are_made_as_they_stand_there(inbox: Inbox):  # noqa: F811
    made = []
    for method, path, body in calls():
        await inbox.hear(inbox.started("甲"), inbox.reply("乙"), inbox.reply("丙"))
        first = (await inbox.lines("甲"))[0]
        later = inbox.scene.harness.clock() + timedelta(days=2)
        known = {"thread": first["thread"], "upto": first["id"], "until": later.isoformat()}
        sent = body and {name: known.get(name, value) if value == "…" else value for name, value in body.items()}
        where = path.replace("community_id=…", f"community_id={inbox.community_id}").replace("…", first["id"])
        answer = await inbox.client("甲").request(method, where, json=sent)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        made.append((method, path.partition("?")[0]))
        if method == "POST":
            assert await inbox.lines("甲") == [], path
            inbox.scene.harness.clock.advance(timedelta(days=3))
            await inbox.scene.harness.run_timers()
    assert len(made) == 9
    assert len(set(made)) == 7


async def test_a_line_says_where_it_is_from_and_where_it_leads(inbox: Inbox):  # noqa: F811
    reply = inbox.reply("乙")
    await inbox.hear(inbox.started("甲"), reply)
    [line] = await inbox.lines("甲")
    assert line["href"] == f"/v1/replies/{reply.reply_id}"
    assert line["community"] == {name: inbox.community[name] for name in ("id", "slug", "name")}
    assert line["category_title"] == "Replies"
    counts = await inbox.client("甲").get("/v1/notifications/counts", headers={"Accept-Language": "zh-CN"})
    [count] = [one for one in counts.json()["items"] if one["category"] == "replies"]
    assert (count["category_title"], count["community"]) == ("回复", line["community"])


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"category": "security", "channel": "mail", "setting": "off"}, "/items/0/setting", "always_told"),
        ({"category": "points", "channel": "inbox", "setting": "daily"}, "/items/0/setting", "not_daily"),
        ({"category": "points", "channel": "letter", "setting": "off"}, "/items/0/channel", "literal_error"),
    ],
)
async def test_what_is_wrong_with_a_preference_is_shown_at_its_field(inbox: Inbox, body: Any, pointer: str, code: str):  # noqa: F811
    answer = await inbox.client("甲").patch("/v1/notification-preferences", json={"items": [body]})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)

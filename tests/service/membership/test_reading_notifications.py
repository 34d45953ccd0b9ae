"""Reading an inbox: its counts, what is read at once, and what is put off."""

from tests.service.membership.test_notifications import HOUR, Inbox, inbox  # noqa: F401 - a fixture


async def test_counts_agree_with_the_list_and_all_is_read_at_once(inbox: Inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"), inbox.reply("丙", mentions=["甲"]))
    counts = await inbox.scene.see(inbox.client("甲"), "/v1/notifications/counts")
    assert {item["category"]: item["unread"] for item in counts["items"]} == {"replies": 1, "mentions": 1}
    assert (counts["unread"], counts["exact"]) == (2, True)
    home = await inbox.scene.see(inbox.client("甲"), "/internal/home", community_id=inbox.community["id"])
    assert home["notifications"] == {"unread": 2}
    thread = (await inbox.lines("甲", category="mentions"))[0]["thread"]
    answer = await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {"thread": thread})
    assert answer == {"read": 1, "unread": 1}
    assert await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {}) == {"read": 1, "unread": 0}
    assert await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {}) == {"read": 0, "unread": 0}


async def test_reading_up_to_a_line_leaves_what_came_later(inbox: Inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    first = (await inbox.lines("甲"))[0]["id"]
    inbox.scene.harness.clock.advance(HOUR)
    await inbox.hear(inbox.reply("丙", mentions=["甲"]))
    answer = await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {"upto": first})
    assert answer == {"read": 1, "unread": 1}
    both = {"upto": first, "thread": "x"}
    refused = await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", both, status=422)
    assert refused["errors"][0]["code"] == "exclusive"


async def test_a_line_of_others_is_not_there(inbox: Inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    [line] = await inbox.lines("甲")
    await inbox.scene.send(inbox.client("丙"), f"/v1/notifications/{line['id']}/read", status=404)
    until = (inbox.scene.harness.clock() + HOUR).isoformat()
    await inbox.scene.send(inbox.client("丙"), f"/v1/notifications/{line['id']}/snooze", {"until": until}, status=404)


async def test_a_snoozed_line_is_gone_until_its_time_and_then_told_again(inbox: Inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    [line] = await inbox.lines("甲")
    clock = inbox.scene.harness.clock
    path = f"/v1/notifications/{line['id']}/snooze"
    await inbox.scene.send(inbox.client("甲"), path, {"until": (clock() + HOUR).isoformat()})
    assert await inbox.lines("甲") == []
    assert (await inbox.scene.see(inbox.client("甲"), "/v1/notifications/counts"))["unread"] == 0
    clock.advance(2 * HOUR)
    await inbox.scene.harness.run_timers()
    [again] = await inbox.lines("甲")
    assert (again["id"], again["snoozed_until"]) == (line["id"], None)
    assert again["told_at"] > line["told_at"]
    wrong = {"until": (clock() - HOUR).isoformat()}
    await inbox.scene.send(inbox.client("甲"), path, wrong, status=422)

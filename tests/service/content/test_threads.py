"""What members have not read of discussions: marks, floors, the list and the counts that say so."""

import random

from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.content.test_discussions import path


async def unread(talk, name, discussion):
    """What a discussion says to somebody: whether it is unread, and which reply is the first."""
    seen = await talk.see(name, path(discussion))
    return seen["mine"]["unread"], seen["first_unread_reply_id"]


async def read(talk, name, discussion, upto, *, status=200):
    answer = await talk[name].client.put(path(discussion, "read"), json={"upto": upto})
    assert answer.status_code == status, answer.text
    return answer.json()


async def read_all(talk, name, before):
    body = {"community_id": str(talk.stage.community_id), "before": before}
    return await talk.send(name, f"{DISCUSSIONS}/read", body)


async def test_what_others_write_is_unread_until_it_is_read(talk):
    talk.later()
    made = await talk.starts("甲")
    assert (await unread(talk, "甲", made), await unread(talk, "乙", made)) == ((False, None), (True, None))
    assert (await read(talk, "乙", made, 0))["unread"] is False
    first, second = [await talk.replies("甲", made, text) for text in ("一", "二")]
    assert await unread(talk, "乙", made) == (True, first["id"])
    assert (await read(talk, "乙", made, first["position"]))["first_unread_reply_id"] == second["id"]
    last = await talk.replies("乙", made, "三")
    assert await unread(talk, "乙", made) == (True, second["id"])
    assert await unread(talk, "甲", made) == (True, last["id"])
    assert await read(talk, "乙", made, second["position"]) == {
        "discussion_id": made["id"],
        "read_upto": second["position"],
        "unread": False,
        "first_unread_reply_id": None,
    }


async def test_a_mark_only_moves_on_and_never_beyond_what_there_is(talk):
    talk.later()
    made = await talk.starts("甲")
    await talk.replies("甲", made)
    assert (await read(talk, "乙", made, 99))["read_upto"] == 1
    assert (await read(talk, "乙", made, 0))["read_upto"] == 1
    await talk.replies("甲", made, "又一条")
    assert (await unread(talk, "乙", made))[0] is True
    await read(talk, "乙", made, -1, status=422)


async def test_what_is_removed_is_not_unread_and_what_is_restored_is(talk):
    talk.later()
    made = await talk.starts("甲")
    await read(talk, "乙", made, 0)
    reply = await talk.replies("甲", made)
    await talk.send("版主", f"{REPLIES}/{reply['id']}/remove")
    assert await unread(talk, "乙", made) == (False, None)
    assert await talk.titles("乙", unread=True) == []
    await talk.send("版主", f"{REPLIES}/{reply['id']}/restore")
    assert await unread(talk, "乙", made) == (True, reply["id"])
    await talk.send("版主", path(made, "remove"))
    assert (await unread(talk, "甲", made), await talk.titles("甲", unread=True)) == ((False, None), [])


async def test_everything_before_a_moment_is_read_at_once_and_that_moves_on_alone(talk):
    talk.later()
    old = await talk.starts("甲", "旧")
    talk.later()
    await talk.starts("甲", "新")
    assert await talk.titles("乙", unread=True) == ["新", "旧"]
    assert (await read_all(talk, "乙", "2024-05-06T04:02:00Z"))["unread_count"] == 1
    assert await talk.titles("乙", unread=True) == ["新"]
    earlier = await read_all(talk, "乙", "2024-05-01T00:00:00Z")
    assert (earlier["read_before"], earlier["unread_count"]) == ("2024-05-06T04:02:00Z", 1)
    talk.later()
    # A clock that is ahead does not read what nobody has written yet.
    assert (await read_all(talk, "乙", "2030-01-01T00:00:00Z"))["unread_count"] == 0
    reply = await talk.replies("甲", old)
    assert await unread(talk, "乙", old) == (True, reply["id"])


async def test_a_thread_that_was_away_when_everything_was_read_is_unread_when_it_is_back(talk):
    talk.later()
    old, away = await talk.starts("甲", "旧"), await talk.starts("甲", "不在")
    talk.later()
    await talk.send("版主", path(old, "remove"))
    await talk.send("版主", path(old, "restore"))
    await talk.send("版主", path(away, "remove"))
    talk.later()
    await read_all(talk, "乙", "2030-01-01T00:00:00Z")
    talk.later()
    await talk.send("版主", path(away, "restore"))
    assert (await unread(talk, "乙", away))[0] is True
    assert await talk.titles("乙", unread=True) == ["不在"]
    await read(talk, "乙", away, 0)
    assert await talk.titles("乙", unread=True) == []


async def test_who_joins_late_has_read_what_was_there_before(talk):
    talk.later()
    made = await talk.starts("甲")
    await talk.replies("甲", made)
    talk.later()
    talk.members["丙"] = await talk.stage.member(joined_at=talk.stage.harness.clock())
    talk.later()
    assert await talk.titles("丙", unread=True) == []
    reply = await talk.replies("甲", made, "还有")
    assert await unread(talk, "丙", made) == (True, reply["id"])


async def test_what_is_unread_is_of_members(talk):
    await talk.starts("甲")
    await talk.stage.change(visibility="public")
    community = {"community_id": str(talk.stage.community_id)}
    (listed,) = (await talk.see(None, DISCUSSIONS, **community))["items"]
    assert (listed["mine"], listed["first_unread_reply_id"]) == (None, None)
    await talk.see(None, DISCUSSIONS, unread=True, answered=403, **community)


async def test_ones_own_threads_of_all_communities_say_what_is_new(talk):
    talk.later()
    quiet, lively = await talk.starts("甲", "静"), await talk.starts("甲", "闹")
    reply = await talk.replies("乙", lively)
    (item,) = (await talk.see("甲", DISCUSSIONS, mine=True, unread=True))["items"]
    assert (item["title"], item["first_unread_reply_id"]) == ("闹", reply["id"])
    assert (await unread(talk, "甲", quiet))[0] is False


async def test_list_filter_count_and_home_agree_whatever_happens(talk):
    """Deeds in random orders against a model that looks at every piece."""
    chance = random.Random(20240506)
    talk.later()
    pieces: dict[str, list[tuple[int, str, str | None]]] = {}  # by title: position, author, id of a reply
    made, marks, removed = {}, {}, set()
    for step in range(40):
        deed = chance.choice(["start", "reply", "reply", "reply", "read", "remove"])
        who = chance.choice(["甲", "乙"])
        if deed == "start" or not made:
            title = f"题{step}"
            made[title] = await talk.starts(who, title)
            pieces[title] = [(0, who, None)]
        title = chance.choice(list(made))
        if deed == "reply":
            reply = await talk.replies(who, made[title], f"复{step}")
            pieces[title].append((reply["position"], who, reply["id"]))
        elif deed == "read":
            upto = chance.randint(0, 4)
            await read(talk, who, made[title], upto)
            last = pieces[title][-1][0]
            marks[who, title] = max(marks.get((who, title), 0), min(upto, last))
        elif deed == "remove":
            there = [key for _, _, key in pieces[title] if key and key not in removed]
            if there:
                removed.add(gone := chance.choice(there))
                await talk.send("版主", f"{REPLIES}/{gone}/remove")
    for who in ("甲", "乙"):
        expected = {}
        for title, written in pieces.items():
            after = marks.get((who, title), -1)
            new = [key for at, by, key in written if at > after and by != who and key not in removed]
            if new:
                expected[title] = next((key for key in new if key), None)
        community = {"community_id": str(talk.stage.community_id), "limit": 100, "count": True}
        everything = (await talk.see(who, DISCUSSIONS, **community))["items"]
        said = {item["title"]: item["first_unread_reply_id"] for item in everything if item["mine"]["unread"]}
        assert said == expected
        only = await talk.see(who, DISCUSSIONS, unread=True, **community)
        assert {item["title"] for item in only["items"]} == set(expected)
        home = await talk.see(who, "/internal/home", community_id=str(talk.stage.community_id))
        assert only["total"]["value"] == home["unread"]["discussions"] == len(expected)


# --- what members keep and follow ----------------------------------------------------------------------------------


async def put(talk, name, where, *, status=200, **query):
    answer = await talk[name].client.put(where, params=query or None)
    assert answer.status_code == status, answer.text
    return answer.json()


async def delete(talk, name, where, **query):
    answer = await talk[name].client.delete(where, params=query or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_bookmark_is_its_members_alone_and_nobody_is_told(talk):
    kept, _ = await talk.starts("甲", "留"), await talk.starts("甲", "不留")
    for _ in range(2):
        assert (await put(talk, "乙", path(kept, "bookmark")))["bookmarked"] is True
    assert await talk.titles("乙", bookmarked=True) == ["留"]
    assert (await talk.titles("甲", bookmarked=True), (await talk.see("甲", path(kept)))["mine"]["bookmarked"]) == (
        [],
        False,
    )
    for _ in range(2):
        assert (await delete(talk, "乙", path(kept, "bookmark")))["bookmarked"] is False
    assert await talk.titles("乙", bookmarked=True) == []
    assert await talk.told("bookmark") == []


async def test_a_thread_is_followed_and_each_change_is_told_once(talk):
    made = await talk.starts("甲")
    for _ in range(2):
        assert (await put(talk, "乙", path(made, "subscription")))["subscribed"] is True
    assert await talk.titles("乙", subscribed=True) == [made["title"]]
    for _ in range(2):
        assert (await delete(talk, "乙", path(made, "subscription")))["subscribed"] is False
    await put(talk, "乙", path(made, "subscription"))

    async def target():
        listed = await talk.see("乙", "/v1/subscriptions", community_id=made["community_id"])
        return [one["target"]["title"] for one in listed["items"]]

    assert await target() == [made["title"]]
    told = await talk.stage.harness.published("subscription")
    assert [(one.version, one.data["on"]) for one in told] == [(1, True), (2, False), (3, True)]
    assert told[0].data["target"] == {"kind": "discussion", "id": made["id"]}
    assert (told[0].data["member_id"], told[0].partition_key) == (str(talk["乙"].id), str(talk["乙"].id))


async def test_a_tag_is_followed_as_it_is_written_in_lists(talk):
    community = {"community_id": str(talk.stage.community_id)}
    await talk.starts("甲", "关于", tags=["教案"])
    await talk.starts("甲", "无关")
    assert await put(talk, "乙", "/v1/tags/%23教案/subscription", **community) == {
        **community,
        "tag": "教案",
        "subscribed": True,
    }
    assert await talk.titles("乙", subscribed=True) == ["关于"]
    (listed,) = (await talk.see("乙", "/v1/subscriptions", **community))["items"]
    assert listed["target"] == {"kind": "tag", "id": None, "tag": "教案", "title": None}
    (told,) = await talk.stage.harness.published("subscription")
    assert told.data["target"] == {"kind": "tag", "tag": "教案"}
    await delete(talk, "乙", "/v1/tags/教案/subscription", **community)
    assert (await talk.see("乙", "/v1/subscriptions", **community))["items"] == []
    assert (await talk.see("甲", "/v1/subscriptions", **community))["items"] == []
    await put(talk, "乙", "/v1/tags/%23%23/subscription", status=422, **community)


async def test_what_somebody_may_not_see_they_neither_keep_nor_follow(talk):
    made = await talk.starts("甲")
    await talk.send("版主", path(made, "remove"))
    for verb in ("bookmark", "subscription"):
        await put(talk, "乙", path(made, verb), status=404)
        await put(talk, "版主", path(made, verb))


# --- a screen in one call ------------------------------------------------------------------------------------------


async def test_a_thread_is_one_call_and_its_cursor_goes_on_in_the_list_of_replies(talk):
    made = await talk.starts("甲")
    answers = [await talk.replies("乙", made, text) for text in ("一", "二", "三")]
    await talk.send("甲", f"{REPLIES}/{answers[2]['id']}/accept")
    seen = await talk.see("甲", path(made, "thread"), limit=2)
    assert [(one["body"], one["author"]["member_id"]) for one in seen["replies"]["items"]] == [
        ("三", str(talk["乙"].id)),
        ("一", str(talk["乙"].id)),
    ]
    assert seen["discussion"] == await talk.see("甲", path(made))
    assert "unaccept" in seen["replies"]["items"][0]["viewer"]["can"]
    rest = await talk.see("甲", REPLIES, discussion_id=made["id"], cursor=seen["replies"]["next"])
    assert ([one["body"] for one in rest["items"]], rest["next"]) == (["二"], None)
    await talk.see("乙", REPLIES, discussion_id=made["id"], cursor=seen["replies"]["next"], answered=400)


# --- mentions ------------------------------------------------------------------------------------------------------


def naming(*people):
    """A body that names members by the names they had when it was written."""
    return " ".join(f"[@旧名](member:{one})" for one in people)


async def test_who_is_mentioned_is_told_and_read_by_todays_name(talk):
    there, other = talk["乙"].id, talk["版主"].id
    made = await talk.starts("甲", body=f"请 {naming(there, there)} 看看")
    name = made["mentions"][0]["display_name"]
    assert [one["member_id"] for one in made["mentions"]] == [str(there)]
    mark = f'<span data-member="{there}">@{name}</span>'
    assert (made["body_html"], made["excerpt"]) == (f"<p>请 {mark} {mark} 看看</p>\n", "请 @旧名 @旧名 看看")
    reply = await talk.replies("乙", made, naming(other))
    assert [one["member_id"] for one in reply["mentions"]] == [str(other)]
    await talk.change("甲", path(made), {"body": naming(other)})
    told = await talk.stage.harness.published("content.")
    assert [one.data["mentions"] for one in told] == [[str(there)], [str(other)], [str(other)]]


async def test_who_may_not_see_it_is_not_mentioned(talk):
    gone = await talk.stage.member(status="left")
    made = await talk.starts("甲", body=naming(gone.id, talk["乙"].person_id, "01920000-0000-7000-8000-000000000001"))
    assert (made["mentions"], made["body_html"]) == ([], "<p>@旧名 @旧名 @旧名</p>\n")
    (told,) = await talk.stage.harness.published("discussion")
    assert told.data["mentions"] == []


async def test_nobody_makes_a_mark_of_their_own(talk):
    typed = f'<span data-member="{talk["乙"].id}">x</span> `[@x](member:{talk["乙"].id})` [@x](member:x) [@x](Member:{talk["乙"].id})'
    made = await talk.starts("甲", body=typed)
    assert (made["mentions"], "<span" in made["body_html"]) == ([], False)

"""Announcements: whom they are for, when they are seen, who has confirmed them, and who is reminded."""

import pytest

from chassis.ids import new_id
from tests.service.content.conftest import DISCUSSIONS
from tests.service.content.test_discussions import path


@pytest.fixture
async def office(talk):
    """The community with an operator."""
    await talk.joins("运营", "operator")
    return talk


async def announce(talk, title="周五闭馆", *, status=201, **how):
    return await talk.starts("运营", title, kind="announcement", announcement=how, status=status)


async def confirm(talk, name, made, *, answered=200):
    answer = await talk[name].client.put(path(made, "acknowledge"))
    assert answer.status_code == answered, answer.text
    return answer.json()


async def readers(talk, made, state):
    listed = await talk.see("运营", path(made, "readers"), state=state)
    names = {str(one.id): name for name, one in talk.members.items()}
    return [names[item["member"]["member_id"]] for item in listed["items"]]


async def tasks(talk, name):
    return [(task["code"], task["title"]) for task in await talk.see(name, "/internal/tasks")]


async def test_members_confirm_an_announcement_within_two_working_days_and_others_are_listed(office):
    made = await announce(office, confirm="acknowledge")
    assert made["announcement"] == {
        "audience": {"roles": [], "departments": [], "cohort_ids": [], "group_ids": []},
        "confirm": "acknowledge",
        "confirm_by": "2024-05-08T04:00:00Z",
        "publish_at": None,
        "reminded_at": None,
        "mine": {"asked": False, "confirmed_at": None},
    }
    assert await tasks(office, "甲") == [("confirm_announcement", "Confirm an announcement: 周五闭馆")]
    home = await office.see("甲", "/internal/home", community_id=str(office.stage.community_id))
    assert (home["announcements"]["to_confirm"], home["announcements"]["items"][0]["id"]) == (1, made["id"])
    assert (await confirm(office, "甲", made))["announcement"]["mine"] == {
        "asked": False,
        "confirmed_at": "2024-05-06T04:00:00Z",
    }
    await confirm(office, "甲", made)
    assert await tasks(office, "甲") == await tasks(office, "运营") == []
    assert (await readers(office, made, "read"), await readers(office, made, "unread")) == (["甲"], ["乙", "版主"])
    assert await office.told("acknowledged") == [("announcement.acknowledged", 1)]
    (listed,) = (await office.see("乙", DISCUSSIONS, community_id=str(office.stage.community_id)))["items"]
    assert listed["announcement"]["mine"] == {"asked": True, "confirmed_at": None}


async def test_to_have_read_it_is_enough_where_no_more_is_asked(office):
    for confirm_how, who in (("acknowledge", []), ("read", ["甲"])):
        made = await announce(office, confirm=confirm_how)
        answer = await office["甲"].client.put(path(made, "read"), json={"upto": 0})
        assert answer.status_code == 200, answer.text
        assert await readers(office, made, "read") == who


async def test_it_is_for_those_to_whom_one_thing_of_its_audience_applies(office):
    cohort = new_id()
    office.members["新人"] = await office.stage.member(cohort_id=cohort)
    for audience, names in (
        ({"roles": ["moderator"]}, ["版主"]),
        ({"roles": ["moderator"], "cohort_ids": [str(cohort)]}, ["版主", "新人"]),
        ({"departments": ["D1"]}, ["甲", "乙", "版主", "新人"]),
        ({"departments": ["D2"]}, []),
    ):
        made = await announce(office, confirm="read", audience=audience)
        assert sorted(await readers(office, made, "unread")) == sorted(names)
        assert (await office.see("甲", path(made)))["announcement"]["mine"]["asked"] is ("甲" in names)
    (first, *_) = await office.stage.harness.published("discussion.started")
    assert first.data["audience"] == {"roles": ["moderator"], "departments": [], "cohort_ids": [], "group_ids": []}
    assert len(await tasks(office, "新人")) == 2


async def test_one_that_is_put_off_is_seen_and_told_when_its_moment_comes(office):
    made = await announce(office, confirm="acknowledge", publish_at="2024-05-06T06:00:00Z")
    assert (made["status"], made["announcement"]["confirm_by"]) == ("scheduled", None)
    await office.see("甲", path(made), answered=404)
    assert await office.titles("甲") == []
    assert await tasks(office, "甲") == []
    await office.send("运营", path(made, "remind"), status=409)
    await confirm(office, "版主", made, answered=409)
    later = {"title": "周六闭馆", "announcement": {"publish_at": "2024-05-06T07:00:00Z"}}
    assert (await office.change("运营", path(made), later))["status"] == "scheduled"
    assert await office.titles("版主", status="scheduled") == ["周六闭馆"]
    await office.send("运营", path(made, "remove"))
    await office.send("运营", path(made, "restore"))
    assert await office.told("content.discussion") == []
    office.later(hours=2)
    await office.stage.harness.run_timers()
    await office.see("甲", path(made), answered=404)
    office.later(hours=1)
    await office.stage.harness.run_timers()
    shown = await office.see("甲", path(made))
    assert (shown["status"], shown["created_at"]) == ("open", "2024-05-06T07:00:00Z")
    assert shown["announcement"]["confirm_by"] == "2024-05-08T07:00:00Z"
    assert await office.told("content.discussion") == [("discussion.started", 1)]


async def test_one_that_was_removed_or_whose_author_lost_their_role_is_not_published(office):
    removed = await announce(office, publish_at="2024-05-06T05:00:00Z")
    await office.send("运营", path(removed, "remove"))
    orphan = await announce(office, publish_at="2024-05-06T05:00:00Z")
    await office.stage.leave(office["运营"])
    office.later(hours=1)
    await office.stage.harness.run_timers()
    assert await office.told("content.discussion") == []
    assert (await office.see("版主", path(orphan)))["status"] == "scheduled"
    assert (await office.see("版主", path(removed)))["status"] == "removed"


async def test_an_edit_asks_everybody_again_where_its_author_says_so(office):
    made = await announce(office, confirm="acknowledge")
    await confirm(office, "甲", made)
    await office.change("运营", path(made), {"title": "周五全天闭馆"})
    assert await readers(office, made, "read") == ["甲"]
    office.later(days=1)
    asked = await office.change("运营", path(made), {"announcement": {"ask_again": True}}, version=2)
    assert asked["announcement"]["confirm_by"] == "2024-05-09T04:00:00Z"
    assert await readers(office, made, "read") == []
    await confirm(office, "甲", made)
    assert await office.told("acknowledged") == [("announcement.acknowledged", 1), ("announcement.acknowledged", 2)]


async def test_those_who_have_not_confirmed_are_reminded_once_a_day(office):
    made = await announce(office, confirm="read")
    await confirm(office, "甲", made)
    assert await office.send("运营", path(made, "remind")) == {"reminded": 2}
    refused = await office.send("运营", path(made, "remind"), status=409)
    assert refused["code"] == "already_reminded"
    office.later(hours=12)
    assert await office.send("运营", path(made, "remind")) == {"reminded": 2}
    first, second = await office.stage.harness.published("reminder.due")
    assert first.subject != second.subject
    assert set(first.data["member_ids"]) == {str(office["乙"].id), str(office["版主"].id)}
    assert (first.data["part"], first.data["of"], second.data["reminder"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("how", "pointer"),
    [
        ({"publish_at": "2024-05-06T04:00:00Z"}, "/announcement/publish_at"),
        ({"confirm": "read", "confirm_by": "2024-05-06T04:00:00Z"}, "/announcement/confirm_by"),
        ({"confirm_by": "2024-05-07T04:00:00Z"}, "/announcement/confirm_by"),
        ({"pinned_until": "2024-05-06T04:00:00Z"}, "/announcement/pinned_until"),
        ({"audience": {"roles": ["admin"]}}, "/announcement/audience/roles/0"),
    ],
)
async def test_moments_and_roles_that_make_no_sense_are_refused(office, how, pointer):
    refused = await announce(office, status=422, **how)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


async def test_members_announce_nothing_and_topics_ask_nobody_to_confirm(office):
    await office.starts("版主", kind="announcement", status=403)
    refused = await office.starts("甲", kind="topic", announcement={}, status=422)
    assert refused["errors"][0]["pointer"] == "/announcement"
    topic = await office.starts("甲", kind="topic")
    assert topic["announcement"] is None
    await confirm(office, "乙", topic, answered=404)
    await confirm(office, "乙", await announce(office), answered=409)
    await office.see("版主", path(topic, "readers"), answered=403)


async def test_an_announcement_for_others_is_read_by_whoever_wants_and_unread_by_nobody_else(office):
    office.later()
    made = await announce(office, audience={"roles": ["moderator"]})
    community = {"community_id": office.stage.community_id}
    for name, titles in (("甲", []), ("版主", ["周五闭馆"])):
        assert await office.titles(name, unread=True) == titles
        counted = (await office.see(name, "/internal/home", **community))["unread"]
        assert counted == {
            "discussions": len(titles),
            "announcements": len(titles),
            "notifications": None,
            "feedback": 0,
        }
        assert (await office.see(name, path(made)))["mine"]["unread"] is bool(titles)


async def test_who_is_asked_may_confirm_and_who_runs_it_may_remind_as_the_commands_say(office):
    async def button(name, made, action):
        viewer = (await office.see(name, path(made)))["viewer"]
        return "can" if action in viewer["can"] else viewer["cannot"].get(action)

    made = await announce(office, confirm="acknowledge")
    assert [await button(name, made, "acknowledge") for name in ("甲", "运营")] == ["can", None]
    assert [await button(name, made, "remind") for name in ("甲", "运营")] == ["forbidden", "can"]
    await confirm(office, "甲", made)
    assert await button("甲", made, "acknowledge") is None
    await office.send("运营", path(made, "remind"))
    again = await office.send("运营", path(made, "remind"), status=409)
    assert again["code"] == await button("运营", made, "remind") == "already_reminded"
    unasked = await announce(office, "仅供参考")
    refused = await confirm(office, "甲", unasked, answered=409)
    assert refused["code"] == await button("甲", unasked, "acknowledge") == await button("运营", unasked, "remind")

"""A member who is expelled for two deeds: what ends in which service, what stays and what they still read; and what comes back, since it was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.support.calendar_program import CalendarProgram
from tests.system.api import Api
from tests.system.asking_members import SEVENTH
from tests.system.getting_together import announced
from tests.system.journey import ACCEPTED, KNOCKED_OUT, OWNER, REJECTED, RETURNED, WAITLISTED, Journey

TARGET, REPORTER, MODERATOR, HEIR, PUPIL = ACCEPTED, WAITLISTED, REJECTED, KNOCKED_OUT, RETURNED
REVIEWER = SEVENTH[0]
"""Who is no member."""
ANYTHING = {"If-Match": "*"}
FINE, MUG = 60, 12
NARROW, ROOMY = "只有一个座位", "座位很多"


@dataclass(frozen=True)
class _Had:
    """What the target had: ids, and where their calendar is read."""

    member_id: str
    kept: str
    followed: str
    deeds: tuple[str, str]
    waits: str
    seat: str
    only_seat: str
    group: str
    full: str
    mentorship: str
    redemption: str
    feed: str


def walk_an_expulsion(journey: Journey, ids: Mapping[str, str]) -> None:
    """Somebody reports, a moderator confirms, the owner is the second person; and a reviewer from outside takes it back."""
    had = _settles_in(journey, ids)
    penalty = _expelled(journey, had)
    _ends_in_membership(journey, had)
    _ends_elsewhere(journey, had)
    _stays(journey, had)
    _appeals_and_is_heard(journey, had, penalty)
    _is_back(journey, had)


def _settles_in(journey: Journey, ids: Mapping[str, str]) -> _Had:
    here = {"community_id": journey.community_id}
    target, owner, heir = journey[TARGET], journey[OWNER], journey[HEIR]
    for number, role in ((MODERATOR, "moderator"), (TARGET, "mentor")):
        owner.post("/v1/role-grants", {"member_id": ids[number], "role": role}, expect=201)
    kept, *deeds = (_written(journey, TARGET, title) for title in ("一个好问题", "第一次骂人", "第二次骂人"))
    followed = _written(journey, OWNER, "大家关注的话题")
    for number in (TARGET, HEIR):
        journey[number].call("PUT", f"/v1/discussions/{followed}/subscription", expect=200)
    target.post("/v1/checkins", here | {"note": "来了"}, expect=201)

    narrow, roomy = (
        {"activity_id": announced(journey, begins=timedelta(days=20), title=title, capacity=capacity)["id"]}
        for title, capacity in ((NARROW, 1), (ROOMY, 5))
    )
    only_seat, seat = (target.post("/v1/registrations", one)["id"] for one in (narrow, roomy))
    waits = heir.post("/v1/registrations", narrow)["id"]
    feed = target.post("/v1/calendars")["feed_url"]
    assert {NARROW, ROOMY} <= _shown_in(journey, feed)

    group, full = (
        heir.post("/v1/groups", here | {"name": name, "capacity": 2}, expect=201)["id"] for name in ("晨读", "夜谈")
    )
    for one in (group, full):
        target.post(f"/v1/groups/{one}/join", expect=200)
    asked = here | {"mentor_id": ids[TARGET], "weeks": 8}
    mentorship = journey[PUPIL].post("/v1/mentorships", asked, expect=201)["id"]
    target.post(f"/v1/mentorships/{mentorship}/accept", expect=200)
    heir.post("/v1/mentorships", asked, expect=201)
    assert "answer_mentorship" in _tasks(journey)

    mug = {"kind": "physical", "title": "马克杯", "cost": MUG, "stock": 1, "delivery": "pickup"}
    reward = owner.post("/v1/rewards", here | mug, expect=201)
    target.until(f"/v1/wallets/{ids[TARGET]}", lambda one: one["available"] >= MUG and one["xp"] > 0)
    wish = here | {"reward_id": reward["id"], "cost_seen": MUG}
    redemption = target.post("/v1/redemptions", wish, expect=201)["id"]
    assert _on_board(journey, ids[TARGET])
    first, second = deeds
    return _Had(
        member_id=ids[TARGET],
        kept=kept,
        followed=followed,
        deeds=(first, second),
        waits=waits,
        seat=seat,
        only_seat=only_seat,
        group=group,
        full=full,
        mentorship=mentorship,
        redemption=redemption,
        feed=feed,
    )


def _expelled(journey: Journey, had: _Had) -> str:
    """The penalty for the second deed: both are grave."""
    reporter, moderator = journey[REPORTER], journey[MODERATOR]
    penalty = ""
    for deed in had.deeds:
        thing = {"kind": "discussion", "id": deed}
        said = {"member_id": had.member_id, "category": "speech", "words": "骂人", "object": thing}
        reporter.post("/v1/conduct-reports", said | {"community_id": journey.community_id}, expect=201)
        waiting = moderator.get("/v1/cases", community_id=journey.community_id, status="open")["items"]
        (case,) = [one["id"] for one in waiting if one["object"] == thing]
        moderator.post(f"/v1/cases/{case}/claim", headers=ANYTHING, expect=200)
        found = {"rule": "grave", "reason": "属实", "words": "请尊重他人"}
        penalty = moderator.post(f"/v1/cases/{case}/confirm", found, headers=ANYTHING, expect=200)["penalty_id"]
    assert _status(journey, had) == "muted", "until a second person agrees"
    moderator.problem("POST", f"/v1/penalties/{penalty}/expel", 403, "forbidden", headers=ANYTHING)
    done = journey[OWNER].post(f"/v1/penalties/{penalty}/expel", headers=ANYTHING, expect=200)
    assert (done["sanction"], done["until"]) == ("expel", None)
    return penalty


def _ends_in_membership(journey: Journey, had: _Had) -> None:
    """At once; to others they look like somebody who left."""
    reporter, pupil = journey[REPORTER], journey[PUPIL]
    assert _status(journey, had) == "expelled"
    assert reporter.get(f"/v1/members/{had.member_id}")["status"] == "left"
    for group in (had.group, had.full):
        assert len(_grouped(journey, group)) == 1
    ended = pupil.get(f"/v1/mentorships/{had.mentorship}")
    assert (ended["status"], ended["closed_because"]) == ("ended", "mentor_left")
    assert _tasks(journey) == []
    pupil.post(f"/v1/groups/{had.full}/join", expect=200)


def _ends_elsewhere(journey: Journey, had: _Had) -> None:
    """As soon as the services hear of it."""
    here: dict[str, Any] = {"community_id": journey.community_id}
    reporter, heir, owner, target = (journey[number] for number in (REPORTER, HEIR, OWNER, TARGET))
    heir.until(f"/v1/registrations/{had.waits}", lambda one: one["status"] == "confirmed")
    owner.until(f"/v1/registrations/{had.seat}", lambda one: one["status"] == "cancelled")
    assert not {NARROW, ROOMY} & _shown_in(journey, had.feed)
    reporter.until("/v1/leaderboards", lambda page: not _lists(page, had.member_id), **_board(journey))
    owner.until(f"/v1/redemptions/{had.redemption}", lambda one: one["status"] == "cancelled")
    reporter.until("/v1/discussions", lambda page: not set(had.deeds) & {one["id"] for one in page["items"]}, **here)
    # What they followed is told to whoever else follows it.
    reply = {"discussion_id": had.followed, "kind": "comment", "body": "我也来说一句。"}
    reporter.post("/v1/replies", reply, expect=201)
    heir.until("/v1/notifications", lambda page: _about(page, had.followed))
    assert not _about(target.get("/v1/notifications"), had.followed)
    target.until(f"/v1/discussions/{had.followed}", lambda one: "reply" not in one["viewer"]["can"])
    question = here | {"kind": "question", "title": "还能问吗？", "body": "想知道。"}
    answer = target.client.post("/v1/discussions", json=question)
    assert answer.status_code in {403, 404}, answer.text


def _stays(journey: Journey, had: _Had) -> None:
    """What they wrote, but for what it was about; and what they read: their page, their points and why they went."""
    target = journey[TARGET]
    shown = journey[REPORTER].until(f"/v1/discussions/{had.kept}", lambda one: one["author"]["left"])
    assert (shown["title"], bool(shown["author"]["display_name"])) == ("一个好问题", True)
    page = target.get(f"/v1/members/{had.member_id}/standing")
    assert (page["violation_points"], page["sanction"], page["until"]) == (12, "expel", None)
    assert [one["words"] for one in page["penalties"]] == ["请尊重他人"] * 2
    journey[REPORTER].problem("GET", f"/v1/members/{had.member_id}/standing", 403, "forbidden")
    target.until("/v1/ledger-entries", lambda entries: _fined(entries) == 2 * [-FINE], **_entries(had))
    wallet = target.get(f"/v1/wallets/{had.member_id}")
    assert (wallet["held"], wallet["xp"] > 0) == (0, True)


def _appeals_and_is_heard(journey: Journey, had: _Had, penalty: str) -> None:
    """The owner agreed to it, so nobody who runs the community may decide: an administrator names somebody from outside."""
    body = {"object": {"kind": "penalty", "id": penalty}, "words": "第二条不是我写的，账号被人借用。"}
    made = journey[TARGET].post("/v1/appeals", body, expect=201)
    path = f"/v1/appeals/{made['id']}"
    assert made["for_reviewer"]
    decision = {"outcome": "granted", "reason": "查明属实，撤销。"}
    journey[OWNER].problem("POST", f"{path}/decide", 403, "conflict_of_interest", json=decision, headers=ANYTHING)
    who = {"person_id": journey.people[REVIEWER]}
    journey.admin.post(f"{path}/appoint", who, headers=ANYTHING, expect=200)
    reviewer = journey[REVIEWER]
    assert [one["href"] for one in reviewer.get("/v1/me/tasks")["items"] if one["code"] == "review_appeal"] == [path]
    reviewer.post(f"{path}/decide", decision, headers=ANYTHING, expect=200)
    done = journey[TARGET].until(path, lambda one: one["finished"])
    undone = {one["service"]: one["undone"] for one in done["progress"] if one["undone"]}
    assert undone == {
        "membership": {"memberships": 1, "roles": 1, "groups": 1, "mentorships": 1},
        "content": {"discussion.restored": 1},
        "events": {"registrations_returned": 1, "registrations_first_in_line": 1},
        "gamification": {"points_given_back": FINE},
        "analytics": {"penalties": 1},
    }, undone
    left = [(one["kind"], one["id"], one["code"]) for each in done["progress"] for one in each["left"]]
    assert sorted(left) == [("group", had.full, "group_full"), ("redemption", had.redemption, "stays_refunded")], left


def _is_back(journey: Journey, had: _Had) -> None:
    """Muted for the first deed, which stands; with everything that nobody else has taken meanwhile."""
    target = journey[TARGET]
    assert (_status(journey, had), journey.membership(TARGET)["roles"]) == ("muted", ["mentor"])
    assert len(_grouped(journey, had.group)) == 2
    assert target.get(f"/v1/mentorships/{had.mentorship}")["status"] == "active"
    assert target.get(f"/v1/registrations/{had.seat}")["status"] == "confirmed"
    in_line = target.get(f"/v1/registrations/{had.only_seat}")
    assert (in_line["status"], in_line["place"]) == ("waitlisted", 1)
    assert ROOMY in _shown_in(journey, had.feed)
    first, second = had.deeds
    assert journey[REPORTER].get(f"/v1/discussions/{second}")["status"] == "open"
    journey[REPORTER].problem("GET", f"/v1/discussions/{first}", 404, "not_found")
    journey[REPORTER].until("/v1/leaderboards", lambda page: _lists(page, had.member_id), **_board(journey))
    page = target.get(f"/v1/members/{had.member_id}/standing")
    assert (page["violation_points"], page["sanction"]) == (6, "mute")
    titles = [
        one["target"]["title"] for one in target.get("/v1/subscriptions", community_id=journey.community_id)["items"]
    ]
    assert "大家关注的话题" in titles


def _written(journey: Journey, author: str, title: str) -> str:
    topic = {"community_id": journey.community_id, "kind": "topic", "title": title, "body": "如题。"}
    return str(journey[author].post("/v1/discussions", topic, expect=201)["id"])


def _status(journey: Journey, had: _Had) -> str:
    found = journey[TARGET].get("/v1/people/me")["memberships"]
    return str(next(one["status"] for one in found if one["member_id"] == had.member_id))


def _tasks(journey: Journey) -> list[str]:
    """What waits for the target in this community."""
    waiting = journey[TARGET].get("/v1/me/tasks")["items"]
    return [one["code"] for one in waiting if (one.get("community") or {}).get("id") == journey.community_id]


def _grouped(journey: Journey, group: str) -> list[Any]:
    return list(journey[HEIR].get(f"/v1/groups/{group}/members")["items"])


def _board(journey: Journey) -> dict[str, Any]:
    return {"community_id": journey.community_id, "period": "all_time"}


def _on_board(journey: Journey, member_id: str) -> bool:
    return bool(journey[REPORTER].until("/v1/leaderboards", lambda page: _lists(page, member_id), **_board(journey)))


def _lists(page: Any, member_id: str) -> bool:
    return member_id in {one["member"]["member_id"] for one in page["items"]}


def _about(page: Any, discussion_id: str) -> bool:
    return any(discussion_id in one["thread"] for one in page["items"])


def _shown_in(journey: Journey, feed: str) -> set[str]:
    """The titles that a calendar program shows which has nothing but the link."""
    with Api(journey.stack.url) as anyone:
        answer = anyone.client.get(feed)
    assert answer.status_code == 200, answer.text
    program = CalendarProgram()
    program.take(answer.content)
    return {one.title for one in program.shown.values()}


def _entries(had: _Had) -> dict[str, Any]:
    return {"member_id": had.member_id, "currency": "points", "limit": 100}


def _fined(page: Any) -> list[int]:
    return [one["amount"] for one in page["items"] if one["amount"] == -FINE]

"""From a question, and from an article, to the points of those who wrote: what is taken away is taken back.

Meanwhile an announcement is published, confirmed and reminded of. At last one of them leaves, and the others come together.
"""

from functools import partial
from pathlib import Path
from typing import Any

from tests.system.announcing import put_off, walk_an_announcement
from tests.system.asking_members import let_in
from tests.system.asking_unnamed import found_beside, walk_an_unnamed_question
from tests.system.coming_again import walk_a_series
from tests.system.getting_together import take_the_only_seat, walk_a_session, walk_an_activity
from tests.system.holding_courses import walk_a_course_day, walk_a_meeting
from tests.system.journey import ACCEPTED, KNOCKED_OUT, OWNER, WAITLISTED, Journey
from tests.system.leaving import walk_a_leave
from tests.system.library import walk_an_article
from tests.system.moderating import walk_held_texts
from tests.system.showing_files import walk_a_file
from tests.system.subscribing import walk_a_calendar

ASKER, ANSWERER, READER = ACCEPTED, WAITLISTED, KNOCKED_OUT
WELCOME, ASKED, REPLIED, HELPED, LIKED = 10, 5, 2, 15, 1
"""What the default rules pay."""


def walk_discussions(journey: Journey, folder: Path | None) -> None:
    """`folder`: where everything that is kept can be read."""
    members = let_in(journey, journey.community_id, [ASKER, ANSWERER, READER])
    del members[OWNER]
    asker, answerer, owner = journey[ASKER], journey[ANSWERER], journey[OWNER]
    announcement = put_off(journey)

    alike: dict[str, Any] = {"community_id": journey.community_id, "title": "怎么写教案"}
    assert asker.get("/v1/discussions/similar", **alike)["items"] == []
    question = asker.post(
        "/v1/discussions",
        {
            "community_id": journey.community_id,
            "kind": "question",
            "title": "教案怎么写？",
            "body": "**第一次**讲课，请指教。",
            "tags": ["教案"],
        },
        expect=201,
    )
    similar = answerer.get("/v1/discussions/similar", **alike)["items"]
    assert [one["id"] for one in similar] == [question["id"]]
    reply = {"discussion_id": question["id"], "kind": "answer"}
    answer = answerer.post("/v1/replies", reply | {"body": "先写目标，再写过程。"}, expect=201)
    comment = {"discussion_id": question["id"], "kind": "comment", "parent_reply_id": answer["id"], "body": "学到了。"}
    journey[READER].post("/v1/replies", comment, expect=201)
    accepted = asker.post(f"/v1/replies/{answer['id']}/accept", expect=200)
    assert accepted["accepted"]
    like = f"/v1/replies/{answer['id']}/reactions/like"
    assert journey[READER].call("PUT", like, expect=200)["reactions"] == {"like": 1}
    everything = {ASKER: WELCOME + ASKED, ANSWERER: WELCOME + REPLIED + HELPED + LIKED, READER: WELCOME + REPLIED}
    _have(journey, members, everything)

    listed = journey[READER].get("/v1/discussions", community_id=journey.community_id, tag="教案")["items"]
    assert [(one["reply_count"], one["accepted_reply_id"]) for one in listed] == [(2, answer["id"])]
    thread = journey[READER].get("/v1/replies", discussion_id=question["id"])["items"]
    assert [(one["author"]["display_name"], one["comments"]["count"]) for one in thread] == [("李娜", 1)]

    owner.post(f"/v1/replies/{answer['id']}/remove", expect=200)
    _have(journey, members, everything | {ANSWERER: WELCOME})
    owner.post(f"/v1/replies/{answer['id']}/restore", expect=200)
    _have(journey, members, everything)
    owner.post(f"/v1/discussions/{question['id']}/remove", expect=200)
    answerer.problem("GET", f"/v1/discussions/{question['id']}", 404, "not_found")
    _have(journey, members, dict.fromkeys(members, WELCOME))
    owner.post(f"/v1/discussions/{question['id']}/restore", expect=200)
    _have(journey, members, everything)
    walk_an_announcement(journey, announcement, [READER, ASKER, ANSWERER])
    had = everything[ASKER]
    walk_an_article(journey, ASKER, READER, lambda earned: _have(journey, members, {ASKER: had + earned}))
    before = {number: _points(journey, members, number) for number in (ASKER, ANSWERER)}
    who, what = walk_an_unnamed_question(journey, ASKER, ANSWERER)
    everything[ANSWERER] += REPLIED + HELPED + LIKED
    _have(journey, members, {ANSWERER: everything[ANSWERER], ASKER: before[ASKER]})
    if folder is not None:
        assert found_beside(folder, who, what) == {"content.masks"}
    before[ANSWERER] = everything[ANSWERER]

    def earned(number: str, points: int) -> None:
        _have(journey, members, {number: before[number] + points})

    walk_held_texts(journey, ASKER, ANSWERER, OWNER, earned)
    paid = answerer.get("/v1/ledger-entries", member_id=members[ANSWERER], limit=100)["items"]
    assert sum(one["amount"] for one in paid if one["currency"] == "points") == everything[ANSWERER]
    walk_a_file(asker, journey[READER], question)
    waits = take_the_only_seat(journey, ANSWERER, ASKER)
    walk_a_leave(journey, ANSWERER, ASKER, members[ANSWERER], everything[ANSWERER] + ASKED + REPLIED)
    journey[ASKER].until(f"/v1/registrations/{waits}", lambda one: one["status"] == "confirmed")
    walk_an_activity(journey, READER, ASKER, members[READER])
    walk_a_session(journey, ASKER, READER, members)
    walk_a_series(journey, READER)
    walk_a_calendar(journey, READER)
    walk_a_course_day(journey, READER, ASKER, members)
    walk_a_meeting(journey, READER, members[READER])


def _have(journey: Journey, members: dict[str, str], points: dict[str, int]) -> None:
    """Wait until these wallets have these points."""
    for number, wanted in points.items():
        path = f"/v1/wallets/{members[number]}"
        journey[number].until(path, partial(_has, wanted))


def _points(journey: Journey, members: dict[str, str], number: str) -> int:
    points: int = journey[number].get(f"/v1/wallets/{members[number]}")["points"]
    return points


def _has(points: int, wallet: dict[str, Any]) -> bool:
    return bool(wallet["points"] == points)

"""Surveys: who is asked, what is shown to whom and when, and what is told."""

from typing import Any

import pytest

from tests.service.events.asking import (
    QUESTIONS,
    SEVEN,
    SURVEYS,
    answers,
    asks,
    closes,
    results,
    said,
    sat_in,
    seven,
)
from tests.service.events.test_attendances import ATTENDANCES, ends, recorded

GOOD = [{"question": code, "score": 4} for code in ("content", "lecturer", "organisation")]


async def test_seven_answers_without_names_are_shown_together_once_the_survey_has_closed(hall):
    await seven(hall)
    survey = await asks(hall)
    assert (
        "数据库管理员"
        in (await hall["甲"].client.get(f"{SURVEYS}/{survey['id']}", headers={"Accept-Language": "zh-CN"})).text
    )
    for number, name in enumerate(SEVEN):
        mine = await answers(hall, name, survey, said(1 + number % 5, when="fri" if number else "mon"))
        assert mine == {"asked": True, "answered": True}
    await results(hall, "群主", survey, answered=409)
    shown = await closes(hall, survey)
    assert (shown["status"], shown["viewer"]["can"]) == ("closed", ["release"])
    found = await results(hall, "群主", survey)
    assert (found["asked"], found["answered"]) == (8, 7)
    assert [(one["code"], one["n"], one["mean"]) for one in found["questions"]] == [
        ("mood", 7, 2.57),
        ("when", 7, None),
    ]
    assert [(one["code"], one["count"]) for one in found["questions"][1]["choices"]] == [("mon", 1), ("fri", 6)]


async def test_a_second_answer_changes_nothing_and_nobody_answers_what_has_closed(hall):
    await seven(hall)
    survey = await asks(hall)
    await answers(hall, "甲", survey, said(5))
    await answers(hall, "甲", survey, said(1), status=200)
    for name in SEVEN[1:5]:
        await answers(hall, name, survey, said(5))
    hall.later(days=10)
    assert (await hall.see("己", f"{SURVEYS}/{survey['id']}"))["status"] == "closing"
    await answers(hall, "己", survey, said(1), status=409)
    await hall.stage.harness.run_timers()
    found = await results(hall, "群主", survey)
    assert (found["answered"], found["questions"][0]["mean"]) == (5, 5.0)
    [told] = await hall.stage.harness.published("survey.closed")
    assert told.occurred_at.isoformat() == "2024-05-09T04:00:00+00:00"


async def test_four_answers_come_to_nothing_and_are_kept_nowhere(hall):
    survey = await asks(hall)
    for name in "甲乙丙丁":
        await answers(hall, name, survey, said(1, remarks="别说是我"))
    await closes(hall, survey)
    found = await results(hall, "群主", survey)
    assert (found["answered"], found["questions"]) == (4, [])
    assert (await hall.see("群主", f"{SURVEYS}/{survey['id']}/texts"))["items"] == []
    assert await rows_of(hall, "survey_ballots") == []
    [told] = await hall.stage.harness.published("survey.closed")
    assert "means" not in told.data or told.data["means"] == []


async def test_a_question_that_four_answered_is_left_out(hall):
    await seven(hall)
    asked = [QUESTIONS[0], QUESTIONS[1] | {"required": False}]
    survey = await asks(hall, questions=asked)
    for number, name in enumerate(SEVEN[:5]):
        await answers(hall, name, survey, said(3)[: 2 if number else 1])
    await closes(hall, survey)
    assert [one["code"] for one in (await results(hall, "群主", survey))["questions"]] == ["mood"]


async def test_who_took_part_is_told_at_one_moment_by_nobody_when_the_survey_has_closed(hall):
    await seven(hall)
    survey = await asks(hall)
    for name in reversed(SEVEN):
        await answers(hall, name, survey, said(4))
        hall.later(minutes=7)
    assert [one.split(".")[1] for one in await hall.told()] == ["opened"]
    await closes(hall, survey)
    told = await hall.stage.harness.published("survey.")
    assert [one.type.split("survey.")[1] for one in told] == ["opened.v1", "participated.v1", "closed.v1"]
    part, end = told[1:]
    assert part.data["member_ids"] == sorted(str(hall[name].id) for name in SEVEN)
    assert (part.actor, part.data["part"], part.data["of"]) == ("system", 1, 1)
    assert part.occurred_at == end.occurred_at == hall.now
    assert part.subject != end.subject
    assert end.data["means"] == [{"code": "mood", "mean": 4.0, "n": 7}]


async def test_who_attended_a_session_is_asked_about_it_for_three_working_days(hall):
    await seven(hall)
    session = await sat_in(hall, *SEVEN[:6], speaker="庚", organiser_ids=[str(hall["甲"].id)])
    [survey] = (await hall.see("乙", SURVEYS, about_id=session["id"]))["items"]
    assert (survey["origin"], survey["anonymity"], survey["mine"]["asked"]) == ("activity", "anonymous", True)
    # Completed on Thursday at half past two in the afternoon; the Saturday after it is worked for a holiday.
    assert survey["closes_at"] == "2024-05-13T06:30:00Z"
    form = await hall.see("乙", f"{SURVEYS}/{survey['id']}")
    assert [(one["code"], one["kind"]) for one in form["questions"]] == [
        ("content", "score"),
        ("lecturer", "score"),
        ("organisation", "score"),
        ("remarks", "text"),
    ]
    assert form["questions"][1]["title"] == "How good was the lecturer?"
    for name in SEVEN[:5]:
        await answers(hall, name, survey, [*GOOD, {"question": "remarks", "text": f"{len(name)} 很好"}])
    hall.later(days=6)
    await hall.stage.harness.run_timers()
    [measured] = await hall.stage.harness.published("satisfaction.measured")
    assert measured.data["activity_id"] == session["id"]
    assert measured.data["means"] == [
        {"code": code, "mean": 4.0, "n": 5} for code in ("content", "lecturer", "organisation")
    ]
    assert measured.subject not in {session["id"], survey["id"]}


async def test_nobody_is_asked_after_a_meeting_nor_where_too_few_were_nor_where_the_community_does_not_want_it(hall):
    await seven(hall)
    await sat_in(hall, *SEVEN, kind="meeting")
    await sat_in(hall, *SEVEN[:4])
    policy = {"community_id": str(hall.stage.community_id)}
    path = f"{SURVEYS}/policy?community_id={policy['community_id']}"
    await hall.change("群主", path, {"after_activities": False}, version=1)
    await sat_in(hall, *SEVEN)
    assert (await hall.see("群主", SURVEYS, **policy))["items"] == []
    await hall.change("群主", path, {"after_activities": True}, version=2)
    await sat_in(hall, *SEVEN)
    assert len((await hall.see("群主", SURVEYS, **policy))["items"]) == 1


async def closed_after_session(hall):
    """A session run by 甲 and given by 庚, about which five have answered."""
    await seven(hall)
    await hall.joins("运营", "operator")
    await hall.joins("局外")
    await sat_in(hall, *SEVEN[:6], speaker="庚", organiser_ids=[str(hall["甲"].id)])
    [survey] = (await hall.see("乙", SURVEYS))["items"]
    for number, name in enumerate(SEVEN[:5]):
        await answers(hall, name, survey, [*GOOD, {"question": "remarks", "text": f"意见{number}"}])
    await closes(hall, survey)
    return survey


async def test_each_reader_reads_what_they_may_and_when(hall):
    survey = await closed_after_session(hall)
    texts = f"{SURVEYS}/{survey['id']}/texts"
    before = {"群主": 200, "运营": 200, "甲": 200, "庚": 403, "乙": 403, "局外": 404}
    for name, status in before.items():
        await results(hall, name, survey, answered=status)
        await hall.see(name, texts, answered=status)
    listed = (await hall.see("甲", texts))["items"]
    assert sorted(one["text"] for one in listed) == [f"意见{number}" for number in range(5)]
    await hall.send("庚", f"{SURVEYS}/{survey['id']}/release", {}, status=403)
    await hall.send("乙", f"{SURVEYS}/{survey['id']}/release", {}, status=403)
    withheld = [one["id"] for one in listed if one["text"] == "意见3"]
    await hall.send("甲", f"{SURVEYS}/{survey['id']}/release", {"withheld_ids": withheld})
    await results(hall, "庚", survey)
    assert sorted(one["text"] for one in (await hall.see("庚", texts))["items"]) == ["意见0", "意见1", "意见2", "意见4"]
    assert len((await hall.see("群主", texts))["items"]) == 5
    await results(hall, "乙", survey, answered=403)
    path = f"{SURVEYS}/policy?community_id={hall.stage.community_id}"
    await hall.change("群主", path, {"members_read": True}, version=1)
    assert (await results(hall, "乙", survey))["answered"] == 5
    await hall.see("乙", texts, answered=403)
    await results(hall, "局外", survey, answered=404)


async def test_who_is_no_member_reads_nothing_whatever_they_are_elsewhere(hall):
    survey = await closed_after_session(hall)
    gone = await hall.joins("离任", "owner")
    await hall.stage.leave(gone)
    harness = hall.stage.harness
    people = [harness.as_person(gone.person_id, platform=[role]) for role in ("hr", "auditor", "admin")]
    for client, status in (*((one, 404) for one in (*people, gone.client)), (hall.stage.service("members.read"), 403)):
        for path in ("", "/results", "/texts", "/answers"):
            answer = await client.get(f"{SURVEYS}/{survey['id']}{path}")
            assert answer.status_code == status, (path, answer.text)


async def test_answers_with_names_are_read_by_those_who_run_the_community_alone(hall):
    survey = await asks(hall, anonymity="named", audience="named", member_ids=[str(hall["甲"].id), str(hall["乙"].id)])
    assert (
        "姓名" in (await hall["甲"].client.get(f"{SURVEYS}/{survey['id']}", headers={"Accept-Language": "zh-CN"})).text
    )
    await answers(hall, "甲", survey, said(2, remarks="周五更好"))
    await hall.see("丙", f"{SURVEYS}/{survey['id']}", answered=404)
    await answers(hall, "丙", survey, said(2), status=404)
    path = f"{SURVEYS}/{survey['id']}/answers"
    [row] = (await hall.see("群主", path))["items"]
    assert (row["member"]["member_id"], row["answers"][2]["text"]) == (str(hall["甲"].id), "周五更好")
    await hall.see("甲", path, answered=403)
    [told] = await hall.stage.harness.published("survey.answered")
    assert (told.data["member_id"], told.subject) == (str(hall["甲"].id), row["id"])
    assert "周五" not in str(told.data)
    unnamed = await asks(hall)
    await hall.see("群主", f"{SURVEYS}/{unnamed['id']}/answers", answered=409)


async def test_who_is_asked_has_a_task_until_they_answered(hall):
    survey = await asks(hall)

    async def tasks():
        return [(one["code"], one["href"]) for one in await hall.see("甲", "/internal/tasks")]

    assert await tasks() == [("answer_survey", f"{SURVEYS}/{survey['id']}")]
    await answers(hall, "甲", survey, said(3))
    assert await tasks() == []


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ([{"question": "mood", "score": 3}], "/answers", "missing"),
        ([*said(3), {"question": "mood", "score": 4}], "/answers/2/question", "answered_twice"),
        ([*said(3), {"question": "age", "score": 4}], "/answers/2/question", "unknown_question"),
        (said(3, when="sun"), "/answers/1/choice", "unknown_choice"),
        ([{"question": "mood", "text": "好"}, said(3)[1]], "/answers/0/score", "missing"),
    ],
)
async def test_an_answer_that_does_not_fit_the_questions_is_refused_and_may_be_mended(hall, given, pointer, code):
    survey = await asks(hall)
    refused = await answers(hall, "甲", survey, given, status=422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)
    await answers(hall, "甲", survey, said(3))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"audience": "attendees"}, "nobody_attends"),
        ({"audience": "named"}, "missing"),
        ({"member_ids": ["01900000-0000-7000-8000-000000000000"]}, "not_by_name"),
        ({"audience": "named", "member_ids": ["01900000-0000-7000-8000-000000000000"]}, "unknown_member"),
        ({"about": {"kind": "month"}}, "month_alone"),
        ({"about": {"kind": "activity", "id": "01900000-0000-7000-8000-000000000000"}}, "unknown_object"),
        ({"questions": [QUESTIONS[0], QUESTIONS[0]]}, "same_code"),
        ({"questions": [QUESTIONS[0] | {"choices": QUESTIONS[1]["choices"]}]}, "too_many_choices"),
        ({"closes_at": "2024-05-01T00:00:00Z"}, "in_the_past"),
    ],
)
async def test_a_survey_that_does_not_fit_together_is_refused(hall, fields, code):
    body = {
        "community_id": str(hall.stage.community_id),
        "about": {"kind": "month", "month": "2024-05"},
        "title": "五月",
        "audience": "members",
        "questions": QUESTIONS,
    }
    refused = await hall.send("群主", SURVEYS, body | fields, status=422)
    assert refused["errors"][0]["code"] == code
    assert (await hall.see("群主", SURVEYS, community_id=str(hall.stage.community_id)))["items"] == []


async def test_a_draft_is_known_to_those_who_run_the_community_and_stays_as_it_is_once_open(hall):
    draft = await asks(hall, opened=False)
    path = f"{SURVEYS}/{draft['id']}"
    await hall.see("甲", path, answered=404)
    assert (await hall.see("甲", SURVEYS))["items"] == []
    changed = await hall.change("群主", path, {"title": "六月"}, version=1)
    assert changed["title"] == "六月"
    await hall.change("群主", path, {"title": "七月"}, version=1, status=412)
    opened = await hall.send("群主", f"{path}/open", version=2)
    assert (opened["status"], opened["viewer"]["can"]) == ("open", ["answer", "close"])
    await hall.change("群主", path, {"title": "八月"}, version=3, status=409)
    await hall.send("甲", f"{path}/close", status=403)
    [listed] = (await hall.see("甲", f"{SURVEYS}?status=open&answered=false"))["items"]
    assert (listed["title"], listed["viewer"]["can"]) == ("六月", ["answer"])


async def test_nobody_is_found_by_a_small_group_nor_by_the_difference_of_two(hall):
    await seven(hall)

    async def opens(*names, status, month="2024-05"):
        ids = [str(hall[name].id) for name in names]
        about = {"kind": "month", "month": month}
        group: dict[str, Any] = {"audience": "named", "member_ids": ids} if names else {}
        made = await asks(hall, opened=False, about=about, **group)
        return await hall.send("群主", f"{SURVEYS}/{made['id']}/open", version=1, status=status)

    assert (await opens(*SEVEN[:4], status=409))["code"] == "too_few_asked"
    await opens(*SEVEN[:6], status=200)
    # All but 庚 answer the one, all the other: what is more in it is theirs.
    for names in ((), SEVEN, SEVEN[1:]):
        assert (await opens(*names, status=409))["code"] == "another_group_asked"
    await opens(*SEVEN, status=200, month="2024-06")
    others = [(await hall.joins(f"新人{number}")) and f"新人{number}" for number in range(5)]
    await opens(*others, status=200)


async def test_nobody_is_found_by_saying_that_they_were_not_there_and_asking_again(hall):
    await seven(hall)
    activity = await hall.announces()
    hall.later(days=3, hours=1)
    there = {name: await recorded(hall, name, activity) for name in SEVEN}
    hall.later(hours=2)
    await ends(hall, activity)
    hall.later(minutes=5)
    of: Any = {"about": {"kind": "activity", "id": activity["id"]}, "audience": "attendees"}
    for _ in range(2):
        await asks(hall, **of)
    # All answer as before, but 庚: what was more in it is theirs.
    await hall.send("群主", f"{ATTENDANCES}/{there['庚']['id']}/revoke")
    for again in (False, True):
        if again:
            hall.later(minutes=5)
            await recorded(hall, "庚", activity)
        made = await asks(hall, opened=False, **of)
        refused = await hall.send("群主", f"{SURVEYS}/{made['id']}/open", version=1, status=409)
        assert refused["code"] == "another_group_asked"
    named = await asks(hall, anonymity="named", **of)
    assert named["status"] == "open"


async def test_more_answers_than_one_piece_takes_are_counted_once_and_told_in_parts(hall, monkeypatch):
    monkeypatch.setattr("services.events.surveys.closing.TOGETHER", 3)
    await seven(hall)
    for anonymity in ("anonymous", "named"):
        survey = await asks(hall, anonymity=anonymity)
        for number, name in enumerate(SEVEN):
            await answers(hall, name, survey, said(1 + number % 5, remarks=f"意见{number}"))
        await closes(hall, survey)
        found = await results(hall, "群主", survey)
        assert (found["answered"], found["questions"][0]["mean"]) == (7, 2.57)
        texts = (await hall.see("群主", f"{SURVEYS}/{survey['id']}/texts"))["items"]
        assert sorted(one["text"] for one in texts) == [f"意见{number}" for number in range(7)]
    parts = await hall.stage.harness.published("participated")
    assert [(one.data["part"], one.data["of"], len(one.data["member_ids"])) for one in parts] == [
        (1, 3, 3),
        (2, 3, 3),
        (3, 3, 1),
    ]
    assert len({one.subject for one in parts}) == 3


async def test_what_was_told_is_told_again_with_the_same_ids(hall):
    survey = await closed_after_session(hall)
    named = await asks(hall, anonymity="named")
    await answers(hall, "甲", named, said(2))
    harness = hall.stage.harness
    first = await outbox(hall)
    again = []
    async with harness.runtime.database.transaction() as session:
        for deeds in harness.runtime.service.deeds:
            async for one in deeds(session, None):
                again.append((one.id, one.event.TYPE, one.version, one.occurred_at, one.event.to_json()))
    told = [row for row in first if "survey" in row[1] or "satisfaction" in row[1]]
    told = [row for row in told if "opened" not in row[1]]
    assert sorted(map(str, told)) == sorted(str(row) for row in again if "survey" in row[1] or "satisfaction" in row[1])
    assert len(told) == 4, survey


async def rows_of(hall, name):
    table = hall.stage.harness.runtime.metadata.tables[name]
    async with hall.stage.harness.runtime.database.reading() as session:
        return (await session.execute(table.select())).all()


async def outbox(hall):
    table = hall.stage.harness.runtime.service.tables.messaging.outbox
    async with hall.stage.harness.runtime.database.reading() as session:
        rows = (await session.execute(table.select().order_by(table.c.seq))).all()
    return [(row.id, row.type, row.aggregateversion, row.occurred_at, row.payload) for row in rows]


async def test_who_spoke_is_not_asked_how_they_were(hall):
    await seven(hall)
    session = await sat_in(hall, *SEVEN[:5], speaker="庚")
    [survey] = (await hall.see("甲", SURVEYS, about_id=session["id"]))["items"]
    refused = await hall["庚"].client.post(f"{SURVEYS}/{survey['id']}/answers", json={"answers": GOOD})
    assert refused.status_code in {403, 404}
    for name in SEVEN[:5]:
        await answers(hall, name, survey, GOOD)
    hall.later(days=6)
    await hall.stage.harness.run_timers()
    found = await results(hall, "群主", survey)
    assert (found["asked"], found["answered"]) == (5, 5)
    few = await sat_in(hall, *SEVEN[:4], speaker="庚")
    assert (await hall.see("群主", SURVEYS, community_id=few["community_id"], about_id=few["id"]))["items"] == []


async def test_what_somebody_wrote_by_name_goes_with_them_and_what_they_scored_stays(hall):
    survey = await asks(hall, anonymity="named")
    await answers(hall, "甲", survey, said(2, remarks="周五更好"))
    await answers(hall, "乙", survey, said(3, remarks="周一更好"))
    runtime = hall.stage.harness.runtime
    async with runtime.database.transaction() as session:
        for feature in runtime.service.features:
            if feature.erasure is not None:
                await feature.erasure(session, hall["甲"].person_id, hall.now)
    first, second = (await hall.see("群主", f"{SURVEYS}/{survey['id']}/answers"))["items"]
    assert [one["score"] for one in first["answers"]] == [2, None]
    assert second["answers"][2]["text"] == "周一更好"

"""Contests: who answers until when, what is saved, who stands where, and what is told when."""

from dataclasses import replace
from uuid import UUID

import pytest

from assessment.frozen import Asked, Paper, Pool, Section
from assessment.questions import Question
from contracts.events import ContestFinished
from services.events.contests.deeds import results_deeds
from tests.service.events.competing import (
    ATTEMPTS,
    CONTESTS,
    PAPER,
    QUESTIONS,
    TEAMS,
    begins,
    board,
    contest_of,
    hands_in,
    in_the_bank,
    key,
    runs,
    saves,
    solved,
)


@pytest.fixture(autouse=True)
def bank():
    with in_the_bank():
        yield


async def test_a_contest_is_answered_ranked_and_told_when_its_results_are_released(hall):
    contest = await contest_of(hall, *"甲乙丙")
    assert (contest["status"], contest["questions"], contest["full"]) == ("upcoming", 5, 1000)
    hall.later(hours=1)
    sheets = {name: await begins(hall, name, contest) for name in "甲乙丙"}
    for name, right in (("甲", (0, 1, 2)), ("乙", (0, 1, 2, 3)), ("丙", (0, 1, 2))):
        hall.later(minutes=1)
        await saves(hall, name, sheets[name], solved(sheets[name], *right))
    await saves(hall, "丙", sheets["丙"], solved(sheets["丙"], 4, wrong=True))
    mine = await hall.see("甲", f"{ATTEMPTS}/{sheets['甲']['id']}")
    assert (mine["score"], {one["result"] is None for one in mine["questions"]}) == (None, {True})
    hall.later(minutes=40)
    assert (await hall.see("甲", f"{ATTEMPTS}/{sheets['甲']['id']}"))["handed_in_at"] == mine["ends_at"]
    hall.later(minutes=20)
    assert (await hall.see("甲", f"{CONTESTS}/{contest['id']}"))["status"] == "released"
    assert await board(hall, "甲", contest) == [(1, "乙", 800), (2, "甲", 600), (3, "丙", 600)]
    assert "contest.finished" not in await hall.told()
    await runs(hall)
    [told] = await hall.stage.harness.published("events.contest.")
    assert told.occurred_at.isoformat().replace("+00:00", "Z") == contest["results_at"]
    lines = [(one["rank"], one["score"], one["prize_rank"], one["member_ids"]) for one in told.data["standings"]]
    assert lines == [
        (rank, score, rank, [str(hall[name].id)])
        for rank, score, name in ((1, 800, "乙"), (2, 600, "甲"), (3, 600, "丙"))
    ]
    read = await hall.see("丙", f"{ATTEMPTS}/{sheets['丙']['id']}")
    assert read["score"] == 600
    by_text = {one["text"]: one["result"] for one in read["questions"]}
    assert by_text["共享的知识属于谁？"]["explanation"] == "见章程第一条。"
    assert by_text["学而不思则____。"]["solution"]["texts"] == ["罔"]
    assert (by_text["各属哪一类？"]["right"], by_text["各属哪一类？"]["marks"]) == (False, 0)


async def test_of_two_saves_the_greater_sequence_counts_and_none_is_taken_at_the_end(hall):
    contest = await contest_of(hall, "甲")
    await begins(hall, "甲", contest, status=409)
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    [late] = solved(sheet, 0)
    await saves(hall, "甲", sheet, [late], sequence=5)
    [early] = solved(sheet, 0, wrong=True)
    kept = await saves(hall, "甲", sheet, [early], sequence=4)
    assert kept["answers"][0]["sequence"] == 5
    again = await begins(hall, "甲", contest, status=200)
    assert (again["id"], again["sequence"]) == (sheet["id"], 5)
    assert [one["answer"]["choices"] for one in again["questions"] if one["answer"]] == [late["choices"]]
    hall.later(minutes=30)
    refused = await saves(hall, "甲", sheet, [early], sequence=6, status=409)
    assert (refused["code"], refused["handed_in_at"]) == ("attempt_over", sheet["ends_at"])


async def test_a_second_device_takes_over_and_the_first_is_told(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    other = hall["甲"].id
    await begins(hall, "甲", contest, status=200, device=other)
    assert (await saves(hall, "甲", sheet, solved(sheet, 0), status=409))["code"] == "taken_over"
    assert (await hands_in(hall, "甲", sheet, status=409))["code"] == "taken_over"
    await saves(hall, "甲", sheet, solved(sheet, 0), device=other)
    done = await hands_in(hall, "甲", sheet, device=other)
    assert (done["status"], (await hands_in(hall, "甲", sheet))["handed_in_at"]) == ("handed_in", done["handed_in_at"])


async def test_wrong_answers_name_what_is_wrong_and_change_nothing(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    good = solved(sheet, 0)[0]
    for bad, pointer, code in (
        ([good, good], "/answers/1/number", "answered_twice"),
        ([good, {"number": 6, "texts": ["罔"]}], "/answers/1/number", "unknown_question"),
        ([good, {"number": 1 + good["number"] % 5, "choices": ["Z"]}], "/answers/1", "unknown_part"),
        ([good | {"texts": ["罔"]}], "/answers/0", "not_this_kind"),
        ([good | {"now": "2024-05-01T00:00:00Z"}], "/answers/0/now", "extra_forbidden"),
    ):
        refused = await saves(hall, "甲", sheet, bad, status=422)
        assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)
    assert (await hall.see("甲", f"{ATTEMPTS}/{sheet['id']}"))["sequence"] == 0
    await hall.see("乙", f"{ATTEMPTS}/{sheet['id']}", answered=404)
    await hall.see("群主", f"{ATTEMPTS}/{sheet['id']}", answered=404)


async def test_only_who_has_a_seat_and_has_not_read_the_questions_competes(hall):
    contest = await contest_of(hall, "甲", "乙")
    hall.later(hours=1)
    assert (await begins(hall, "丙", contest, status=403))["code"] == "not_entered"
    with in_the_bank(readers=frozenset({hall["甲"].person_id})):
        assert (await hall.see("甲", f"{CONTESTS}/{contest['id']}"))["viewer"]["cannot"]["begin"] == "reads_the_bank"
        assert (await begins(hall, "甲", contest, status=403))["code"] == "reads_the_bank"
        await begins(hall, "乙", contest)


async def test_a_draft_is_there_for_nobody_but_who_runs_the_community(hall):
    contest = await contest_of(hall, "甲", publish=False)
    await hall.see("甲", f"{CONTESTS}/{contest['id']}", answered=404)
    await begins(hall, "甲", contest, status=404)
    community = str(hall.stage.community_id)
    assert (await hall.see("甲", CONTESTS, community_id=community))["items"] == []
    [listed] = (await hall.see("群主", CONTESTS, community_id=community))["items"]
    assert (listed["status"], contest["paper"]["version"]) == ("draft", 1)
    refused = await hall.change(
        "群主", f"{CONTESTS}/{contest['id']}", {"minutes": 90, "results_at": hall.after(hours=1)}, version=1, status=422
    )
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/minutes", "longer_than_the_window"),
        ("/results_at", "before_the_end"),
    ]


async def time_given(hall):
    told = await hall.stage.harness.published("contest.time_given")
    return [(UUID(one.data["member_id"]), one.data["reopened"], one.data["until"]) for one in told]


async def test_nobody_hears_of_more_time_for_what_they_have_handed_in_or_do_not_know(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    await hands_in(hall, "甲", await begins(hall, "甲", contest))
    more = {"member_id": str(hall["甲"].id), "minutes": 20}
    await hall.send("群主", f"{CONTESTS}/{contest['id']}/extra-time", more)
    activity = await hall.prepares(kind="contest", starts_at=hall.after(hours=1), ends_at=hall.after(hours=2))
    times = {"opens_at": hall.after(hours=1), "closes_at": hall.after(hours=2), "minutes": 30}
    body = {"activity_id": activity["id"], "paper_id": str(PAPER), "paper_version": 1}
    hidden = await hall.send("群主", CONTESTS, body | times, status=201)
    await hall.send("群主", f"{CONTESTS}/{hidden['id']}/publish", version=1)
    await hall.send("群主", f"{CONTESTS}/{hidden['id']}/extra-time", more)
    assert await time_given(hall) == []


async def test_more_time_moves_both_limits_and_results_wait_for_it(hall):
    contest = await contest_of(hall, "甲", "乙")
    path = f"{CONTESTS}/{contest['id']}/extra-time"
    given = await hall.send("群主", path, {"member_id": str(hall["甲"].id), "minutes": 20})
    assert (given["extra_minutes"], given["attempt_id"]) == (20, None)
    first = _at(hall, hours=2, minutes=20)
    hall.later(hours=1, minutes=50)
    late, usual = await begins(hall, "甲", contest), await begins(hall, "乙", contest)
    assert (late["ends_at"], usual["ends_at"]) == (_at(hall, minutes=30), _at(hall, minutes=10))
    await hall.send("群主", path, {"member_id": str(hall["甲"].id), "minutes": 5})
    hall.later(minutes=34)
    await saves(hall, "甲", late, solved(late, 0))
    assert (await hall.see("乙", f"{CONTESTS}/{contest['id']}"))["status"] == "closed"
    await runs(hall)
    assert await hall.stage.harness.published("contest.finished") == []
    hall.later(minutes=1)
    await saves(hall, "甲", late, solved(late, 1), sequence=2, status=409)
    await runs(hall)
    [told] = await hall.stage.harness.published("contest.finished")
    assert told.occurred_at == hall.now
    # Each time they were told until when: first by the closing, then by their own attempt.
    assert await time_given(hall) == [(hall["甲"].id, False, first), (hall["甲"].id, False, _at(hall))]


async def test_an_attempt_that_is_reopened_goes_on_with_what_was_left(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    hall.later(minutes=10)
    await hands_in(hall, "甲", sheet)
    hall.later(minutes=45)
    again = await hall.send("群主", f"{ATTEMPTS}/{sheet['id']}/reopen", {"reason": "误交"})
    assert (again["status"], again["ends_at"]) == ("running", _at(hall, minutes=20))
    assert await time_given(hall) == [(hall["甲"].id, True, again["ends_at"])]
    hall.later(minutes=19)
    await saves(hall, "甲", sheet, solved(sheet, 0))
    hall.later(minutes=1)
    await saves(hall, "甲", sheet, solved(sheet, 1), sequence=2, status=409)


async def test_nobody_gives_themselves_time(hall):
    contest = await contest_of(hall, "群主")
    mine = {"member_id": str(hall["群主"].id), "minutes": 5}
    assert (await hall.send("群主", f"{CONTESTS}/{contest['id']}/extra-time", mine, status=403))[
        "code"
    ] == "conflict_of_interest"
    hall.later(hours=1)
    sheet = await begins(hall, "群主", contest)
    await hall.send("群主", f"{ATTEMPTS}/{sheet['id']}/reopen", {"reason": "误交"}, status=403)


async def test_nobody_gives_time_to_their_own_team_nor_decides_what_it_comes_to(hall):
    contest = await contest_of(hall, "群主", "甲", teams=True)
    red = await hall.send("甲", TEAMS, {"contest_id": contest["id"], "name": "红队"}, status=201)
    await hall.send("群主", f"{TEAMS}/{red['id']}/join")
    path = f"{CONTESTS}/{contest['id']}"
    mate = {"member_id": str(hall["甲"].id), "minutes": 5}
    refused = [await hall.send("群主", f"{path}/extra-time", mate, status=403)]
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    await hands_in(hall, "甲", sheet)
    refused.append(await hall.send("群主", f"{ATTEMPTS}/{sheet['id']}/reopen", {"reason": "误交"}, status=403))
    hall.later(hours=1)
    await runs(hall)
    with in_the_bank(corrected={0: (2, replace(QUESTIONS[0], explanation="更正"))}):
        asked = {"question_ids": [key(0)], "reason": "更正"}
        regrade = await hall.send("群主", f"{path}/regrades", asked, status=201)
        await runs(hall)
    # They have begun nothing themselves.
    refused.append(await hall.send("群主", f"/v1/contests/regrades/{regrade['id']}/apply", {}, status=403))
    assert [one["code"] for one in refused] == ["conflict_of_interest"] * 3


async def test_a_contest_ends_with_its_activity_when_that_is_cancelled(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    activity = await hall["群主"].client.get(f"/v1/activities/{contest['activity_id']}")
    version = int(activity.headers["ETag"].strip('"'))
    path = f"/v1/activities/{contest['activity_id']}/cancel"
    await hall.send("群主", path, {"reason": "停电"}, version=version)
    assert (await hall.see("甲", f"{CONTESTS}/{contest['id']}"))["status"] == "cancelled"
    await saves(hall, "甲", sheet, solved(sheet, 0), status=409)
    hall.later(days=1)
    await runs(hall)
    assert await hall.stage.harness.published("events.contest.") == []


async def test_what_an_erased_person_answered_goes_and_their_place_stays(hall):
    contest = await contest_of(hall, "甲", "乙")
    hall.later(hours=1)
    for name in "甲乙":
        sheet = await begins(hall, name, contest)
        await saves(hall, name, sheet, solved(sheet, 0))
    await hall.erases("甲")
    hall.later(hours=1)
    await runs(hall)
    assert [(rank, score) for rank, _, score in await board(hall, "乙", contest)] == [(1, 200), (1, 200)]


async def test_a_paper_with_questions_that_people_grade_is_refused(hall):
    activity = await hall.announces(kind="contest")
    body = {
        "activity_id": activity["id"],
        "paper_id": str(PAPER),
        "paper_version": 1,
        "opens_at": hall.after(hours=1),
        "closes_at": hall.after(hours=2),
        "minutes": 30,
    }
    by_people = Asked(key(9), 1, Question("short_text", "谈谈你的看法。"))
    given = Paper(str(PAPER), 1, "问答", (Section("", (Pool(1, 100, (by_people,)),)),))
    with in_the_bank(given):
        refused = await hall.send("群主", CONTESTS, body, status=422)
    assert refused["errors"][0]["code"] == "graded_by_people"
    refused = await hall.send("群主", CONTESTS, body | {"paper_version": 2}, status=422)
    assert refused["errors"][0]["code"] == "unknown_paper"
    talk = await hall.announces()
    assert (await hall.send("群主", CONTESTS, body | {"activity_id": talk["id"]}, status=409))[
        "code"
    ] == "no_contest_activity"
    await hall.send("群主", CONTESTS, body, status=201)
    await hall.send("群主", CONTESTS, body, status=409)


def _at(hall, **by):
    return hall.after(**by).replace("+00:00", "Z")


async def test_what_was_told_is_told_again_with_the_same_ids_and_words(hall):
    contest = await contest_of(hall, "甲", "乙")
    hall.later(hours=1)
    for name in "甲乙":
        await begins(hall, name, contest)
    hall.later(hours=1)
    await runs(hall)
    [told] = await hall.stage.harness.published("events.contest.")
    async with hall.stage.harness.runtime.database.reading() as session:
        [again] = [one async for one in results_deeds(session, None)]
    assert (again.id, again.event.subject(), again.occurred_at) == (told.id, told.subject, told.occurred_at)
    assert again.event == ContestFinished.model_validate(told.data)


async def test_who_looks_into_the_bank_while_they_compete_saves_no_more(hall):
    contest = await contest_of(hall, "群主")
    hall.later(hours=1)
    sheet = await begins(hall, "群主", contest)
    await saves(hall, "群主", sheet, solved(sheet, 0))
    with in_the_bank(readers=frozenset({hall["群主"].person_id})):
        assert (await saves(hall, "群主", sheet, solved(sheet, 1), sequence=2, status=403))["code"] == "reads_the_bank"

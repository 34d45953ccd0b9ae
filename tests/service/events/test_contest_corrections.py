"""A question that was wrong: tried first, then decided, then graded anew."""

from dataclasses import replace

import pytest

from assessment.questions import WHOLE
from tests.service.events.competing import (
    ATTEMPTS,
    CONTESTS,
    QUESTIONS,
    begins,
    board,
    contest_of,
    in_the_bank,
    key,
    runs,
    saves,
    solved,
)

WRONG = QUESTIONS[0]
CORRECTED = replace(
    WRONG,
    choices=tuple(replace(one, weight=WHOLE if one.key == "B" else 0) for one in WRONG.choices),
    explanation="见章程第二条。",
)


@pytest.fixture
async def over(hall):
    """A contest whose first question is wrong: 乙 and 丙 answered what was right, 甲 what was graded."""
    with in_the_bank(corrected={0: (2, CORRECTED), 1: (1, QUESTIONS[1])}):
        contest = await contest_of(hall, *"甲乙丙")
        hall.later(hours=1)
        for name, right, wrong in (("甲", (0, 1, 2), ()), ("乙", (1, 2), (0,)), ("丙", (2,), (0,))):
            sheet = await begins(hall, name, contest)
            await saves(hall, name, sheet, [*solved(sheet, *right), *solved(sheet, *wrong, wrong=True)])
            hall.later(minutes=1)
        hall.later(hours=1)
        await runs(hall)
        yield contest


async def _tries(hall, contest, *numbers):
    body = {"question_ids": [key(one) for one in numbers], "reason": "答案有误"}
    made = await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", body, status=201)
    await runs(hall)
    return await hall.see("群主", f"{CONTESTS}/regrades/{made['id']}")


async def test_a_correction_is_tried_then_decided_and_nobody_loses_a_prize(hall, over):
    assert await board(hall, "甲", over) == [(1, "甲", 600), (2, "乙", 400), (3, "丙", 200)]
    tried = await _tries(hall, over, 0)
    assert (tried["status"], tried["looked_at"], tried["changed"]) == ("tried", 3, 3)
    lines = (await hall.see("群主", f"{CONTESTS}/regrades/{tried['id']}/lines"))["items"]
    assert [(one["before"], one["after"], one["difference"]) for one in lines] == [
        (600, 400, -200),
        (400, 600, 200),
        (200, 400, 200),
    ]
    assert await board(hall, "甲", over) == [(1, "甲", 600), (2, "乙", 400), (3, "丙", 200)]
    await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/apply", {})
    assert (await hall.see("甲", f"{CONTESTS}/{over['id']}"))["status"] == "regrading"
    await runs(hall)
    assert await board(hall, "甲", over) == [(1, "乙", 600), (2, "甲", 400), (3, "丙", 400)]
    first, again = await hall.stage.harness.published("events.contest.")
    assert (again.type, again.data["revision"]) == ("qunxue.events.contest.regraded.v1", 1)
    assert first.subject != again.subject
    names = {str(one.id): name for name, one in hall.members.items()}
    assert [
        (names[one["member_ids"][0]], one["rank"], one["prize_rank"], one.get("rank_before"), one.get("score_before"))
        for one in again.data["standings"]
    ] == [("乙", 1, 1, 2, 400), ("甲", 2, 1, 1, 600), ("丙", 3, 3, 3, 200)]


async def test_everybody_reads_the_solution_that_graded_them(hall, over):
    async def read(name):
        mine = (await hall.see(name, f"{CONTESTS}/{over['id']}"))["mine"]
        sheet = await hall.see(name, f"{ATTEMPTS}/{mine['attempt_id']}")
        [one] = [one for one in sheet["questions"] if one["text"] == WRONG.text]
        right = [each["text"] for each in one["choices"] if each["letter"] in one["result"]["solution"]["choices"]]
        return sheet["revision"], one["result"]["marks"], right, one["result"]["explanation"]

    assert await read("乙") == (0, 0, ["大家"], "见章程第一条。")
    tried = await _tries(hall, over, 0)
    assert await read("乙") == (0, 0, ["大家"], "见章程第一条。")
    await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/apply", {})
    assert await read("乙") == (0, 0, ["大家"], "见章程第一条。")
    await runs(hall)
    assert await read("乙") == (1, 200, ["甲"], "见章程第二条。")


async def test_prizes_are_taken_only_where_that_is_decided(hall, over):
    tried = await _tries(hall, over, 0)
    await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/apply", {"prizes": "taken"})
    await runs(hall)
    [_, again] = await hall.stage.harness.published("events.contest.")
    assert [one["prize_rank"] for one in again.data["standings"]] == [1, 2, 3]


async def test_what_is_not_corrected_or_under_way_is_refused(hall, over):
    path = f"{CONTESTS}/{over['id']}/regrades"
    body = {"question_ids": [key(1)], "reason": "答案有误"}
    assert (await hall.send("群主", path, body, status=409))["code"] == "nothing_corrected"
    refused = await hall.send("群主", path, body | {"question_ids": [key(9)]}, status=422)
    assert refused["errors"][0]["code"] == "not_in_paper"
    tried = await _tries(hall, over, 0)
    assert (await hall.send("群主", path, body, status=409))["code"] == "regrade_under_way"
    await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/drop")
    await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/apply", {}, status=409)
    assert await board(hall, "甲", over) == [(1, "甲", 600), (2, "乙", 400), (3, "丙", 200)]


async def test_who_competed_does_not_decide(hall):
    with in_the_bank(corrected={0: (2, CORRECTED)}):
        contest = await contest_of(hall, "群主")
        hall.later(hours=1)
        await begins(hall, "群主", contest)
        hall.later(hours=1)
        await runs(hall)
        tried = await _tries(hall, contest, 0)
        refused = await hall.send("群主", f"{CONTESTS}/regrades/{tried['id']}/apply", {}, status=403)
        assert refused["code"] == "conflict_of_interest"


async def test_nothing_is_graded_anew_before_results_are_released(hall):
    with in_the_bank(corrected={0: (2, CORRECTED)}):
        contest = await contest_of(hall, "甲")
        hall.later(hours=1)
        body = {"question_ids": [key(0)], "reason": "答案有误"}
        await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", body, status=409)
        hall.later(hours=1)
        # Released by the clock, and not told yet.
        for corrects in (False, True):
            seen = await hall.see("群主", f"{CONTESTS}/{contest['id']}")
            assert (seen["status"], "regrade" in seen["viewer"]["can"]) == ("released", corrects)
            await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", body, status=201 if corrects else 409)
            await runs(hall)

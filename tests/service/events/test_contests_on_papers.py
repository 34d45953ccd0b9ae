"""Contests on papers of a question bank, as nobody stands in for them: frozen from it, kept from who read it, corrected through it."""

from uuid import UUID

from assessment.formats import write_gift
from services.events.contests import source
from tests.service.events.competing import (
    ATTEMPTS,
    CONTESTS,
    QUESTIONS,
    TEAMS,
    begins,
    board,
    contest_of,
    runs,
    saves,
    solved,
)
from tests.service.events.test_papers import draws, makes
from tests.service.events.test_papers import path as of_paper
from tests.service.events.test_question_banks import makes_bank
from tests.service.events.test_question_banks import path as of_bank
from tests.service.events.test_question_files import sends

WRONG = QUESTIONS[0]


async def published(hall):
    """A bank that came from a file, and a paper of all of its questions: the bank, its questions by text, what a contest says of the paper."""
    bank = await makes_bank(hall)
    job, wrong = await sends(hall, bank, write_gift(QUESTIONS).text, "gift")
    assert (job["state"], job["done"], wrong) == ("succeeded", len(QUESTIONS), [])
    listed = (await hall.see("群主", of_bank(bank, rest="questions"), limit=100))["items"]
    paper = await makes(hall, sections=[{"draws": [draws(bank, len(QUESTIONS), marks=200)]}])
    made = await hall.send("群主", of_paper(paper, "publish"), version=1, status=201)
    return bank, {one["excerpt"]: one for one in listed}, {"paper_id": paper["id"], "paper_version": made["version"]}


async def test_a_contest_is_graded_by_the_paper_as_it_was_frozen_and_corrected_by_what_became_of_its_bank(hall):
    bank, questions, paper = await published(hall)
    contest = await contest_of(hall, *"甲乙丙", **paper)
    assert (contest["questions"], contest["full"]) == (5, 1000)
    wrong = await hall.see("群主", of_bank(bank, questions[WRONG.text]))
    choices = [
        {"key": one["key"], "text": one["text"], "right": one["text"] == WRONG.choices[1].text}
        for one in wrong["choices"]
    ]
    # What is changed in the bank changes no contest, whenever that is.
    await hall.change("群主", of_bank(bank, wrong), {"choices": choices, "explanation": "见章程第二条。"}, version=1)
    hall.later(hours=1)
    sheets = {}
    for name, right, else_wrong in (("甲", (0, 1, 2, 3, 4), ()), ("乙", (1, 2, 3), (0,)), ("丙", (2,), (0,))):
        sheets[name] = sheet = await begins(hall, name, contest)
        await saves(hall, name, sheet, [*solved(sheet, *right), *solved(sheet, *else_wrong, wrong=True)])
        hall.later(minutes=1)
    hall.later(hours=1)
    await runs(hall)
    assert await board(hall, "甲", contest) == [(1, "甲", 1000), (2, "乙", 600), (3, "丙", 200)]
    body = {"question_ids": [wrong["id"]], "reason": "答案有误"}
    made = await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", body, status=201)
    corrected = {"question_id": wrong["id"], "question_bank_id": bank["id"], "excerpt": WRONG.text}
    assert made["corrected"] == [corrected | {"version_before": 1, "version": 2}]
    await runs(hall)
    tried = f"{CONTESTS}/regrades/{made['id']}"
    lines = (await hall.see("群主", f"{tried}/lines"))["items"]
    assert [(one["before"], one["difference"]) for one in lines] == [(1000, -200), (600, 200), (200, 200)]
    assert await board(hall, "甲", contest) == [(1, "甲", 1000), (2, "乙", 600), (3, "丙", 200)]
    assert await _solution(hall, "乙", sheets["乙"]) == (0, 0, WRONG.choices[0].text, "见章程第一条。")
    await hall.send("群主", f"{tried}/apply", {})
    await runs(hall)
    assert await board(hall, "甲", contest) == [(1, "甲", 800), (2, "乙", 800), (3, "丙", 400)]
    assert await _solution(hall, "乙", sheets["乙"]) == (1, 200, WRONG.choices[1].text, "见章程第二条。")
    # The same correction is none any more.
    refused = await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", body, status=409)
    assert refused["code"] == "nothing_corrected"


async def test_who_has_read_the_bank_or_is_of_another_community_has_no_contest_of_its_paper(hall):
    bank, _, paper = await published(hall)
    contest = await contest_of(hall, "群主", "甲", **paper)
    hall.later(hours=1)
    seen = await hall.see("群主", f"{CONTESTS}/{contest['id']}")
    assert seen["viewer"]["cannot"]["begin"] == "reads_the_bank"
    assert (await begins(hall, "群主", contest, status=403))["code"] == "reads_the_bank"
    await begins(hall, "甲", contest)
    async with hall.stage.harness.runtime.database.reading() as session:
        found = [
            await source.published(session, community_id, UUID(paper["paper_id"]), version)
            for community_id, version in (
                (hall.stage.community_id, 1),
                (hall.stage.community_id, 2),
                (UUID(int=9), 1),
            )
        ]
    assert [one and one.bank_ids for one in found] == [[UUID(bank["id"])], None, None]


async def _solution(hall, name, sheet):
    """By which revision the first question is graded, its marks, what is said to be right, and why."""
    read = await hall.see(name, f"{ATTEMPTS}/{sheet['id']}")
    [one] = [one for one in read["questions"] if one["text"] == WRONG.text]
    result = one["result"]
    [right] = [each["text"] for each in one["choices"] if each["letter"] in result["solution"]["choices"]]
    return read["revision"], result["marks"], right, result["explanation"]


async def test_who_has_a_seat_and_has_not_begun_is_reminded_until_it_closes_for_them(hall):
    _, _, paper = await published(hall)
    contest = await contest_of(hall, *"甲乙丙", "群主", teams=True, **paper)
    for name in ("甲", "乙", "群主"):
        await hall.send(name, TEAMS, {"contest_id": contest["id"], "name": f"{name}队"}, status=201)
    more = {"member_id": str(hall["乙"].id), "minutes": 20}
    await hall.send("群主", f"{CONTESTS}/{contest['id']}/extra-time", more)
    assert await _waiting(hall, "甲") == []
    hall.later(hours=1)
    assert await _waiting(hall, "甲") == [("begin_contest", f"{CONTESTS}/{contest['id']}", contest["closes_at"])]
    # Without a team, without a seat, or with the questions in mind nobody begins.
    assert [await _waiting(hall, name) for name in ("丙", "丁", "群主")] == [[], [], []]
    await begins(hall, "甲", contest)
    assert await _waiting(hall, "甲") == []
    hall.later(hours=1, minutes=19)
    [(_, _, due_at)] = await _waiting(hall, "乙")
    assert due_at == hall.after(minutes=1).replace("+00:00", "Z")
    hall.later(minutes=1)
    assert await _waiting(hall, "乙") == []


async def _waiting(hall, name):
    tasks = await hall.see(name, "/internal/tasks")
    return [(one["code"], one["href"], one["due_at"]) for one in tasks]

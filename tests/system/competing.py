"""A contest of teams with a wrong question that is found afterwards: a bank from a trainer's table, a paper of it, a live board that freezes, prizes,
and a correction that is tried before it is decided."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from openpyxl import Workbook

from tests.system.journey import ACCEPTED, KNOCKED_OUT, OWNER, REJECTED, RETURNED, WAITLISTED, XLSX, Journey

OPENS, FROZEN, CLOSES = timedelta(minutes=5), timedelta(minutes=25), timedelta(minutes=45)
"""After the contest was prepared. A token lasts fifteen minutes."""
WRONG = "复盘应在几个工作日内完成？"
SHEET: list[list[Any]] = [
    ["题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "分值"],
    ["单选题", WRONG, "三个", "五个", "十个", "A", "见旧版章程。", 1],
    ["判断题", "抄袭是违规行为。", "", "", "", "对", "", 1],
    ["多选题", "哪些属于分享？", "讲课", "写文章", "旷会", "AB", "", 1],
    ["填空题", "学而不思则____。", "", "", "", "罔", "", 1],
]
RED, BLUE, GREEN = "红队", "蓝队", "绿队"
TEAMS = {RED: (ACCEPTED, WAITLISTED), BLUE: (REJECTED, KNOCKED_OUT), GREEN: (RETURNED,)}
TEXTS = {1: "抄袭是违规行为。", 2: "哪些属于分享？", 3: "学而不思则____。"}
ANSWERS: dict[str, dict[str, list[str]]] = {
    ACCEPTED: {WRONG: ["三个"], TEXTS[1]: ["对"], TEXTS[2]: ["讲课", "写文章"]},
    WAITLISTED: {WRONG: ["三个"], TEXTS[1]: ["对"]},
    REJECTED: {WRONG: ["五个"], TEXTS[1]: ["对"], TEXTS[2]: ["讲课", "写文章"], TEXTS[3]: ["罔"]},
    KNOCKED_OUT: {WRONG: ["五个"], TEXTS[1]: ["对"]},
    RETURNED: {TEXTS[1]: ["对"]},
}
"""Who answers what; only the last three do after the board is frozen."""
FIRST = [(1, RED, 250), (2, BLUE, 200), (3, GREEN, 100)]
THEN = [(1, BLUE, 300), (2, RED, 150), (3, GREEN, 100)]
PAID = {RED: 100, BLUE: 60, GREEN: 30}
"""By the default rules, to each of a team."""
BLUE_GAINS = 40


def walk_a_contest(journey: Journey, members: dict[str, str]) -> None:
    """Three teams compete, what others do shows until the freeze, and everybody is paid; then a question turns out to be wrong."""
    question, paper = _paper(journey)
    contest = _prepared(journey, paper)
    _teams(journey, contest)
    had = _points(journey, members)
    _goes_on(journey, OPENS)
    for number in (ACCEPTED, WAITLISTED):
        _answers(journey, contest, number)
    live = journey[RETURNED].get(f"{contest}/board")["items"]
    assert [(one["rank"], one["team"]["name"], one["score"]) for one in live[:1]] == [(1, RED, 250)]
    _freezes(journey, contest, members, had)
    _goes_on(journey, CLOSES - FROZEN)
    _ends(journey, contest, members, had)
    _is_corrected(journey, contest, question, members, had)


def _paper(journey: Journey) -> tuple[str, dict[str, Any]]:
    """The path of the question that is wrong, and what a contest says of the paper that has it."""
    owner, here = journey[OWNER], {"community_id": journey.community_id}
    bank = owner.post("/v1/question-banks", here | {"title": "章程题库"}, expect=201)
    path = f"/v1/question-banks/{bank['id']}"
    job = owner.upload(f"{path}/imports", _table(), XLSX, format="table")
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", len(SHEET) - 1, 0), job
    asked = {one["excerpt"]: one["id"] for one in owner.get(f"{path}/questions", limit=100)["items"]}
    draws = [{"question_bank_id": bank["id"], "count": len(SHEET) - 1, "marks": 100}]
    shuffled = {"shuffle_questions": True, "shuffle_choices": True}
    paper = owner.post(
        "/v1/papers", here | shuffled | {"title": "章程竞赛", "sections": [{"draws": draws}]}, expect=201
    )
    made = owner.post(f"/v1/papers/{paper['id']}/publish", expect=201, headers={"If-Match": '"1"'})
    return f"{path}/questions/{asked[WRONG]}", {"paper_id": paper["id"], "paper_version": made["version"]}


def _prepared(journey: Journey, paper: dict[str, Any]) -> str:
    owner, now = journey[OWNER], journey.stack.clock.now()
    times = {"starts_at": (now + OPENS).isoformat(), "ends_at": (now + CLOSES).isoformat()}
    draft = {"community_id": journey.community_id, "kind": "contest", "title": "章程知识竞赛"} | times
    activity = owner.post("/v1/activities", draft, expect=201)["id"]
    owner.call("POST", f"/v1/activities/{activity}/announce", expect=200, headers={"If-Match": "*"})
    body = paper | {
        "activity_id": activity,
        "opens_at": times["starts_at"],
        "closes_at": times["ends_at"],
        "minutes": 40,
        "team_size": 2,
        "answers_final": True,
        "board_frozen_from": (now + FROZEN).isoformat(),
    }
    contest = owner.post("/v1/contests", body, expect=201)
    path = f"/v1/contests/{contest['id']}"
    journey[ACCEPTED].problem("GET", path, 404, "not_found")
    published = owner.call("POST", f"{path}/publish", expect=200, headers={"If-Match": '"1"'})
    assert (published["status"], published["questions"], published["full"]) == ("upcoming", 4, 400)
    for number in (one for team in TEAMS.values() for one in team):
        journey[number].post("/v1/registrations", {"activity_id": activity})
    return path


def _teams(journey: Journey, contest: str) -> None:
    for name, (first, *others) in TEAMS.items():
        made = journey[first].post("/v1/contest-teams", {"contest_id": contest.rpartition("/")[2], "name": name})
        for number in others:
            journey[number].post(f"/v1/contest-teams/{made['id']}/join", expect=200)
        journey[first].until(f"/v1/contest-teams/{made['id']}", lambda one: one["hidden"] is None)


def _answers(journey: Journey, contest: str, number: str) -> str:
    """Have a member begin, answer, and hand in nothing: the clock does. The path of their attempt."""
    api, device = journey[number], str(uuid4())
    begun = {"contest_id": contest.rpartition("/")[2], "client_id": device}
    sheet = api.post("/v1/contest-attempts", begun, expect=201)
    assert [one["result"] for one in sheet["questions"]] == [None] * 4
    given = [
        {"number": one["number"], "sequence": 1} | _given(one, ANSWERS[number][one["text"]])
        for one in sheet["questions"]
        if one["text"] in ANSWERS[number]
    ]
    path = f"/v1/contest-attempts/{sheet['id']}"
    api.call("PUT", f"{path}/answers", expect=200, json={"client_id": device, "answers": given})
    return path


def _given(asked: dict[str, Any], said: list[str]) -> dict[str, list[str]]:
    letters = {one["text"]: one["letter"] for one in asked["choices"]}
    return {"choices": [letters[one] for one in said]} if letters else {"texts": said}


def _freezes(journey: Journey, contest: str, members: dict[str, str], had: dict[str, int]) -> None:
    """What happens from then on shows nowhere: not on the board, in its count or its tag, not in points or an inbox."""
    _goes_on(journey, FROZEN - OPENS)
    before = journey[OWNER].client.get(f"{contest}/board", params={"count": "true"})
    for number in (REJECTED, KNOCKED_OUT, RETURNED):
        _answers(journey, contest, number)
    for number in (OWNER, ACCEPTED, REJECTED):
        now = journey[number].client.get(f"{contest}/board", params={"count": "true"})
        assert (now.json(), now.headers["etag"]) == (before.json(), before.headers["etag"])
    assert [one["team"]["name"] for one in before.json()["items"]] == [RED]
    assert journey[REJECTED].get(contest)["mine"]["line"] is None
    assert _points(journey, members) == had


def _ends(journey: Journey, contest: str, members: dict[str, str], had: dict[str, int]) -> None:
    assert journey[ACCEPTED].get(contest)["status"] == "released"
    assert _board(journey, contest) == FIRST
    for team, numbers in TEAMS.items():
        for number in numbers:
            _until_paid(journey, members, number, had[number] + PAID[team])
            journey[number].until("/v1/notifications", _about_contest)
    journey[OWNER].until(contest, lambda one: one["viewer"]["can"] == ["regrade"])


def _is_corrected(journey: Journey, contest: str, question: str, members: dict[str, str], had: dict[str, int]) -> None:
    """The dry run changes nothing; the decision grades anew, pays the difference, and takes nothing from anybody."""
    owner = journey[OWNER]
    wrong = owner.get(question)
    choices = [{"key": one["key"], "text": one["text"], "right": one["text"] == "五个"} for one in wrong["choices"]]
    owner.patch(question, {"choices": choices, "explanation": "见新版章程。", "reason": "章程改了"})
    body = {"question_ids": [wrong["id"]], "reason": "答案是旧版的"}
    made = owner.post(f"{contest}/regrades", body, expect=201)
    path = f"/v1/contests/regrades/{made['id']}"
    tried = owner.until(path, lambda one: one["status"] == "tried")
    assert (tried["looked_at"], tried["changed"]) == (5, 4)
    lines = owner.get(f"{path}/lines", limit=100)["items"]
    assert {one["member"]["member_id"]: one["difference"] for one in lines} == {
        members[number]: 100 if number in TEAMS[BLUE] else -100 for number in (*TEAMS[RED], *TEAMS[BLUE])
    }
    assert _board(journey, contest) == FIRST
    assert _solution(journey, contest, REJECTED) == (0, "三个", "见旧版章程。")
    journey[REJECTED].problem("POST", f"{path}/apply", 404, "not_found", json={})
    owner.post(f"{path}/apply", {}, expect=200)
    owner.until(path, lambda one: one["status"] == "graded")
    assert _board(journey, contest) == THEN
    for number in (ACCEPTED, REJECTED):
        assert _solution(journey, contest, number) == (1, "五个", "见新版章程。")
    for number in TEAMS[BLUE]:
        _until_paid(journey, members, number, had[number] + PAID[BLUE] + BLUE_GAINS)
    kept = _points(journey, members)
    assert [kept[number] - had[number] for number in (*TEAMS[RED], *TEAMS[GREEN])] == [100, 100, 30]


def _board(journey: Journey, contest: str) -> list[tuple[int, str, int]]:
    items = journey[RETURNED].get(f"{contest}/board")["items"]
    return [(one["rank"], one["team"]["name"], one["score"]) for one in items]


def _solution(journey: Journey, contest: str, number: str) -> tuple[int, str, str]:
    """By which revision the wrong question was graded, what is said to be right, and why."""
    attempt = journey[number].get(contest)["mine"]["attempt_id"]
    read = journey[number].get(f"/v1/contest-attempts/{attempt}")
    [one] = [one for one in read["questions"] if one["text"] == WRONG]
    [right] = [each["text"] for each in one["choices"] if each["letter"] in one["result"]["solution"]["choices"]]
    return read["revision"], right, one["result"]["explanation"]


def _goes_on(journey: Journey, by: timedelta) -> None:
    journey.stack.clock.advance(by)
    journey.log_in_again()


def _points(journey: Journey, members: dict[str, str]) -> dict[str, int]:
    return {number: journey[number].get(f"/v1/wallets/{key}")["points"] for number, key in members.items()}


def _until_paid(journey: Journey, members: dict[str, str], number: str, points: int) -> None:
    journey[number].until(f"/v1/wallets/{members[number]}", lambda one: one["points"] == points)


def _about_contest(page: Any) -> bool:
    return any(one["template"] == "contest.finished" for one in page["items"])


def _table() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in SHEET:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()

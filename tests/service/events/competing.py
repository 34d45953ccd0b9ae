"""Contests in short words, with a paper of five questions whose every sheet its tests can solve."""

from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid5

from assessment.documents import document_of
from assessment.frozen import Asked, Paper, Pool, Section, document, fingerprint
from assessment.questions import WHOLE, Accepted, Blank, Choice, Question, Stem
from services.events.contests import source
from services.events.papers.service import Published

CONTESTS = "/v1/contests"
ATTEMPTS = "/v1/contest-attempts"
TEAMS = "/v1/contest-teams"
PAPER = UUID(int=77)
DEVICE = UUID(int=1)
"""The device on which everybody answers unless told otherwise."""


def key(number: int) -> str:
    """The id of a question of the paper."""
    return str(uuid5(PAPER, str(number)))


def _choices(right: str, *wrong: str) -> tuple[Choice, ...]:
    return (Choice("A", right, weight=WHOLE), *(Choice(chr(66 + n), one) for n, one in enumerate(wrong)))


QUESTIONS = (
    Question("single", "共享的知识属于谁？", choices=_choices("大家", "甲", "乙", "丙"), explanation="见章程第一条。"),
    Question("single", "复盘在几个工作日内完成？", choices=_choices("五", "一", "三")),
    Question("true_false", "抄袭违规。", choices=(Choice("true", "对", weight=WHOLE), Choice("false", "错"))),
    Question("fill_in", "学而不思则____。", blanks=(Blank((Accepted("罔"),)),)),
    Question(
        "matching",
        "各属哪一类？",
        choices=(Choice("A", "会"), Choice("B", "文")),
        stems=(Stem("s1", "例会", "A"), Stem("s2", "周报", "B")),
    ),
)


def paper(*, marks: int = 200, **fields: Any) -> Paper:
    """The paper: everybody gets all of its questions."""
    asked = tuple(Asked(key(n), 1, one) for n, one in enumerate(QUESTIONS))
    return Paper(str(PAPER), 1, "五月知识竞赛", (Section("全部", (Pool(len(asked), marks, asked),)),), **fields)


@contextmanager
def in_the_bank(
    given: Paper | None = None,
    *,
    readers: frozenset[UUID] = frozenset(),
    corrected: Mapping[int, tuple[int, Question]] | None = None,
):
    """Have a community's bank hold this paper, and later versions of some of its questions."""
    frozen = given or paper()
    kept = document(frozen)

    async def published(_session, community_id, paper_id, version):
        if (paper_id, version) != (PAPER, 1):
            return None
        return Published(community_id, frozen, kept, fingerprint(kept), [PAPER], [])

    async def has_read(_session, person_id, _bank_ids):
        return person_id in readers

    async def newest(_session, question_ids):
        found = {UUID(key(n)): (version, document_of(one)) for n, (version, one) in (corrected or {}).items()}
        return {one: found[one] for one in question_ids if one in found}

    with (
        patch.object(source, "published", published),
        patch.object(source, "has_read", has_read),
        patch.object(source, "corrected", newest),
    ):
        yield


async def contest_of(hall: Any, *names: str, publish: bool = True, teams: bool = False, **fields: Any) -> Any:
    """Announce a contest in an hour, of an hour and half an hour each, for which these register."""
    activity = await hall.announces(kind="contest", starts_at=hall.after(hours=1), ends_at=hall.after(hours=2))
    for name in names:
        await hall.registers(name, activity)
    body = {
        "activity_id": activity["id"],
        "paper_id": str(PAPER),
        "paper_version": 1,
        "opens_at": hall.after(hours=1),
        "closes_at": hall.after(hours=2),
        "minutes": 30,
    }
    if teams:
        body["team_size"] = 3
    made = await hall.send("群主", CONTESTS, body | fields, status=201)
    if not publish:
        return made
    return await hall.send("群主", f"{CONTESTS}/{made['id']}/publish", version=1)


async def begins(hall: Any, name: str, contest: Any, *, status: int = 201, device: UUID = DEVICE) -> Any:
    """Begin, or go on."""
    body = {"contest_id": contest["id"], "client_id": str(device)}
    return await hall.send(name, ATTEMPTS, body, status=status)


def solved(sheet: Any, *numbers: int, wrong: bool = False) -> list[dict[str, Any]]:
    """Answers to questions of a sheet, by their place in the paper, in the letters of this sheet."""
    by_text = {one.text: place for place, one in enumerate(QUESTIONS)}
    found = []
    for shown in sheet["questions"]:
        place = by_text[shown["text"]]
        if place in numbers:
            found.append({"number": shown["number"]} | _answer(QUESTIONS[place], shown, wrong=wrong))
    return sorted(found, key=lambda one: one["number"])


def _answer(question: Question, shown: Any, *, wrong: bool) -> dict[str, Any]:
    letters = {one["text"]: one["letter"] for one in shown["choices"]}
    if question.kind == "fill_in":
        return {"texts": ["惘" if wrong else "罔"]}
    if question.kind == "matching":
        of = {one.key: letters[one.text] for one in question.choices}
        stems = {one["text"]: one["letter"] for one in shown["stems"]}
        right = [{"stem": stems[one.text], "choice": of[one.match]} for one in question.stems]
        return {"pairs": [one | {"choice": right[1 - n]["choice"]} for n, one in enumerate(right)] if wrong else right}
    return {"choices": [letters[next(one.text for one in question.choices if one.right != wrong)]]}


async def saves(
    hall: Any,
    name: str,
    attempt: Any,
    answers: list[dict[str, Any]],
    *,
    sequence: int = 1,
    status: int = 200,
    device: UUID = DEVICE,
) -> Any:
    """Save answers."""
    body = {"client_id": str(device), "answers": [{"sequence": sequence} | one for one in answers]}
    answer = await hall[name].client.put(f"{ATTEMPTS}/{attempt['id']}/answers", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def hands_in(hall: Any, name: str, attempt: Any, *, status: int = 200, device: UUID = DEVICE) -> Any:
    """Hand in."""
    return await hall.send(name, f"{ATTEMPTS}/{attempt['id']}/hand-in", {"client_id": str(device)}, status=status)


async def board(hall: Any, name: str, contest: Any) -> list[tuple[int, str, int]]:
    """The first page of the board: rank, who, score."""
    names = {str(one.id): called for called, one in hall.members.items()}
    found = await hall.see(name, f"{CONTESTS}/{contest['id']}/board")
    return [
        (
            one["rank"],
            names[one["member"]["member_id"]] if one["member"] else one["team"]["name"],
            one["score"],
        )
        for one in found["items"]
    ]


async def runs(hall: Any) -> None:
    """Let the clock do what is due."""
    for _ in range(20):
        if not await hall.stage.harness.run_timers():
            return

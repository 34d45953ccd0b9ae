"""What can be asked and answered, and what answers come to. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

About = Literal["activity", "course", "meeting", "article", "action_item", "idea", "month"]
Audience = Literal["members", "attendees", "named"]
Anonymity = Literal["named", "anonymous"]
QuestionKind = Literal["score", "choice", "text"]
Status = Literal["draft", "open", "closing", "closed"]
Question = Mapping[str, Any]
Given = Sequence[Mapping[str, Any]]

FEWEST: Final = 5
"""Fewer answers come to nothing: who gave them could be guessed."""
FEWEST_TEXTS_OF_PULSE: Final = 10
"""Of a team that works together every day, fewer free texts tell who wrote them."""
WORKDAYS_TO_ANSWER: Final = 3
PULSE_FROM: Final = 25
"""From this day of the month on a team is asked."""
HELD_AT: Final = frozenset({"activity", "meeting"})
"""What somebody attends."""

POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "update": frozenset({"draft"}),
    "open": frozenset({"draft"}),
    "answer": frozenset({"open"}),
    "close": frozenset({"open"}),
    "release": frozenset({"closed"}),
}


def status_at(status: str, closes_at: datetime | None, now: datetime) -> str:
    """What a survey is now: what should have closed is closing, also where nobody came round to it."""
    return "closing" if status == "open" and closes_at is not None and closes_at <= now else status


def misfits(about: str, audience: str, invited: int) -> Iterator[tuple[str, str]]:
    """What of a survey does not fit together, each with the field and the code of what is wrong."""
    if audience == "attendees" and about not in HELD_AT:
        yield "audience", "nobody_attends"
    if (audience == "named") != (invited > 0):
        yield "member_ids", "missing" if audience == "named" else "not_by_name"


def wrongs(questions: Sequence[Question], given: Given) -> Iterator[tuple[int | None, str, str]]:
    """What is wrong with answers: the place among them, None for one that is missing; the field; the code."""
    by_code = {one["code"]: one for one in questions}
    seen: set[str] = set()
    for place, answer in enumerate(given):
        code = answer["question"]
        question = by_code.get(code)
        if question is None:
            yield place, "question", "unknown_question"
            continue
        if code in seen:
            yield place, "question", "answered_twice"
        seen.add(code)
        kind = question["kind"]
        for name in ("score", "choice", "text"):
            if (answer.get(name) is not None) != (name == kind):
                yield place, name, "missing" if name == kind else "of_another_kind"
        if kind == "choice" and answer.get("choice") not in {None, *(one["code"] for one in question["choices"])}:
            yield place, "choice", "unknown_choice"
    for question in questions:
        if question["required"] and question["code"] not in seen:
            yield None, question["code"], "missing"


def fold(tally: Mapping[str, Any], questions: Sequence[Question], answers: Iterable[Given]) -> dict[str, Any]:
    """What answers come to, together with those before: by question how many, the sum of scores, and how often each choice."""
    counted = {
        one["code"]: dict(tally.get(one["code"]) or {"n": 0, "sum": 0, "choices": {}})
        for one in questions
        if one["kind"] != "text"
    }
    for given in answers:
        for answer in given:
            one = counted.get(answer["question"])
            if one is None:
                continue
            one["n"] += 1
            one["sum"] += answer.get("score") or 0
            if (choice := answer.get("choice")) is not None:
                one["choices"] = one["choices"] | {choice: one["choices"].get(choice, 0) + 1}
    return counted


def results_of(tally: Mapping[str, Any], questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What is shown of each question that five or more answered. A mean has two decimals."""
    shown = []
    for question in questions:
        one = tally.get(question["code"])
        if one is None or one["n"] < FEWEST:
            continue
        result: dict[str, Any] = {"code": question["code"], "n": one["n"]}
        if question["kind"] == "score":
            result["mean"] = round(one["sum"] / one["n"], 2)
        else:
            result["choices"] = {
                choice["code"]: one["choices"].get(choice["code"], 0) for choice in question["choices"]
            }
        shown.append(result)
    return shown


def texts_in(questions: Sequence[Question], given: Given) -> list[tuple[str, str]]:
    """The free texts among answers, each with its question."""
    codes = {one["code"] for one in questions if one["kind"] == "text"}
    return [(one["question"], one["text"]) for one in given if one["question"] in codes and one.get("text")]


def without_texts(given: Given) -> list[dict[str, Any]]:
    """The same answers without what was written: scores beside a text would tell more of its author."""
    return [dict(one) for one in given if one.get("text") is None]


def fewest_texts(origin: str) -> int:
    """From how many answers on free texts are kept."""
    return FEWEST_TEXTS_OF_PULSE if origin == "pulse" else FEWEST


def reads_results(*, runs: bool, judged: bool, released: bool, asked: bool, members_read: bool) -> bool:
    """Who reads the results of a closed survey: who runs the community or the activity; who is judged, once it is released to them;
    who was asked, where the community says so.
    """
    return runs or (judged and released) or (asked and members_read)


def pulse_day(today: date, is_workday: Callable[[date], bool]) -> date:
    """When a team is asked in a month: the first workday from the 25th on, the 25th where no other is one."""
    day = first = today.replace(day=PULSE_FROM)
    while day.month == first.month:
        if is_workday(day):
            return day
        day += timedelta(days=1)
    return first


def month_of(day: date) -> str:
    """The month of a day, as it is written."""
    return f"{day:%Y-%m}"


def parts_of(count: int, together: int) -> int:
    """In how many messages so many members are told."""
    return -(-count // together)

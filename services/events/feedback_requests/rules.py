"""What can be done with a feedback request, and by whom. Pure."""

from datetime import datetime
from typing import Final, Literal

Status = Literal["open", "closed"]
Action = Literal["answer", "close"]

WORKDAYS_TO_ANSWER: Final = 5
FEWEST_QUESTIONS, MOST_QUESTIONS = 2, 5
MOST_COLLEAGUES: Final = 20


def status_at(status: str, closes_at: datetime, now: datetime) -> str:
    """What a request is now, also where nobody came round to closing it."""
    return "closed" if closes_at <= now else status


def refusal(action: Action, *, state: str, author: bool, asked: bool) -> str | None:
    """Why somebody cannot do it, by its code."""
    if not (asked if action == "answer" else author):
        return "forbidden"
    if state == "open":
        return None
    return "feedback_closed" if action == "answer" else "illegal_transition"

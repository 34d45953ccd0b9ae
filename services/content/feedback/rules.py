"""Who reads feedback, and until when it is answered and settled. Pure."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal

Addressee = Literal["operators", "owner"]
Waiting = Literal["answer", "close"]
Status = Literal["open", "closed"]

DAYS_TO_ANSWER: Final = 1
DAYS_TO_CLOSE: Final = 5
"""Working days."""


def addressed(columns: Collection[str]) -> list[Addressee]:
    """To whom feedback is that somebody in these columns reads and answers, whoever wrote it."""
    if "W" in columns:
        return ["operators", "owner"]
    return ["operators"] if "O" in columns else []


def is_unread(news_at: datetime | None, read_at: datetime | None) -> bool:
    """Whether something is new to its author."""
    return news_at is not None and (read_at is None or read_at < news_at)

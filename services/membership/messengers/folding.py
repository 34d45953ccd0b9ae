"""Several messages in one text, and how many may go now. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)
_CUT: Final = "…"
_BETWEEN: Final = "\n\n"


def folded(texts: Sequence[str], most_bytes: int) -> tuple[str, int]:
    """As many texts as fit into one, the first ones, and how many these are: at least one, which goes cut and alone if it is too long."""
    said, count = cut(texts[0], most_bytes), 1
    if said != texts[0]:
        return said, count
    for text in texts[1:]:
        longer = said + _BETWEEN + text
        if len(longer.encode()) > most_bytes:
            break
        said, count = longer, count + 1
    return said, count


def cut(text: str, most_bytes: int) -> str:
    """A text of at most so many bytes; a character stays whole."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: most_bytes - len(_CUT.encode())].decode(errors="ignore") + _CUT


def recent(sent_at: Sequence[datetime], now: datetime) -> list[datetime]:
    """When something was sent within the last minute."""
    return [at for at in sent_at if now - WINDOW < at <= now]


def room(sent_at: Sequence[datetime], most: int, now: datetime) -> int:
    """How many may be sent now, where at most so many go in any minute."""
    return max(0, most - len(recent(sent_at, now)))


def room_at(sent_at: Sequence[datetime], most: int, now: datetime) -> datetime:
    """When there is room for one."""
    within = sorted(recent(sent_at, now))
    return now if len(within) < most else within[len(within) - most] + WINDOW


def fold_now(waiting: int, space: int) -> bool:
    """Whether several go as one: where more wait than may go one by one."""
    return waiting > space

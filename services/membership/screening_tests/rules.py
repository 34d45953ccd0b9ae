"""The test of a campaign: when an attempt may be begun, what several attempts come to, which answers fit a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from assessment import attempts
from assessment.attempts import Window
from assessment.limits import LONGEST_ANSWER
from assessment.papers import Sheet
from assessment.questions import Answer
from services.membership.applications.rules import Unfinished

Result = Literal["passed", "failed"]
BEFORE_CLOSING: Final = timedelta(days=1)
"""How long before the window closes people are reminded."""
LONGEST_BLANK: Final = 500
"""What is longer fills no blank of a test."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a campaign's test asks."""

    paper_id: UUID
    paper_version: int
    pass_percent: int
    attempts: int
    minutes: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    knock_out: bool
    graders: frozenset[UUID]

    @property
    def window(self) -> Window:
        """When it may be taken, by whom nobody gave more time."""
        lasts = None if self.minutes is None else timedelta(minutes=self.minutes)
        return Window(self.opens_at, self.closes_at, lasts)

    def passes(self, score: int, full: int) -> bool:
        """Whether so many hundredths of a mark are enough."""
        return score * 100 >= self.pass_percent * full


def settings_of(kept: Mapping[str, Any]) -> Settings:
    """The settings as a campaign keeps them."""

    def moment(name: str) -> datetime | None:
        return None if kept[name] is None else datetime.fromisoformat(kept[name])

    return Settings(
        paper_id=UUID(kept["paper_id"]),
        paper_version=kept["paper_version"],
        pass_percent=kept["pass_percent"],
        attempts=kept["attempts"],
        minutes=kept["minutes"],
        opens_at=moment("opens_at"),
        closes_at=moment("closes_at"),
        knock_out=kept["knock_out"],
        graders=frozenset(map(UUID, kept["grader_ids"])),
    )


MICROSECOND: Final = timedelta(microseconds=1)


def ended(handed_in_at: datetime | None, ends_at: datetime | None, now: datetime) -> datetime | None:
    """Since when an attempt takes nothing any more, by hand or by the clock; None while it runs."""
    if handed_in_at is not None:
        return handed_in_at
    return ends_at if ends_at is not None and now >= ends_at else None


def closes_at(settings: Settings, extra: timedelta) -> datetime | None:
    """When the window closes for somebody with so much extra time."""
    return None if settings.closes_at is None else settings.closes_at + extra


def beginning_refusal(settings: Settings, *, begun: int, extra: timedelta, now: datetime) -> str | None:
    """The problem code with which another attempt would be refused now; `begun` were before.

    That an earlier one passes is no reason: who asks would learn it.
    """
    code = attempts.beginning_refusal(settings.window, now, extra=extra)
    if code is not None:
        return code
    return "attempts_used" if begun >= settings.attempts else None


@dataclass(frozen=True, slots=True)
class Taken:
    """One attempt, as far as it counts. `ungraded` answers wait for people."""

    handed_in: bool
    score: int
    full: int
    ungraded: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all attempts of one person come to: the best counts. `result` is None while it may still become another."""

    result: Result | None
    score: int | None
    full: int | None


def verdict(settings: Settings, taken: Iterable[Taken], *, begun: int, extra: timedelta, now: datetime) -> Verdict:
    """Passed as soon as one attempt passes; failed once none can any more: none runs, none is ungraded, and none may be begun."""
    listed = list(taken)
    ended = [one for one in listed if one.handed_in]
    best = max(ended, key=lambda one: one.score, default=None)
    score, full = (None, None) if best is None else (best.score, best.full)
    if any(settings.passes(one.score, one.full) for one in ended):
        return Verdict("passed", score, full)
    over = beginning_refusal(settings, begun=begun, extra=extra, now=now) in ("attempts_used", "window_closed")
    waits = len(ended) < len(listed) or any(one.ungraded for one in ended)
    return Verdict("failed" if over and not waits else None, score, full)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an application is with its test: its result if there is one, and how many attempts are handed in, run, or wait to be graded."""

    result: str | None
    handed_in: int
    running: int
    ungraded: int


def unfinished(settings: Settings, progress: Progress, *, extra: timedelta, now: datetime) -> Unfinished | None:
    """What an application lacks at this step. Rejecting it needs no test, and one that was failed keeps nobody from moving it on."""
    if progress.result is not None:
        return None
    if progress.running:
        return Unfinished("test_missing")
    if progress.ungraded:
        return Unfinished("test_ungraded")
    closing = closes_at(settings, extra)
    over = closing is not None and now >= closing
    return None if progress.handed_in or over else Unfinished("test_missing")


def answer_wrong(sheet: Sheet, given: Answer) -> tuple[str, str] | None:
    """Where an answer does not fit its question, as the part's name and a code of `CODES`; None if it can be kept."""
    texts = sheet.blanks if sheet.kind in ("fill_in", "short_text") else 0
    longest = LONGEST_ANSWER if sheet.kind == "short_text" else LONGEST_BLANK
    most = {"choices": _choices(sheet), "texts": texts, "pairs": len(sheet.stems)}
    for name, limit in most.items():
        if len(getattr(given, name)) > limit:
            return name, "too_many_parts" if limit else "not_this_kind"
    if any(len(text) > longest for text in given.texts):
        return "texts", "too_long"
    if _twice(given.choices):
        return "choices", "twice"
    if _twice([stem for stem, _ in given.pairs]):
        return "pairs", "twice"
    return None


CODES: Final[Mapping[str, tuple[str, str]]] = {
    "not_this_kind": ("A question of this kind is not answered like this.", "该题型不能这样作答。"),
    "too_many_parts": ("The question takes fewer of these.", "超出该题允许的数量。"),
    "too_long": ("It is too long.", "内容过长。"),
    "twice": ("It is there twice.", "重复。"),
    "unknown_question": ("The sheet has no such question.", "试卷中没有这道题。"),
    "unknown_letter": ("The question has no such choice.", "该题没有这个选项。"),
}
"""What may be wrong with an answer, in both languages."""


def _choices(sheet: Sheet) -> int:
    if sheet.kind in ("single", "true_false"):
        return 1
    return len(sheet.choices) if sheet.kind in ("multiple", "ordering") else 0


def _twice(parts: Sequence[str]) -> bool:
    return len(set(parts)) < len(parts)

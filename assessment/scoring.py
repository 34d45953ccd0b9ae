"""What an attempt comes to, who stands where, and what a correction changes."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from assessment.attempts import Saved
from assessment.grading import Grade, grade, total
from assessment.questions import Question

Who = TypeVar("Who", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt comes to, in hundredths of a mark.

    `complete` is False while people still have to grade something. `reached_at`: when the last answer was received that brought
    marks, by which ties are decided; None if none did.
    """

    score: int
    full: int
    complete: bool
    reached_at: datetime | None


def result(questions: Mapping[str, Question], saves: Mapping[str, Saved], by_people: Mapping[str, int]) -> Result:
    """The result of the answers to these questions; `by_people` are the marks that people gave."""
    grades = grades_of(questions, saves, by_people)
    scoring = [saves[one].received_at for one, given in grades.items() if given.marks and given.marks > 0]
    return Result(
        score=total(given.marks or 0 for given in grades.values()),
        full=sum(question.marks for question in questions.values()),
        complete=all(given.marks is not None for given in grades.values()),
        reached_at=max(scoring, default=None),
    )


def grades_of(
    questions: Mapping[str, Question], saves: Mapping[str, Saved], by_people: Mapping[str, int]
) -> dict[str, Grade]:
    """What each answer that was given is worth; a question without an answer brings nothing and costs nothing."""
    found = {one: grade(questions[one], saved.answer) for one, saved in saves.items() if one in questions}
    return {
        one: Grade(by_people[one], given.full) if given.marks is None and one in by_people else given
        for one, given in found.items()
    }


@dataclass(frozen=True, slots=True)
class Standing(Generic[Who]):
    """One line of a ranking. Who has the same score at the same moment has the same rank; the next has one for each above them."""

    rank: int
    who: Who
    score: int
    reached_at: datetime | None


def ranking(scores: Iterable[tuple[Who, int, datetime | None]]) -> list[Standing[Who]]:
    """Who stands where: the score, then who reached it first, then an equal rank. Who has no marks stands last, all equal."""

    def place(line: tuple[Who, int, datetime | None]) -> tuple[int, float]:
        _, score, reached_at = line
        return -score, reached_at.timestamp() if score > 0 and reached_at is not None else 0

    standings: list[Standing[Who]] = []
    previous: tuple[int, float] | None = None
    for count, line in enumerate(sorted(scores, key=place), start=1):
        same = previous is not None and place(line) == previous
        standings.append(Standing(standings[-1].rank if same else count, *line))
        previous = place(line)
    return standings


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction does to one attempt: hundredths of a mark before and after."""

    before: int
    after: int

    @property
    def difference(self) -> int:
        """By how much it changes."""
        return self.after - self.before


def regraded(before: Mapping[Who, Result], after: Mapping[Who, Result]) -> dict[Who, Change]:
    """Whose result a correction changes, and by how much: the dry run."""
    changes = {who: Change(result.score, after[who].score) for who, result in before.items() if who in after}
    return {who: change for who, change in changes.items() if change.difference}

"""What an answer is worth. Marks are hundredths of a mark; a paper never comes to less than nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from assessment.normalising import fits, says_nothing
from assessment.questions import WHOLE, Accepted, Answer, Blank, Kind, Question


@dataclass(frozen=True, slots=True)
class Grade:
    """What one answer comes to.

    `marks` is None while people have not graded it. `share` is the part of the whole that is right, 0 to WHOLE; less than nothing where
    one choice was made that takes marks.
    `feedback`: what the question says about the parts that were chosen.
    """

    marks: int | None
    full: int
    share: int = 0
    feedback: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it is right altogether."""
        return self.share == WHOLE


def grade(question: Question, answer: Answer) -> Grade:
    """What the answer is worth. Of a question that people grade: nothing if it is empty, else it is not graded yet."""
    if answer.empty:
        return Grade(0, question.marks)
    if question.by_people:
        return Grade(None, question.marks)
    share, feedback = _SHARES[question.kind](question, answer)
    share = min(share, WHOLE)
    marks = -question.deduction if share == 0 else _part(question.marks, share)
    return Grade(marks, question.marks, share, tuple(said for said in feedback if said))


def total(marks: Iterable[int]) -> int:
    """What a paper comes to, in hundredths: what is taken for wrong answers never makes it less than nothing."""
    return max(0, sum(marks))


def _part(marks: int, share: int) -> int:
    """The share of the marks, halves up."""
    return (2 * marks * share + WHOLE) // (2 * WHOLE)


_Found = tuple[int, list[str]]


def _chosen(question: Question, answer: Answer) -> _Found:
    chosen = set(answer.choices)
    feedback = [one.feedback for one in question.choices if one.key in chosen]
    weights = {one.key: one.weight for one in question.choices}
    if question.kind != "multiple" or question.partial == "weights":
        if question.kind != "multiple" and len(chosen) != 1:
            return 0, feedback
        share = sum(weights.get(key, 0) for key in chosen)
        if question.kind == "multiple":
            share = max(share, 0)
        return (WHOLE if _nearly_whole(share) else share), feedback
    right = set(question.right_keys)
    if chosen == right:
        return WHOLE, feedback
    incomplete = chosen < right and question.partial == "usual"
    return (WHOLE // 2 if incomplete else 0), feedback


def _nearly_whole(weight: int) -> bool:
    """Three thirds of five decimals are a whole."""
    return abs(weight - WHOLE) <= 20


def _ordered(question: Question, answer: Answer) -> _Found:
    wanted = [one.key for one in question.choices]
    given = list(answer.choices)
    if sorted(given) != sorted(wanted):
        return 0, []
    return _of_all(question, sum(mine == theirs for mine, theirs in zip(given, wanted, strict=True)), len(wanted)), []


def _matched(question: Question, answer: Answer) -> _Found:
    given = dict(answer.pairs)
    right = [one for one in question.stems if given.get(one.key) == one.match]
    return _of_all(question, len(right), len(question.stems)), [one.feedback for one in right]


def _filled(question: Question, answer: Answer) -> _Found:
    texts = [*answer.texts, *[""] * len(question.blanks)]
    found = [_fitting(question, blank, text) for blank, text in zip(question.blanks, texts, strict=False)]
    weights = [one.weight if one else 0 for one in found]
    feedback = [one.feedback for one in found if one]
    if question.partial == "none":
        return (WHOLE if all(_nearly_whole(weight) for weight in weights) else 0), feedback
    return sum(weights) // max(1, len(weights)), feedback


def _fitting(question: Question, blank: Blank, text: str) -> Accepted | None:
    if says_nothing(text):
        return None  # Nothing was written: no way to fill it, though a `*` stands for no signs, too.
    folds = {"fold_case": question.fold_case, "fold_traditional": question.fold_traditional}
    return next((one for one in blank.accepted if fits(text, one, **folds)), None)


def _of_all(question: Question, right: int, parts: int) -> int:
    if right == parts:
        return WHOLE
    return 0 if question.partial == "none" else right * WHOLE // max(1, parts)


_SHARES: Final[dict[Kind, Callable[[Question, Answer], _Found]]] = {
    "single": _chosen,
    "true_false": _chosen,
    "multiple": _chosen,
    "ordering": _ordered,
    "matching": _matched,
    "fill_in": _filled,
}

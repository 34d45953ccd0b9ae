"""One member's sheet: which questions they get, in which order, and by which letters. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from assessment.frozen import Asked, Paper, drawn
from assessment.papers import Letters, letters
from assessment.questions import Answer, Question


@dataclass(frozen=True, slots=True)
class OnSheet:
    """A question of somebody's sheet, under its number there."""

    number: int
    section: str
    id: UUID
    question: Question
    letters: Letters


def asked_of(paper: Paper, seed: str) -> list[str]:
    """The ids of one person's questions in their order."""
    return [one.id for _, questions in drawn(paper, bytes.fromhex(seed)) for one in questions]


def questions_of(paper: Paper, ids: Iterable[str]) -> Mapping[str, tuple[str, Asked]]:
    """These questions of a paper, each with the title of its section, and with the marks that the paper gives it."""
    wanted = set(ids)
    return {
        one.id: (section.title, replace(one, question=replace(one.question, marks=pool.marks)))
        for section in paper.sections
        for pool in section.pools
        for one in pool.questions
        if one.id in wanted
    }


def sheet(paper: Paper, asked: Sequence[str], seed: str, numbers: Iterable[int] | None = None) -> Iterator[OnSheet]:
    """The questions of a sheet, or those of these numbers.

    Letters follow from the seed and from the keys of choices, which a correction keeps: answers are kept by keys.
    """
    places = range(len(asked)) if numbers is None else [one - 1 for one in numbers]
    found = questions_of(paper, [asked[place] for place in places])
    for place in places:
        section, one = found[asked[place]]
        seen = letters(one.question, bytes.fromhex(seed) + one.id.encode(), shuffled=paper.shuffle_choices)
        yield OnSheet(place + 1, section, UUID(one.id), one.question, seen)


def fits(question: Question, answer: Answer) -> bool:
    """Whether an answer has the parts that a question of this kind takes, and no more of them."""
    blanks = len(question.blanks)
    takes = (len(question.choices) if not question.stems else 0, blanks, len(question.stems))
    given = (len(answer.choices), len(answer.texts), len(answer.pairs))
    return all(count <= most for count, most in zip(given, takes, strict=True))


def solution_of(question: Question) -> Answer:
    """What is right, by keys; of a blank the first way that fills it whole."""
    texts = [next((_said(one) for one in blank.accepted if one.weight > 0), "") for blank in question.blanks]
    pairs = tuple((one.key, one.match) for one in question.stems)
    keys = () if question.stems else question.right_keys
    return Answer(keys, tuple(texts), pairs)


def _said(accepted: object) -> str:
    text: str = getattr(accepted, "text", "")
    number = getattr(accepted, "number", None)
    return text if number is None else str(number)

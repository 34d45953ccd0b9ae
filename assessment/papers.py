"""Papers: which questions are drawn for whom, in which order, and by which letters people see their parts.

Everything that looks random follows from a seed by SHA-256: the same on every machine and in every version of Python, whatever the
order of the pool. Who knows their own paper can work out nobody else's without the seed, which leaves the server never.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

from assessment.questions import Answer, Kind, Question, letter

T = TypeVar("T")
Id = TypeVar("Id")

FIXED_ORDER: Final[frozenset[Kind]] = frozenset({"true_false"})
"""Kinds whose choices nobody shuffles: 对 stands before 错."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which questions of a pool may be drawn: all of these apply; an empty one asks nothing. A category has all below it."""

    kinds: frozenset[Kind] = frozenset()
    difficulties: frozenset[int] = frozenset()
    category: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()

    def meets(self, question: Question) -> bool:
        """Whether it may be drawn."""
        return (
            (not self.kinds or question.kind in self.kinds)
            and (not self.difficulties or question.difficulty in self.difficulties)
            and question.category[: len(self.category)] == self.category
            and self.tags <= frozenset(question.tags)
        )


@dataclass(frozen=True, slots=True)
class Draw:
    """So many questions of those that meet the criteria."""

    count: int
    criteria: Criteria = Criteria()


@dataclass(frozen=True, slots=True)
class Short:
    """A draw that its pool cannot serve: of `wanted` there are `found`. `draw` counts from 0."""

    draw: int
    wanted: int
    found: int


def order(things: Iterable[T], seed: bytes, key: Callable[[T], bytes]) -> list[T]:
    """The things in an order that follows from the seed alone; the keys are unique."""
    return sorted(things, key=lambda thing: sha256(seed + b"\0" + key(thing)).digest())


def draw(
    pool: Mapping[Id, Question], draws: Sequence[Draw], seed: bytes, key: Callable[[Id], bytes]
) -> list[Id] | Short:
    """Questions for the draws of a section, none twice, in the order of the draws; or which draw cannot be served.

    The draws with the fewest questions to choose from choose first, so that a wide draw does not take what a narrow one needs.
    """
    able = [[one for one, question in pool.items() if wanted.criteria.meets(question)] for wanted in draws]
    drawn: dict[int, list[Id]] = {}
    taken: set[Id] = set()
    for place in sorted(range(len(draws)), key=lambda place: (len(able[place]), place)):
        free = [one for one in able[place] if one not in taken]
        if len(free) < draws[place].count:
            return Short(place, draws[place].count, len(free))
        drawn[place] = order(free, seed, key)[: draws[place].count]
        taken.update(drawn[place])
    return [one for place in range(len(draws)) for one in drawn[place]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One question as one person sees it: no solution, no feedback, and letters that follow the order in which they see things.

    `choices` and `stems` are letter and text. `blanks`: how many texts are wanted.
    """

    kind: Kind
    text: str
    marks: int
    choices: tuple[tuple[str, str], ...]
    stems: tuple[tuple[str, str], ...]
    blanks: int


@dataclass(frozen=True, slots=True)
class Letters:
    """Which letter stands for which key, on one person's sheet of one question."""

    choices: tuple[str, ...]
    stems: tuple[str, ...]

    def sheet(self, question: Question) -> Sheet:
        """What the person sees."""
        choices = {one.key: one.text for one in question.choices}
        stems = {one.key: one.text for one in question.stems}
        return Sheet(
            kind=question.kind,
            text=question.text,
            marks=question.marks,
            choices=tuple((self._shown(place, key), choices[key]) for place, key in enumerate(self.choices)),
            stems=tuple((str(place + 1), stems[key]) for place, key in enumerate(self.stems)),
            blanks=1 if question.by_people else len(question.blanks),
        )

    def kept(self, given: Answer) -> Answer | None:
        """The answer by keys, as it is kept and graded; None if it names a letter that is not on the sheet."""
        choices, stems = self._choice_of(), {str(place + 1): key for place, key in enumerate(self.stems)}
        try:
            chosen = tuple(choices[one] for one in given.choices)
            pairs = tuple((stems[stem], choices[one]) for stem, one in given.pairs)
        except KeyError:
            return None
        return Answer(chosen, given.texts, pairs)

    def shown(self, kept: Answer) -> Answer:
        """The answer by the letters of the sheet; what a later version of the question no longer has is left out."""
        letters = {key: shown for shown, key in self._choice_of().items()}
        stems = {key: str(place + 1) for place, key in enumerate(self.stems)}
        return Answer(
            tuple(letters[key] for key in kept.choices if key in letters),
            kept.texts,
            tuple((stems[stem], letters[key]) for stem, key in kept.pairs if stem in stems and key in letters),
        )

    def _choice_of(self) -> dict[str, str]:
        return {self._shown(place, key): key for place, key in enumerate(self.choices)}

    @staticmethod
    def _shown(place: int, key: str) -> str:
        return key if key in ("true", "false") else letter(place)


def letters(question: Question, seed: bytes, *, shuffled: bool = True) -> Letters:
    """How one person sees the parts of a question. An ordering and the choices of a matching are shuffled in any case: their order tells."""
    choices, stems = [one.key for one in question.choices], [one.key for one in question.stems]
    if question.kind in ("ordering", "matching") or (
        shuffled and question.shuffle and question.kind not in FIXED_ORDER
    ):
        choices = order(choices, seed, str.encode)
    if shuffled and question.shuffle:
        stems = order(stems, seed + b"stems", str.encode)
    return Letters(tuple(choices), tuple(stems))

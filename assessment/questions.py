"""What a question is: its kind, its parts, what is right, and what a person answers.

A choice is named by a key (`A`, `B`, …) that it keeps for as long as the question lives, however it is reordered or reworded: answers
that were given name keys. What people see are other letters, see `assessment.papers`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

Kind = Literal["single", "multiple", "true_false", "fill_in", "ordering", "matching", "short_text"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Partial = Literal["usual", "none", "weights"]
"""How an answer that is partly right is paid.

- `usual`: several choices: half if some are missing and none is wrong; orderings, blanks and pairs: the share that is right.
- `none`: all or nothing.
- `weights`: the sum of the weights of what was chosen, never above the whole nor below nothing.
"""
PARTIALS: Final[tuple[Partial, ...]] = get_args(Partial)

WHOLE: Final = 10_000_000
"""The weight of a right answer: a hundred-thousandth of a percent is 1, as exchange formats give five decimals."""

TRUE, FALSE = "true", "false"
"""The keys of the two choices of a true/false question."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of what can be chosen, put in order, or matched. `weight` is the share of the marks that it brings: -WHOLE to WHOLE."""

    key: str
    text: str
    weight: int = 0
    feedback: str = ""

    @property
    def right(self) -> bool:
        """Whether who knows the answer chooses it."""
        return self.weight > 0


@dataclass(frozen=True, slots=True)
class Accepted:
    r"""One way to fill a blank, as a text or as a number that may be off by `tolerance` either way.

    In a text with `wildcard` each `*` stands for any signs, also none, and `\*` for the sign itself.
    """

    text: str = ""
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    wildcard: bool = False
    weight: int = WHOLE
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """One gap of a text: the first way that fits counts."""

    accepted: tuple[Accepted, ...]


@dataclass(frozen=True, slots=True)
class Stem:
    """The left side of a pair: `match` is the key of the choice that belongs to it."""

    key: str
    text: str
    match: str
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a text shows as `![…](picture:NAME)`: its content travels with the question only in exchange formats."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its solution. Texts are Markdown.

    - `single`, `multiple`, `true_false`: `choices`, the right ones with a weight.
    - `ordering`: `choices` in their right order.
    - `matching`: `stems`, each with the key of one of `choices`; a choice may belong to several or to none.
    - `fill_in`: `blanks` in the order in which the text has them (`____` each; one without any stands at its end).
    - `short_text`: nothing of these; people grade it, by `rubric`.

    `marks` are hundredths of a mark; `deduction` hundredths taken for an answer that is wrong altogether. `fold_case` and
    `fold_traditional` say that capital and small letters, traditional and simplified characters are the same in a blank.
    `id_number`: by what a file knows it again; it is no part of what is asked.
    """

    kind: Kind
    text: str
    choices: tuple[Choice, ...] = ()
    stems: tuple[Stem, ...] = ()
    blanks: tuple[Blank, ...] = ()
    rubric: str = ""
    marks: int = 100
    deduction: int = 0
    partial: Partial = "usual"
    fold_case: bool = True
    fold_traditional: bool = True
    shuffle: bool = True
    name: str = ""
    explanation: str = ""
    when_right: str = ""
    when_wrong: str = ""
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: int = 3
    id_number: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def by_people(self) -> bool:
        """Whether people grade it."""
        return self.kind == "short_text"

    @property
    def right_keys(self) -> tuple[str, ...]:
        """The keys of the right choices; of an ordering, all in their order."""
        return tuple(one.key for one in self.choices if one.right or self.kind == "ordering")


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers: nothing at all is an answer, too.

    `choices`: the keys that were chosen, of an ordering in the given order. `texts`: one for each blank; of a short text, the one.
    `pairs`: stem and choice.
    """

    choices: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was answered: blanks alone are nothing."""
        return not (self.choices or self.pairs or any(text.strip() for text in self.texts))


def letter(place: int) -> str:
    """The letters by which choices are named in their order: A … Z, then AA, AB, …; `place` counts from 0."""
    name = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        name, place = chr(ord("A") + rest) + name, place - 1
    return name

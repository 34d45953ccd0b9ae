"""Questions as requests and answers."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from assessment.limits import (
    LONGEST_PART,
    LONGEST_TEXT,
    MOST_ACCEPTED,
    MOST_BLANKS,
    MOST_CHOICES,
    MOST_DECIMALS,
    MOST_MARKS,
    MOST_WHOLE_DIGITS,
)
from assessment.questions import WHOLE, Kind, Partial
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import OneLine
from services.events.question_banks.rules import (
    CHOICE_KEY,
    LONGEST_CATEGORY,
    LONGEST_TAG,
    MOST_LEVELS,
    MOST_TAGS,
    STEM_KEY,
)
from services.events.question_banks.schemas import STATUS

KIND = Closed("QuestionKind", Kind)
PARTIAL = Closed("PartialMarks", Partial)

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Part = Annotated[str, StringConstraints(max_length=LONGEST_PART)]
ChoiceKey = Annotated[str, StringConstraints(pattern=CHOICE_KEY)]
StemKey = Annotated[str, StringConstraints(pattern=STEM_KEY)]
Weight = Annotated[int, Field(ge=-WHOLE, le=WHOLE)]
Marks = Annotated[int, Field(ge=0, le=MOST_MARKS)]
Number = Annotated[
    str, StringConstraints(pattern=rf"^-?[0-9]{{1,{MOST_WHOLE_DIGITS}}}(\.[0-9]{{1,{MOST_DECIMALS}}})?$")
]
Level = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CATEGORY), OneLine]
Category = Annotated[list[Level], Field(max_length=MOST_LEVELS)]
TagText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TAG), OneLine]
TagTexts = Annotated[list[TagText], Field(max_length=MOST_TAGS)]
Reason = Annotated[str, StringConstraints(max_length=500)]

PAID: Final = (
    "How an answer is paid that is partly right. `usual`: half of the marks for a multiple choice that lacks right choices and has no wrong one, "
    "and for orders, pairs and blanks the share that is right. `none`: all or nothing. `weights`: the sum of the weights of what was chosen."
)
CASE: Final = "Whether capital and small letters are the same in a blank."
TRADITIONAL: Final = "Whether traditional and simplified characters are the same in a blank."
SHUFFLED: Final = (
    "Whether each person has the choices in an order of their own, where the paper has `shuffle_choices`. "
    "Those of an ordering and of pairs are shuffled in any case, those of a true/false question never."
)
WEIGHT: Final = f"The share of the marks that it brings, of {WHOLE:,}; null: all of it if it is `right`, else nothing."


class ChoiceGiven(RequestModel):
    """One of what can be chosen, put in order, or matched."""

    key: ChoiceKey | None = Field(
        default=None,
        description="What answers name; null: the key of the same text before, else a new one. Of a true/false question `true` and `false`.",
    )
    text: Part
    right: bool = False
    weight: Weight | None = Field(default=None, description=WEIGHT)
    feedback: Part = ""


class StemGiven(RequestModel):
    """The left side of a pair; `match` is the key of the choice that belongs to it."""

    key: StemKey | None = None
    text: Part
    match: ChoiceKey = Field(
        description="The `key` of its choice, so choices of a matching question are sent with theirs: `A`, `B` …"
    )
    feedback: Part = ""


class AcceptedGiven(RequestModel):
    """One way to fill a blank: a text, or a number that may be off by `tolerance` either way."""

    text: Part = ""
    number: Number | None = None
    tolerance: Number = "0"
    wildcard: bool = Field(default=False, description="Each `*` of the text stands for any signs, also none.")
    weight: Annotated[int, Field(ge=0, le=WHOLE)] = Field(
        default=WHOLE, description=f"The share of the marks, of {WHOLE:,}."
    )
    feedback: Part = ""


class BlankGiven(RequestModel):
    """One gap of a text: the first way that fits counts."""

    accepted: Annotated[list[AcceptedGiven], Field(max_length=MOST_ACCEPTED)]


Choices = Annotated[list[ChoiceGiven], Field(max_length=MOST_CHOICES)]
Stems = Annotated[list[StemGiven], Field(max_length=MOST_CHOICES)]
Blanks = Annotated[list[BlankGiven], Field(max_length=MOST_BLANKS)]


class QuestionCreate(RequestModel):
    """A question with its solution. Texts are Markdown; pictures in them are files that were sent for questions, `attachment:<id>`.

    `choices` of the kinds single, multiple, true_false, ordering (in their right order) and matching; `stems` of matching; `blanks` of fill_in, in the order
    in which the text has them (`____` each; where there is one blank, the text may do without, and it stands at the end); of a short_text nothing of these, people grade it by `rubric`. Marks are in hundredths.
    """

    kind: Annotated[Kind, KIND]
    text: Text
    choices: Choices = []
    stems: Stems = []
    blanks: Blanks = []
    rubric: Text = ""
    marks: Marks = 100
    deduction: Marks = Field(default=0, description="What an answer costs that is wrong altogether.")
    partial: Annotated[Partial, PARTIAL] = Field(default="usual", description=PAID)
    fold_case: bool = Field(default=True, description=CASE)
    fold_traditional: bool = Field(default=True, description=TRADITIONAL)
    shuffle: bool = Field(default=True, description=SHUFFLED)
    name: Part = ""
    explanation: Text = ""
    when_right: Part = ""
    when_wrong: Part = ""
    category: Category = []
    tags: TagTexts = []
    difficulty: Annotated[int, Field(ge=1, le=5)] = 3


class QuestionPatch(RequestModel):
    """What to change; what is changed makes a new version. Of which kind it is stays."""

    text: Text = ABSENT
    choices: Choices = ABSENT
    stems: Stems = ABSENT
    blanks: Blanks = ABSENT
    rubric: Text = ABSENT
    marks: Marks = ABSENT
    deduction: Marks = ABSENT
    partial: Annotated[Partial, PARTIAL] = Field(default=ABSENT, description=PAID)
    fold_case: bool = Field(default=ABSENT, description=CASE)
    fold_traditional: bool = Field(default=ABSENT, description=TRADITIONAL)
    shuffle: bool = Field(default=ABSENT, description=SHUFFLED)
    name: Part = ABSENT
    explanation: Text = ABSENT
    when_right: Part = ABSENT
    when_wrong: Part = ABSENT
    category: Category = ABSENT
    tags: TagTexts = ABSENT
    difficulty: Annotated[int, Field(ge=1, le=5)] = ABSENT
    reason: Reason = Field(default=ABSENT, description="Why it is changed; it stays with the version.")


class ChoicePublic(ResponseModel):
    """A choice with its solution. `weight`: the share of the marks that it brings, of 10,000,000."""

    key: str
    text: str
    right: bool
    weight: int
    feedback: str


class StemPublic(ResponseModel):
    """The left side of a pair, and the key of its choice."""

    key: str
    text: str
    match: str
    feedback: str


class AcceptedPublic(ResponseModel):
    """One way to fill a blank."""

    text: str
    number: str | None
    tolerance: str
    wildcard: bool
    weight: int
    feedback: str


class BlankPublic(ResponseModel):
    """One gap of a text."""

    accepted: list[AcceptedPublic]


class PicturePublic(ResponseModel):
    """A picture that a text of the question names, and where it is for a while."""

    attachment_id: UUID
    url: str


class QuestionContent(ResponseModel):
    """What a version of a question asks, and how it is graded."""

    kind: Annotated[str, KIND]
    text: str
    choices: list[ChoicePublic]
    stems: list[StemPublic]
    blanks: list[BlankPublic]
    rubric: str
    marks: int
    deduction: int
    partial: Annotated[str, PARTIAL] = Field(description=PAID)
    fold_case: bool = Field(description=CASE)
    fold_traditional: bool = Field(description=TRADITIONAL)
    shuffle: bool = Field(description=SHUFFLED)
    name: str
    explanation: str
    when_right: str
    when_wrong: str
    category: list[str]
    tags: list[str]
    difficulty: int
    pictures: list[PicturePublic]


class QuestionListed(ResponseModel):
    """A question as lists show it: the beginning of its text, no solution."""

    id: UUID
    question_bank_id: UUID
    number: int
    id_number: str | None = Field(description="By what files know it again.")
    version: int
    status: Annotated[str, STATUS]
    kind: Annotated[str, KIND]
    name: str
    excerpt: str
    category: list[str]
    tags: list[str]
    difficulty: int
    marks: int
    created_at: datetime
    changed_at: datetime


class QuestionPublic(QuestionContent):
    """A question with its solution. `number` counts within the bank."""

    id: UUID
    question_bank_id: UUID
    number: int
    id_number: str | None = Field(description="By what files know it again.")
    version: int
    status: Annotated[str, STATUS]
    created_at: datetime
    changed_at: datetime


class QuestionVersionListed(ResponseModel):
    """That a question was written or changed, by whom and why. Nobody in particular: an import, or a service."""

    version: int
    reason: str
    made_by: MemberEmbed | None
    made_at: datetime


class QuestionVersionPublic(QuestionContent):
    """One version of a question: what graded somebody is read for ever."""

    question_id: UUID
    version: int
    reason: str
    made_by: MemberEmbed | None
    made_at: datetime


FIELDS: Final[tuple[str, ...]] = tuple(name for name in QuestionPatch.model_fields if name != "reason")
"""What can be changed of a question."""


def given(body: QuestionCreate | QuestionPatch) -> dict[str, Any]:
    """What a body says of a question, part by part."""
    return {name: getattr(body, name) for name in ("kind", *FIELDS) if name in body.model_fields_set}

"""Papers as requests and answers."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from assessment.frozen import DrawnFor
from assessment.questions import Kind
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import JsonObject, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLineOrNothing
from services.events.activities.schemas import Title
from services.events.papers.rules import MOST_DRAWS, MOST_EDITORS, MOST_QUESTIONS, MOST_SECTIONS
from services.events.question_banks.question_schemas import (
    KIND,
    Category,
    Marks,
    QuestionContent,
    TagTexts,
)
from services.events.question_banks.schemas import STATUS

DRAWN_FOR = Closed("PaperDrawnFor", DrawnFor)

QUESTIONS_SHUFFLED: Final = "Whether each person has the questions of a section in an order of their own."
CHOICES_SHUFFLED: Final = "Whether each person has the choices in an order of their own; `shuffle` of a question may keep its own as they are."
FINGERPRINT: Final = "The SHA-256 of all that the version says: the same for the same paper, wherever it is given."

Heading = Annotated[str, StringConstraints(max_length=200), OneLineOrNothing]
Difficulty = Annotated[int, Field(ge=1, le=5)]
Editors = Annotated[set[UUID], Field(max_length=MOST_EDITORS), PlainSerializer(lambda ids: sorted(map(str, ids)))]


class PaperQuestionGiven(RequestModel):
    """A question that everybody gets. `marks` in hundredths; null: its own."""

    question_id: UUID
    marks: Marks | None = None


class PaperDrawGiven(RequestModel):
    """So many questions of a bank that meet all of this; what is empty asks nothing. `category` has all below it."""

    question_bank_id: UUID
    count: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)]
    marks: Annotated[Marks, Field(description="What each of them brings, in hundredths.")]
    kinds: Annotated[list[Annotated[Kind, KIND]], Field(max_length=7)] = []
    difficulties: Annotated[list[Difficulty], Field(max_length=5)] = []
    category: Category = []
    tags: TagTexts = []


class PaperSectionGiven(RequestModel):
    """A part of a paper: its fixed questions, then what is drawn."""

    title: Heading = ""
    questions: Annotated[list[PaperQuestionGiven], Field(max_length=MOST_QUESTIONS)] = []
    draws: Annotated[list[PaperDrawGiven], Field(max_length=MOST_DRAWS)] = []


Sections = Annotated[list[PaperSectionGiven], Field(max_length=MOST_SECTIONS)]


class PaperCreate(RequestModel):
    """A paper: what is asked, and how it is drawn from banks."""

    community_id: UUID
    title: Title
    sections: Sections = []
    drawn_for: Annotated[DrawnFor, DRAWN_FOR] = Field(
        default="all", description="Whether questions are drawn once for all, or for each person anew."
    )
    shuffle_questions: bool = Field(default=True, description=QUESTIONS_SHUFFLED)
    shuffle_choices: bool = Field(default=True, description=CHOICES_SHUFFLED)
    editor_ids: Editors = Field(
        default=set(), description="Lecturers who read and write it; operators and owners do in any case."
    )


class PaperPatch(RequestModel):
    """What to change of the paper as it is written; published versions stay as they are."""

    title: Title = ABSENT
    sections: Sections = ABSENT
    drawn_for: Annotated[DrawnFor, DRAWN_FOR] = ABSENT
    shuffle_questions: bool = Field(default=ABSENT, description=QUESTIONS_SHUFFLED)
    shuffle_choices: bool = Field(default=ABSENT, description=CHOICES_SHUFFLED)
    editor_ids: Editors = ABSENT


class PaperQuestionPublic(ResponseModel):
    """A question that everybody gets. Its bank and the beginning of its text are null for whoever may not read that bank."""

    question_id: UUID
    question_bank_id: UUID | None
    excerpt: str | None
    marks: int | None


class PaperDrawPublic(ResponseModel):
    """So many questions of a bank that meet all of this. The bank's title is null for whoever may not read it."""

    question_bank_id: UUID
    question_bank_title: str | None
    count: int
    marks: int
    kinds: list[Annotated[str, KIND]]
    difficulties: list[int]
    category: list[str]
    tags: list[str]


class PaperSectionPublic(ResponseModel):
    """A part of a paper."""

    title: str
    questions: list[PaperQuestionPublic]
    draws: list[PaperDrawPublic]


class PaperListed(ResponseModel):
    """A paper as lists show it. `published`: how many versions of it there are, the latest of which has this number."""

    id: UUID
    community_id: UUID
    title: str
    drawn_for: Annotated[str, DRAWN_FOR]
    status: Annotated[str, STATUS]
    published: int
    created_at: datetime


class PaperPublic(PaperListed):
    """A paper as it is written."""

    sections: list[PaperSectionPublic]
    shuffle_questions: bool = Field(description=QUESTIONS_SHUFFLED)
    shuffle_choices: bool = Field(description=CHOICES_SHUFFLED)
    editors: list[MemberEmbed]
    viewer: Viewer


class AskedPublic(QuestionContent):
    """A question of a paper with its solution, in the version that is given. Its bank is null for whoever may not read that."""

    question_id: UUID
    question_bank_id: UUID | None
    version: int


class PoolPublic(ResponseModel):
    """So many questions are drawn of these, each of which brings `marks`."""

    count: int
    marks: int
    questions: list[AskedPublic]


class FrozenSectionPublic(ResponseModel):
    """A part of a paper as it is given."""

    title: str
    pools: list[PoolPublic]


class FrozenPaperPublic(ResponseModel):
    """A paper as it is given, with all solutions. `count` questions for each person, which come to `full` hundredths of a mark."""

    title: str
    sections: list[FrozenSectionPublic]
    drawn_for: Annotated[str, DRAWN_FOR]
    shuffle_questions: bool = Field(description=QUESTIONS_SHUFFLED)
    shuffle_choices: bool = Field(description=CHOICES_SHUFFLED)
    count: int
    full: int


class PaperVersionListed(ResponseModel):
    """A version of a paper, which changes no more."""

    paper_id: UUID
    version: int
    fingerprint: str = Field(description=FINGERPRINT)
    count: int
    full: int
    published_by: MemberEmbed | None
    published_at: datetime


class PaperVersionPublic(FrozenPaperPublic):
    """A version of a paper with its questions and solutions."""

    paper_id: UUID
    version: int
    fingerprint: str = Field(description=FINGERPRINT)
    published_by: MemberEmbed | None
    published_at: datetime


class PaperUsePublic(ResponseModel):
    """That a version of a paper has a question, and in which version of that."""

    paper_id: UUID
    title: str
    paper_version: int
    question_version: int
    published_at: datetime


class PaperFile(ResponseModel):
    """A file that a question of the paper shows, and who sent it: whoever gives the paper names it too."""

    attachment_id: UUID
    person_id: UUID


class PaperDocument(ResponseModel):
    """A version of a paper for the service that gives it: `document` as in `assessment.frozen`, and its hash."""

    community_id: UUID
    document: JsonObject
    fingerprint: str = Field(description=FINGERPRINT)
    attachments: list[PaperFile]

"""Items of moderation as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Said
from services.content.discussions.schemas import DiscussionPatch
from services.content.holding.schemas import STATUS, ModeratedText
from services.content.moderation.rules import HREFS, Category, Verdict, reportable
from services.content.scanning.schemas import ACTION

VERDICT = Closed("ModerationVerdict", Verdict)
CATEGORY = Closed("ReportCategory", Category)
KIND = Closed("ModeratedKind", list(HREFS))
RULE = Closed("ScanRule", ["word", "links", "advertising"])
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class ReportedObject(RequestModel):
    """What is reported."""

    kind: Annotated[str, AfterValidator(reportable), Field(description="`article`, `discussion`, `reply` or `idea`.")]
    id: UUID


class ReportCreate(RequestModel):
    """What is wrong, and with what. Only moderators read who reported."""

    object: ReportedObject
    category: Annotated[Category, CATEGORY]
    note: Reason | None = None


class ReportPublic(ResponseModel):
    """What the caller reported."""

    category: Annotated[str, CATEGORY]
    note: str | None
    created_at: datetime


class ModerationDecision(RequestModel):
    """What becomes of a text. `revision` is the one that was read. `reason` is for its author, and needed unless it is released."""

    verdict: Annotated[Verdict, VERDICT]
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Reason | None = None
    edit: DiscussionPatch | None = Field(default=None, description="What is written instead; a reply has a body alone.")


class ScanMatch(ResponseModel):
    """What was found in which field, by which word or rule, from `start` to before `end`.

    They count code points: in JavaScript those of `[...text]`.
    """

    field: str
    start: int
    end: int
    rule: Annotated[str, RULE]
    word: str
    category: str
    action: Annotated[str, ACTION]
    company: bool = Field(
        default=False, description="Whether a list or a rule of the company found it, not the community's own."
    )


class MemberReport(ResponseModel):
    """What a member reported."""

    member: MemberEmbed
    category: Annotated[str, CATEGORY]
    note: str | None
    created_at: datetime


class ModerationContext(ResponseModel):
    """Where the text stands."""

    title: str | None
    href: str = Field(description="The path of the operation that shows it.")


class ModerationListed(ResponseModel):
    """A text that waits for a moderator, or was decided about in the last 180 days."""

    id: UUID
    community_id: UUID | None = Field(description="Null where the company's lists alone hold: a person's name.")
    service: str = Field(description="Which service has it: `content`, `events`, `gamification` or `membership`.")
    kind: Annotated[str, KIND]
    object_id: UUID
    root_id: UUID
    author: MemberEmbed | None = Field(description="Null where it is no community's.")
    status: Annotated[str, STATUS]
    held: bool = Field(description="Whether a list or a rule holds it.")
    revision: int
    text: ModeratedText
    released_text: ModeratedText | None = Field(
        description="What a moderator wrote instead before they released it, by field; `text` is what its author wrote."
    )
    text_before: ModeratedText | None = Field(description="What others read as long as an edit waits.")
    matches: list[ScanMatch]
    category: str = Field(description="That of the words that were found in it, or else of the first report.")
    reports: int = Field(description="How many members reported it.")
    context: ModerationContext
    reason: str | None = Field(description="Why it was returned or removed.")
    decided_by: MemberEmbed | None = Field(
        description="Who released or removed it; null while it is open or back with its author."
    )
    decided_at: datetime | None
    created_at: datetime
    viewer: Viewer


class ModerationPublic(ModerationListed):
    """The same with who reported it."""

    reported: list[MemberReport] = Field(description="The latest hundred.")

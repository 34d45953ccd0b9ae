"""Appeals as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed, Named
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, Said
from services.membership.appeals.rules import Kind, Outcome, Status
from services.membership.penalties.schemas import SANCTION

STATUS = Closed("AppealStatus", Status)
KIND = Closed("AppealedKind", Kind)
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000), Said]


class AppealedObject(RequestModel):
    """What somebody appeals against: a penalty, a short mute that no penalty has taken over, or that a moderator removed what they wrote.

    Of the latter, `kind` and `id` are those of the discussion, reply, article or idea.
    """

    kind: Annotated[Kind, KIND]
    id: UUID


class AppealCreate(RequestModel):
    """An appeal, and why. Those who decide read it."""

    object: AppealedObject
    words: Words


class AppealAsk(RequestModel):
    """The one question that is put to the member."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]


class AppealAnswer(RequestModel):
    """The member's answer to it."""

    answer: Words


class AppealDecide(RequestModel):
    """The decision in writing, as the member reads it. `reduced` says what is to stand instead: `fine`, `until`, or a weaker `sanction`.

    What is left out stays. `sanction: none` leaves a warning; one that is weaker than an expulsion needs `until`.
    """

    outcome: Annotated[Outcome, Closed("AppealOutcome", Outcome)]
    reason: Words
    fine: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    sanction: Annotated[
        Literal["none", "mute", "suspend"] | None, Closed("LesserSanction", ["none", "mute", "suspend"])
    ] = None
    until: Moment | None = None


class AppealedPublic(ResponseModel):
    """What is appealed against; of a removal, what was removed."""

    kind: Annotated[str, KIND]
    id: UUID


class StoodPublic(ResponseModel):
    """What stood of a penalty: its `fine`, and its `sanction` until `until`, exclusive. Without a sanction it is a warning."""

    fine: int
    sanction: Annotated[str, SANCTION] | None
    until: datetime | None


class ChangedPublic(ResponseModel):
    """What a decision changed of a penalty, for the member and for those who decide. A rest until the decision does not count as an end."""

    before: StoodPublic
    after: StoodPublic


class LeftPublic(ResponseModel):
    """Something that a service could not take back, and why, also in the reader's language."""

    kind: str
    id: UUID
    code: str
    text: str


class ServiceProgress(ResponseModel):
    """How far one service is with the penalty as it stands: whether it has answered this revision, and what it did or took back.

    `undone`: how many of each kind, such as `points_given_back`.
    """

    service: str
    answered: bool
    at: datetime | None
    undone: Annotated[dict[str, int], Named("Counts")]
    left: list[LeftPublic]


class AppealPublic(ResponseModel):
    """An appeal. Undecided by `due_at`, the sanction pauses until it is decided (`paused_at`).

    `for_reviewer`: nobody who runs the community may decide it, and an administrator appoints somebody; `reviewed`: that was done.
    `progress`, of a single appeal against a penalty, says which services have answered the penalty as it stands now (`revision`): empty
    while the appeal is open, and where it is denied, for then nothing is taken back.
    """

    id: UUID
    community_id: UUID
    member: MemberEmbed
    object: AppealedPublic
    status: Annotated[str, STATUS]
    words: str
    created_at: datetime
    due_at: datetime
    question: str | None
    asked_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    for_reviewer: bool
    reviewed: bool
    paused_at: datetime | None
    reason: str | None
    decided_at: datetime | None
    revision: int | None
    finished: Annotated[
        bool | None,
        Field(
            description="Whether every service has answered, and what was given back is seen again; null in lists, and where nothing is taken "
            "back: the appeal is open, or denied."
        ),
    ] = None
    progress: list[ServiceProgress] | None = None
    changed: Annotated[
        ChangedPublic | None,
        Field(description="What the decision changed of the penalty; null in lists, and where it changed nothing."),
    ] = None
    viewer: Viewer | None = None

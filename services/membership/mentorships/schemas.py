"""Mentorships as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from chassis.wrong import Wrong
from services.membership.communities.schemas import HIDDEN
from services.membership.mentorships import rules

SIDE = Closed("MentorshipSide", rules.Side)
STATUS = Closed("MentorshipStatus", rules.Status)
CAUSE = Closed("MentorshipCause", rules.Cause)
Attention = Literal["seeking", "quiet", "unattended"]
ATTENTION = Closed("MentorshipAttention", Attention)

Words = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]
LongWords = Annotated[str, StringConstraints(min_length=1, max_length=4000), Said]
Goal = Annotated[str, StringConstraints(min_length=1, max_length=300), OneLine]


class MentorshipGoal(RequestModel):
    """What is to be reached, and whether it is."""

    text: Goal
    done: bool = False


Goals = Annotated[list[MentorshipGoal], Field(max_length=rules.MOST_GOALS)]


class MentorshipCreate(RequestModel):
    """A proposal to the other one: name the mentor whom you ask, or the mentee to whom you offer it."""

    community_id: UUID
    mentor_id: UUID | None = None
    mentee_id: UUID | None = None
    weeks: Annotated[int, Field(ge=rules.FEWEST_WEEKS, le=rules.MOST_WEEKS)] = rules.USUAL_WEEKS
    message: Words | None = None
    goals: Goals = []

    @model_validator(mode="after")
    def _one_of_two(self) -> "MentorshipCreate":
        if (self.mentor_id is None) == (self.mentee_id is None):
            raise Wrong(
                "one_of_two",
                "Name the mentor or the mentee, the one who is not you.",
                "请填写导师或学员其中之一，即对方成员。",
                at="/mentor_id",
            )
        return self


class MentorshipPatch(RequestModel):
    """The goals as they are to be, whole."""

    goals: Goals = ABSENT


class MentorshipEnd(RequestModel):
    """Why it ends before its time. The two read it."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]


class MentorshipFeedbackCreate(RequestModel):
    """How it was, from 1 to 5, and in words."""

    rating: Annotated[int, Field(ge=1, le=5)]
    words: Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]


class MentorshipNoteCreate(RequestModel):
    """A note. What is `shared` those who run the community read, too, once moderation has looked at it."""

    text: LongWords
    shared: bool = False


class MentorCapacityPut(RequestModel):
    """How many mentees you take at a time; 0 for nobody more."""

    capacity: Annotated[int, Field(ge=0, le=rules.MOST_CAPACITY)]


class MentorshipFeedback(ResponseModel):
    """What one of the two said of it."""

    rating: int
    words: str
    given_at: datetime


class MentorshipBetween(ResponseModel):
    """What the two alone read. Feedback of the other comes when both have given theirs, or the time for it is over."""

    message: str | None
    goals: list[MentorshipGoal]
    reason: str | None
    mentor_feedback: MentorshipFeedback | None
    mentee_feedback: MentorshipFeedback | None


class MentorshipProgress(ResponseModel):
    """How far it is: the week that runs, goals, notes, and when the last note was written."""

    week: int | None
    goals: int
    goals_done: int
    notes: int
    last_note_at: datetime | None


class MentorshipMine(ResponseModel):
    """What it is to the caller: which of the two they are, whether they are to answer, and whether their feedback is in."""

    side: Annotated[str, SIDE]
    answers: bool
    feedback_given: bool


class MentorshipPublic(ResponseModel):
    """A mentorship. `between` is null for who is neither of the two, `mine` too, `viewer` in lists.

    `feedback_in`: whose feedback is there. `feedback_until`: until when it can be given.
    """

    id: UUID
    community_id: UUID
    community: CommunityEmbed
    mentor: MemberEmbed
    mentee: MemberEmbed
    status: Annotated[str, STATUS]
    proposed_by: Annotated[str, SIDE]
    proposed_at: datetime
    answer_until: datetime
    answered_at: datetime | None
    weeks: int
    started_at: datetime | None
    ends_at: datetime | None
    completion_asked_by: Annotated[str, SIDE] | None
    closed_at: datetime | None
    closed_because: Annotated[str, CAUSE] | None
    feedback_in: list[Annotated[str, SIDE]]
    feedback_until: datetime | None
    progress: MentorshipProgress
    between: MentorshipBetween | None
    mine: MentorshipMine | None
    viewer: Viewer | None = None


class MentorshipNotePublic(ResponseModel):
    """A note. Where others do not read a shared one yet, or no more, `hidden` says why; its author reads it all the same."""

    id: UUID
    mentorship_id: UUID
    author: MemberEmbed
    text: str | None
    hidden: Annotated[str, HIDDEN] | None
    shared: bool
    written_at: datetime


class MentorPublic(ResponseModel):
    """A mentor of the community: what they can do, as others read it, how many mentees they take, and how many more at present."""

    member: MemberEmbed
    skills: list[str]
    capacity: int
    mentees: int
    free: int

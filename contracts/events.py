"""Messages of events: activities, registrations, attendance."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid5

from contracts.attachments import AttachmentLink
from contracts.base import IntegrationEvent
from contracts.fields import Part, known
from contracts.texts import WrittenText

ActivityKind = Annotated[str, known("sharing_session", "workshop", "contest", "team_building", "meeting")]


class RegistrationWindow(Part):
    """When members may register."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None


class Speaker(Part):
    """A speaker. Speakers are people, but not always members."""

    person_id: UUID | None = None
    member_id: UUID | None = None
    name: str


class InvitedSpeaker(Part):
    """A speaker and their invitation. `person_id` and `member_id` are absent for who is from outside, or no member; `name` for who was erased.

    `link_id`: the one link by which somebody from outside comes in now, if they were given one. Another link is told as `invited` again.
    """

    invitation_id: UUID
    link_id: UUID | None = None
    person_id: UUID | None = None
    member_id: UUID | None = None
    name: str | None = None


class Material(Part):
    """Something to read afterwards."""

    title: str
    attachment_id: UUID | None = None
    """A file that was sent to us; where it is absent, `url` is there."""
    url: str | None = None


class Satisfaction(Part):
    """Feedback, given only from five answers on."""

    mean: float
    n: int


class ActivityState(IntegrationEvent):
    """The public state of an activity."""

    community_id: UUID
    activity_id: UUID
    kind: ActivityKind
    mode: Annotated[str, known("online", "offline", "hybrid")]
    title: str
    tags: tuple[str, ...] = ()
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    capacity: int | None = None
    hours: float | None = None
    registration: RegistrationWindow = RegistrationWindow()
    organiser_ids: tuple[UUID, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    series_id: UUID | None = None
    """Of which series it is a date."""


class ActivityAnnounced(ActivityState, type="events.activity.announced", subject="activity_id"): ...


class ActivityMoved(ActivityState, type="events.activity.moved", subject="activity_id"):
    """An activity was moved. Registrants are asked to confirm again."""

    starts_at_before: datetime


class ActivityUpdated(ActivityState, type="events.activity.updated", subject="activity_id"):
    """An announced activity was changed, but not moved; `changed` names its fields."""

    changed: tuple[str, ...]


class ActivityCancelled(ActivityState, type="events.activity.cancelled", subject="activity_id"): ...


class ActivityCompleted(ActivityState, type="events.activity.completed", subject="activity_id"):
    """The results of an activity. The recording is included only with consent."""

    visibility: str
    summary: str | None = None
    materials: tuple[Material, ...] = ()
    recording: Material | None = None
    recording_url: str | None = None
    registered: int
    attended: int
    no_shows: int
    satisfaction: Satisfaction | None = None


class SpeakerChange(IntegrationEvent):
    """Somebody speaks at an activity, or does not after all. How they are reached travels in no message."""

    community_id: UUID
    activity_id: UUID
    speaker: InvitedSpeaker
    archive_article_id: UUID | None = None


class SpeakerInvited(SpeakerChange, type="events.speaker.invited", subject="activity_id"): ...


class SpeakerWithdrawn(SpeakerChange, type="events.speaker.withdrawn", subject="activity_id"): ...


class RegistrationChange(IntegrationEvent):
    """A member's place in the list of an activity."""

    community_id: UUID
    registration_id: UUID
    activity_id: UUID
    activity_kind: ActivityKind
    starts_at: datetime
    member_id: UUID
    position: int | None = None
    offer_expires_at: datetime | None = None


class RegistrationConfirmed(
    RegistrationChange, type="events.registration.confirmed", subject="registration_id", key="activity_id"
): ...


class RegistrationAssigned(
    RegistrationChange, type="events.registration.assigned", subject="registration_id", key="activity_id"
):
    """The member is expected to come; who cannot asks for leave."""


class RegistrationLeaveAsked(
    RegistrationChange, type="events.registration.leave_asked", subject="registration_id", key="activity_id"
):
    """The member who was assigned asks not to come. Their reason travels in no message."""


class RegistrationReconfirmed(
    RegistrationChange, type="events.registration.reconfirmed", subject="registration_id", key="activity_id"
):
    """The member still comes after the activity was moved."""


class RegistrationWaitlisted(
    RegistrationChange, type="events.registration.waitlisted", subject="registration_id", key="activity_id"
):
    """The member waits. `untold`: they were offered a seat, and that did not reach them in time, so they keep their place in the line."""

    untold: bool = False


class RegistrationOffered(
    RegistrationChange, type="events.registration.offered", subject="registration_id", key="activity_id"
):
    """The member may take a seat, until `offer_expires_at` at least: their time runs from when this has reached them."""


class RegistrationExcused(
    RegistrationChange, type="events.registration.excused", subject="registration_id", key="activity_id"
): ...


class RegistrationCancelled(
    RegistrationChange, type="events.registration.cancelled", subject="registration_id", key="activity_id"
): ...


class RegistrationExpired(
    RegistrationChange, type="events.registration.expired", subject="registration_id", key="activity_id"
): ...


class AttendanceRecorded(
    IntegrationEvent, type="events.attendance.recorded", subject="attendance_id", key="activity_id"
):
    """A member attended. This is published when the extent is known."""

    community_id: UUID
    attendance_id: UUID
    activity_id: UUID
    activity_kind: ActivityKind
    member_id: UUID
    role: Annotated[str, known("attendee", "speaker")]
    extent: Annotated[str, known("full", "partial")]
    minutes: int
    hours: float | None = None
    """Learning hours of who was there for all of it."""
    method: Annotated[str, known("code", "hand", "batch")]
    walk_in: bool = False
    starts_at: datetime | None = None
    """When the activity began, to which the message comes later: somebody was there on that day."""


class AttendanceRevoked(IntegrationEvent, type="events.attendance.revoked", subject="attendance_id", key="activity_id"):
    """The attendance was revoked: the member did not attend."""

    community_id: UUID
    attendance_id: UUID
    activity_id: UUID
    member_id: UUID


class MeetingMinuted(IntegrationEvent, type="events.meeting.minuted", subject="activity_id"):
    """A meeting has minutes; what they say travels in no message."""

    community_id: UUID
    activity_id: UUID
    title: str


class ActionItemState(IntegrationEvent):
    """Something that somebody is to do until a day."""

    community_id: UUID
    action_item_id: UUID
    activity_id: UUID
    title: str
    owner_id: UUID
    due_on: date


class ActionItemAssigned(
    ActionItemState, type="events.action_item.assigned", subject="action_item_id", key="activity_id"
):
    """It is new, or somebody else does it, or until another day."""


class ActionItemCompleted(
    ActionItemState, type="events.action_item.completed", subject="action_item_id", key="activity_id"
):
    """It is done."""


class SurveyAbout(Part):
    """What a survey is about: a thing by its id, or a month."""

    kind: Annotated[str, known("activity", "course", "meeting", "article", "action_item", "idea", "month")]
    id: UUID | None = None
    month: str | None = None


class Mean(Part):
    """What the answers to a question come to: never of fewer than five."""

    code: str
    mean: float
    n: int


class SurveyOpened(IntegrationEvent, type="events.survey.opened", subject="survey_id"):
    """Members are asked until a moment."""

    community_id: UUID
    survey_id: UUID
    about: SurveyAbout
    audience: Annotated[str, known("members", "attendees", "named")]
    closes_at: datetime


class SurveyAnswered(IntegrationEvent, type="events.survey.answered", subject="answer_id", key="survey_id"):
    """A member answered a survey by name. What they said travels in no message; without a name nothing is told before the end."""

    community_id: UUID
    survey_id: UUID
    answer_id: UUID
    about: SurveyAbout
    member_id: UUID


class SurveyClosed(IntegrationEvent, type="events.survey.closed", subject="survey_id"):
    """What a survey came to. Nothing of it is counted again."""

    community_id: UUID
    survey_id: UUID
    about: SurveyAbout
    anonymity: Annotated[str, known("named", "anonymous")]
    asked: int
    answered: int
    means: tuple[Mean, ...] = ()


class SurveyParticipated(
    IntegrationEvent, type="events.survey.participated", subject="survey_id", restricted=True, unnamed=True
):
    """Who took part in a survey without names, told when it has closed: of all at one moment, and not what they said."""

    community_id: UUID
    survey_id: UUID
    member_ids: tuple[UUID, ...]
    part: int
    of: int

    def subject(self) -> str:
        """Made of `survey_id` and `part`."""
        return str(uuid5(self.survey_id, f"participated.{self.part}"))


class SatisfactionMeasured(
    IntegrationEvent, type="events.satisfaction.measured", subject="activity_id", restricted=True
):
    """What those who attended an activity thought of it, in one survey."""

    community_id: UUID
    activity_id: UUID
    survey_id: UUID
    kind: ActivityKind
    means: tuple[Mean, ...]

    def subject(self) -> str:
        """Made of `survey_id`."""
        return str(uuid5(self.survey_id, "satisfaction"))


class RemindedObject(Part):
    """What somebody is reminded of."""

    kind: Annotated[str, known("activity", "action_item")]
    id: UUID


class ReminderDue(IntegrationEvent, type="events.reminder.due", subject="object", restricted=True):
    """Members are reminded: of an activity for which they have a seat, of what they are to do; in parts of 500.

    The subject is made of the object, when it is due, how long before that is, and the part: each is told once.
    """

    community_id: UUID
    object: RemindedObject
    title: str
    due_at: datetime
    """When the activity starts; when the day ends until which it is to be done."""
    lead: Annotated[str, known("day", "hour", "today")]
    """How long before: a day, an hour; on that day itself."""
    member_ids: tuple[UUID, ...]
    part: int = 1
    of: int = 1

    def subject(self) -> str:
        """Made of the `id` of the `object`, `due_at`, `lead` and `part`."""
        return str(uuid5(self.object.id, f"reminder {self.due_at.isoformat()} {self.lead} {self.part}"))

    def partition_key(self) -> str:
        return str(self.object.id)


class FileLink(AttachmentLink):
    """Whether an activity names a file as a material, or as its recording."""

    community_id: UUID


class AttachmentLinked(FileLink, type="events.attachment.linked", subject="attachment_id"):
    """A material or the recording of an activity is a file that somebody sent."""


class AttachmentUnlinked(FileLink, type="events.attachment.unlinked", subject="attachment_id"):
    """It is so no more."""


class AttachmentSnapshot(FileLink, type="events.attachment.snapshot", subject="attachment_id"):
    """The current state, published again without a change. It has the current version."""


class FeedbackRequestsCounted(IntegrationEvent, type="events.feedback.counted", subject="community_id", unnamed=True):
    """How many feedback requests were made and closed on a day of the community, and how many colleagues answered: nothing else is told."""

    community_id: UUID
    day: date
    opened: int
    answered: int
    closed: int

    def subject(self) -> str:
        """Made of `community_id`."""
        return str(uuid5(self.community_id, "feedback_requests"))


class ContestStanding(Part):
    """One line of the standings: a member, or a team with those of it who took part."""

    rank: int
    member_ids: tuple[UUID, ...]
    team_id: UUID | None = None
    score: int
    """Hundredths of a mark."""
    prize_rank: int
    """The place whose prize each of them has: a correction takes none, unless that was decided."""
    prize_since: int = 0
    """Since which revision they have it: what an earlier one said of their prize counts no more."""
    score_before: int | None = None
    rank_before: int | None = None
    """Before the correction; absent where nothing changed, and at first."""


class ContestResults(IntegrationEvent):
    """Who stands where in a contest, in parts of at most 500 lines; told when results are released, and not before.

    The subject is made of the activity, the revision and the part: each is told once. The greatest revision counts.
    """

    community_id: UUID
    activity_id: UUID
    contest_id: UUID
    revision: int
    standings: tuple[ContestStanding, ...]
    part: int
    of: int

    def subject(self) -> str:
        """Made of `activity_id`, `revision` and `part`."""
        return str(uuid5(self.activity_id, f"contest {self.revision} {self.part}"))

    def partition_key(self) -> str:
        return str(self.activity_id)


class ContestFinished(ContestResults, type="events.contest.finished", subject="activity_id"): ...


class ContestRegraded(ContestResults, type="events.contest.regraded", subject="activity_id"):
    """Questions were corrected, and the contest was graded anew."""


class ContestTimeGiven(
    IntegrationEvent, type="events.contest.time_given", subject="member_id", key="activity_id", restricted=True
):
    """Somebody may answer in a contest until later: they were given more time, or what they had handed in goes on.

    The subject is made of the contest, the member and the moment: each is told once.
    """

    community_id: UUID
    activity_id: UUID
    contest_id: UUID
    member_id: UUID
    reopened: bool
    until: datetime

    def subject(self) -> str:
        """Made of `contest_id`, `member_id` and `until`."""
        return str(uuid5(self.contest_id, f"time {self.member_id} {self.until.isoformat()}"))


class TextWritten(WrittenText, type="events.text.written", subject="object", restricted=True):
    """Somebody wrote what an activity is, or proposed one."""

    community_id: UUID

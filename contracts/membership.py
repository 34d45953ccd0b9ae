"""Messages of membership: people, departments, communities, the roster. Recruitment has a module of its own."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field

from contracts.attachments import AttachmentLink
from contracts.base import IntegrationEvent
from contracts.fields import Part, known
from contracts.texts import WrittenText

PersonKind = Annotated[str, known("employee", "external")]
PersonStatus = Annotated[str, known("active", "suspended", "left", "erased")]
MemberStatus = Annotated[str, known("active", "muted", "suspended", "left", "expelled")]
Role = Annotated[str, known("owner", "operator", "moderator", "lecturer", "mentor")]
JoinedVia = Annotated[str, known("application", "import", "invitation", "creation", "open", "assigned")]


# --- people --------------------------------------------------------------------------------------------------------


class PersonState(IntegrationEvent):
    """The whole public state of a person after the change."""

    person_id: UUID
    employee_no: str | None = None
    display_name: str
    department_code: str | None = None
    title: str | None = None
    job_grade: str | None = None
    grade_since: date | None = None
    site: str | None = None
    hired_on: date | None = None
    kind: PersonKind
    locale: str | None = None
    time_zone: str | None = None
    avatar_url: str | None = None
    status: PersonStatus


class PersonRegistered(PersonState, type="membership.person.registered", subject="person_id"):
    """A person has an account."""


class PersonUpdated(PersonState, type="membership.person.updated", subject="person_id"):
    """The public data of a person changed."""


class PersonSuspended(PersonState, type="membership.person.suspended", subject="person_id"):
    """A person is suspended and may do nothing."""


class PersonReinstated(PersonState, type="membership.person.reinstated", subject="person_id"):
    """A person who was suspended or had left is active again."""


class PersonLeft(PersonState, type="membership.person.left", subject="person_id"):
    """A person left the company."""


class PersonSnapshot(PersonState, type="membership.person.snapshot", subject="person_id"):
    """The current state, published again without a change. It has the current version."""


class ErasedMember(Part):
    """A membership of an erased person."""

    member_id: UUID
    community_id: UUID


class PersonErased(IntegrationEvent, type="membership.person.erased", subject="person_id"):
    """A person is erased: every service deletes what it holds about them."""

    person_id: UUID
    request_id: UUID
    members: tuple[ErasedMember, ...]


class AttachmentLinked(AttachmentLink, type="membership.attachment.linked", subject="attachment_id"):
    """A person's picture is a file that they sent."""


class AttachmentUnlinked(AttachmentLink, type="membership.attachment.unlinked", subject="attachment_id"):
    """It is so no more."""


class AttachmentSnapshot(AttachmentLink, type="membership.attachment.snapshot", subject="attachment_id"):
    """The current state, published again without a change. It has the current version."""


# --- departments ---------------------------------------------------------------------------------------------------


class DepartmentState(IntegrationEvent):
    """The whole state of a department after the change."""

    code: str
    name: str
    parent_code: str | None = None
    manager_person_id: UUID | None = None


class DepartmentUpdated(DepartmentState, type="membership.department.updated", subject="code"):
    """A department is new or changed."""


class DepartmentSnapshot(DepartmentState, type="membership.department.snapshot", subject="code"):
    """The current state, published again without a change. It has the current version."""


# --- communities ---------------------------------------------------------------------------------------------------


class CharterValue(Part):
    """A value of the charter. Kudos refer to it."""

    code: str
    name: str


class CommunityState(IntegrationEvent):
    """The whole public state of a community after the change."""

    community_id: UUID
    slug: str
    name: str
    kind: Annotated[str, known("training", "operations_team")]
    status: Annotated[str, known("draft", "open", "archived")]
    visibility: Annotated[str, known("public", "internal", "private")]
    join: Annotated[str, known("campaign", "open", "invitation", "assigned")]
    time_zone: str
    day_starts_at: time
    """In the community's time zone."""
    streak_days: Annotated[str, known("every_day", "workdays")]
    topics: tuple[str, ...] = ()
    values: tuple[CharterValue, ...] = ()
    charter_version: int
    operated_by: UUID | None = None


class CommunityCreated(CommunityState, type="membership.community.created", subject="community_id"):
    """A community exists, as a draft."""


class CommunityOpened(CommunityState, type="membership.community.opened", subject="community_id"):
    """A community is open."""


class CommunityUpdated(CommunityState, type="membership.community.updated", subject="community_id"):
    """Something about a community changed."""


class CommunityArchived(CommunityState, type="membership.community.archived", subject="community_id"):
    """A community is archived: it becomes read-only in every service."""


class CommunitySnapshot(CommunityState, type="membership.community.snapshot", subject="community_id"):
    """The current state, published again without a change. It has the current version."""


class CohortState(IntegrationEvent):
    """An intake of a community after the change: what it is called, and its days, both included."""

    community_id: UUID
    cohort_id: UUID
    code: str
    name: str
    starts_on: date | None = None
    ends_on: date | None = None


class CohortUpdated(CohortState, type="membership.cohort.updated", subject="cohort_id"):
    """A cohort is new or changed. Who belongs to it is told of each member."""


class CohortSnapshot(CohortState, type="membership.cohort.snapshot", subject="cohort_id"):
    """The current state, published again without a change. It has the current version."""


class TextWritten(WrittenText, type="membership.text.written", subject="object", restricted=True):
    """Somebody named a community or said what it is for, or a person was given a name."""


# --- the roster ----------------------------------------------------------------------------------------------------


class MemberState(IntegrationEvent):
    """The whole public state of a membership after the change, with what others need of the person.

    `status` is active or left. Nobody is shown up here as muted, suspended or expelled.
    """

    community_id: UUID
    member_id: UUID
    person_id: UUID
    employee_no: str | None = None
    display_name: str
    department_code: str | None = None
    job_grade: str | None = None
    grade_since: date | None = None
    site: str | None = None
    person_kind: PersonKind
    locale: str | None = None
    time_zone: str | None = None
    roles: tuple[Role, ...] = ()
    status: MemberStatus
    status_until: datetime | None = None
    joined_at: datetime
    via: JoinedVia
    cohort_id: UUID | None = None
    channel: str | None = None
    campaign_id: UUID | None = None
    application_id: UUID | None = None
    on_boards: bool = True


class MemberBefore(Part):
    """The values before the change. What did not change is absent."""

    roles: tuple[Role, ...] | None = None
    status: MemberStatus | None = None
    status_until: datetime | None = None
    cohort_id: UUID | None = None
    on_boards: bool | None = None


class MemberChange(MemberState):
    """A membership after a change, with its values before."""

    before: MemberBefore = MemberBefore()


class MemberJoined(MemberChange, type="membership.member.joined", subject="member_id", key="person_id"):
    """A person became a member, for the first time or again."""


class MemberRoleChanged(MemberChange, type="membership.member.role_changed", subject="member_id", key="person_id"):
    """A role was granted, revoked or ended."""


class MemberStatusChanged(MemberChange, type="membership.member.status_changed", subject="member_id", key="person_id"):
    """The open status changed in another way than by joining or leaving. Who is muted or suspended is told to the services alone."""


class MemberCohortChanged(MemberChange, type="membership.member.cohort_changed", subject="member_id", key="person_id"):
    """A member moved to another cohort, or left one."""


class MemberUpdated(MemberChange, type="membership.member.updated", subject="member_id", key="person_id"):
    """Whether a member stands on boards changed, which they decide themselves; or a history told how a member had come."""


class MemberLeft(MemberChange, type="membership.member.left", subject="member_id", key="person_id"):
    """A membership ended, by whatever cause: `status` says left, also of who was expelled."""


class MemberSnapshot(MemberState, type="membership.member.snapshot", subject="member_id", key="person_id"):
    """The current state, published again without a change. It has the current version."""


class SanctionState(IntegrationEvent):
    """What a member may not do for now. The subject is made of the member's id, so that the open topic shows no gap."""

    community_id: UUID
    member_id: UUID
    status: Annotated[str, known("muted", "suspended", "none")]
    until: datetime | None = None
    then_muted_until: datetime | None = None
    """Until when a mute goes on that outlasts the suspension: who is suspended until `until` is muted from then on."""
    penalty_ids: tuple[UUID, ...] = ()
    """The penalties that bring it; none where it is a short mute."""

    def subject(self) -> str:
        """Made of `member_id`."""
        return str(uuid5(self.member_id, "sanction"))


class SanctionChanged(SanctionState, type="membership.sanction.changed", subject="member_id", restricted=True):
    """A member was muted or suspended, or that is over before its time. At `until` it is over by itself."""


class SanctionSnapshot(SanctionState, type="membership.sanction.snapshot", subject="member_id", restricted=True):
    """The current state, published again without a change. It has the current version."""


# --- being told ----------------------------------------------------------------------------------------------------


class ToldObject(Part):
    """What somebody was told of."""

    kind: str
    id: UUID


class NotificationTaken(IntegrationEvent, type="membership.notification.taken", subject="object", restricted=True):
    """Whether a message about something has reached a member: what begins with their knowing of it begins now.

    `version` is that of the message which said so. `taken`: a channel outside has it, or they have read it in their inbox. `unreachable`: no
    channel reaches them; once they read it in their inbox all the same, that is told as a second message.
    """

    community_id: UUID
    object: ToldObject
    version: Annotated[int, Field(ge=1)]
    member_id: UUID
    result: Annotated[str, known("taken", "unreachable")]

    def subject(self) -> str:
        """Made of the `id` of the `object`, `version` and `member_id`."""
        return str(uuid5(self.object.id, f"told {self.version} {self.member_id}"))

    def partition_key(self) -> str:
        """The `id` of the `object`."""
        return str(self.object.id)


# --- responsibilities ----------------------------------------------------------------------------------------------


class ResponsibilityAssigned(IntegrationEvent, type="membership.responsibility.assigned", subject="responsibility_id"):
    """An area is new, has another name, or other people see to it: who does after the change, as members; without `holder_id` nobody."""

    community_id: UUID
    responsibility_id: UUID
    area: str
    holder_id: UUID | None = None
    deputy_id: UUID | None = None
    informed_ids: tuple[UUID, ...] = ()


# --- the work calendar ---------------------------------------------------------------------------------------------


class WorkDay(Part):
    """A day that is said to be off, or worked."""

    date: date
    kind: Annotated[str, known("off", "workday")]
    name: str | None = None


class WorkCalendarState(IntegrationEvent):
    """The days of one year of a country as they are known until `known_until`; a day that is not named is one of the plain week."""

    country: str
    """Two letters, ISO 3166-1."""
    year: int
    known_until: date
    days: tuple[WorkDay, ...] = ()

    def subject(self) -> str:
        """The `country` and the `year`: CN-2027."""
        return f"{self.country}-{self.year}"


class WorkCalendarUpdated(WorkCalendarState, type="membership.work_calendar.updated", subject="year", key="country"):
    """The days of a year are known, or other ones than before."""


class WorkCalendarSnapshot(WorkCalendarState, type="membership.work_calendar.snapshot", subject="year", key="country"):
    """The current state, published again without a change. It has the current version."""


# What a reader who keeps a copy of people, communities and members follows: each carries the whole state.
PERSON_STATES: tuple[type[PersonState], ...] = (
    PersonRegistered,
    PersonUpdated,
    PersonSuspended,
    PersonReinstated,
    PersonLeft,
    PersonSnapshot,
)
COHORT_STATES: tuple[type[CohortState], ...] = (CohortUpdated, CohortSnapshot)
DEPARTMENT_STATES: tuple[type[DepartmentState], ...] = (DepartmentUpdated, DepartmentSnapshot)
COMMUNITY_STATES: tuple[type[CommunityState], ...] = (
    CommunityCreated,
    CommunityOpened,
    CommunityUpdated,
    CommunityArchived,
    CommunitySnapshot,
)
MEMBER_STATES: tuple[type[MemberState], ...] = (
    MemberJoined,
    MemberRoleChanged,
    MemberStatusChanged,
    MemberCohortChanged,
    MemberUpdated,
    MemberLeft,
    MemberSnapshot,
)
SANCTION_STATES: tuple[type[SanctionState], ...] = (SanctionChanged, SanctionSnapshot)
WORK_CALENDAR_STATES: tuple[type[WorkCalendarState], ...] = (WorkCalendarUpdated, WorkCalendarSnapshot)

"""Members as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.avatars import Avatars
from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import ROLE, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, OneLine, Said
from chassis.wrong import Wrong
from services.membership.cohorts.schemas import CohortRef
from services.membership.departments.schemas import DepartmentRef
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED, Status, Via, distinct, open_status

STATUS = Closed("MemberStatus", Status)
VIA = Closed("Via", Via)
DESCRIPTION_HIDDEN = Closed("TextHidden", Hidden)
BatchAction = Literal["set_cohort", "remove"]


class MutePublic(ResponseModel):
    """Why a member is muted, until when, and whom they can ask. Only the member and those who may mute read it."""

    reason: str
    until: datetime
    ask: MemberEmbed | None


class MemberPublic(ResponseModel):
    """A person's membership in a community. Empty `roles` mean a plain member; `status` is as of now.

    Only moderators, operators, owners and the member read everything. To others a muted or suspended member is active, an expelled
    one has left, and `status_until`, `via` and `channel` are null. `skills` and `interests` are empty to others until moderation has let
    them through.
    """

    id: UUID
    community_id: UUID
    person_id: UUID
    display_name: str
    department_code: str | None
    department: DepartmentRef | None = None
    title: str | None
    avatar_url: str | None
    roles: list[Annotated[str, ROLE]]
    status: Annotated[str, STATUS]
    status_until: datetime | None
    joined_at: datetime
    ended_at: datetime | None
    via: Annotated[str, VIA] | None
    channel: str | None
    cohort_id: UUID | None
    cohort: CohortRef | None
    skills: list[str] = []
    interests: list[str] = []
    on_boards: bool | None = None
    """Whether they want to stand on boards. Only they read it."""
    description_hidden: Annotated[str, DESCRIPTION_HIDDEN] | None = None
    """Why others do not read `skills` and `interests`. Only the member reads it."""
    mute: MutePublic | None = None
    viewer: Viewer | None = None

    @classmethod
    def of(
        cls,
        member: Member,
        person: Person,
        now: datetime,
        avatars: Avatars,
        viewer: Viewer | None = None,
        *,
        candid: bool = True,
        own: bool = False,
        department: DepartmentRef | None = None,
        cohort: CohortRef | None = None,
    ) -> "MemberPublic":
        """The member as they are at that moment; `candid` is for those who read statuses, and for the member, `own` for the member."""
        status = member.status_at(now) if candid else open_status(member.status_at(now))
        return cls(
            id=member.id,
            community_id=member.community_id,
            person_id=member.person_id,
            display_name=person.display_name,
            department_code=person.department_code,
            department=department,
            title=person.title,
            avatar_url=avatars(person.avatar_url),
            roles=member.roles_at(now),
            status=status,
            status_until=member.status_until_at(now) if candid else None,
            joined_at=member.joined_at,
            ended_at=member.ended_at,
            via=member.via if candid else None,
            channel=member.channel if candid else None,
            cohort_id=member.cohort_id,
            cohort=cohort,
            # Pydantic copies a list that is a default, which takes longer than all the rest.
            skills=member.skills if own or member.described_readable else [],
            interests=member.interests if own or member.described_readable else [],
            viewer=viewer,
        )


def embedded(
    member: Member, person: Person, now: datetime, avatars: Avatars, department_name: str | None
) -> MemberEmbed:
    """A member, as embedded in other answers."""
    gone = person.status == "erased"
    return MemberEmbed(
        member_id=member.id,
        display_name=None if gone else person.display_name,
        department=None if gone else person.department_code,
        department_name=None if gone else department_name,
        avatar_url=None if gone else avatars(person.avatar_url),
        roles=member.roles_at(now),
        left=member.status in ENDED,
    )


Described = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=40), OneLine]],
    Field(max_length=20),
    AfterValidator(distinct),
]


class MemberPatch(RequestModel):
    """A merge patch of what members decide about themselves. Of two skills that differ only in case or width the first stays."""

    on_boards: bool = ABSENT
    skills: Described = ABSENT
    interests: Described = ABSENT


class MemberMute(RequestModel):
    """Until when, at most for three days, and why. The member reads the reason and who gave it."""

    until: Moment
    reason: Annotated[str, Field(min_length=1, max_length=2000), Said]


class MemberRemove(RequestModel):
    """Why the member is removed. The reason is kept in the audit and not shown to the member."""

    reason: Annotated[str, Field(min_length=1, max_length=2000), Said]


class MembersBatch(RequestModel):
    """Up to 500 members: set their cohort (null takes them out of it), or remove them."""

    action: Annotated[BatchAction, Closed("MembersAction", BatchAction)]
    ids: list[UUID] = Field(min_length=1, max_length=500)
    cohort_id: UUID | None = None
    reason: Annotated[str, Field(min_length=1, max_length=2000), Said] | None = None

    @model_validator(mode="after")
    def _complete(self) -> "MembersBatch":
        if self.action == "remove" and self.reason is None:
            raise Wrong("incomplete", "Removing needs a reason.", "移除成员需要原因。", at="/reason")
        if self.action == "set_cohort" and "cohort_id" not in self.model_fields_set:
            raise Wrong(
                "incomplete",
                "set_cohort needs cohort_id, which may be null.",
                "set_cohort 需要 cohort_id，可以为 null。",
                at="/cohort_id",
            )
        return self

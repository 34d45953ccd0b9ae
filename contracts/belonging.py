"""What the membership service tells of groups and mentorships within a community."""

from datetime import datetime
from uuid import UUID, uuid5

from contracts.base import IntegrationEvent

# --- groups --------------------------------------------------------------------------------------------------------


class GroupState(IntegrationEvent):
    """The whole public state of a group 小组 after the change; who belongs to it is told for each member.

    `name` is a stand-in until moderation has let through what was written. Without `leader_id` nobody leads it.
    """

    community_id: UUID
    group_id: UUID
    name: str
    cohort_id: UUID | None = None
    leader_id: UUID | None = None
    dissolved: bool = False


class GroupFormed(GroupState, type="membership.group.formed", subject="group_id"):
    """There is a new group."""


class GroupUpdated(GroupState, type="membership.group.updated", subject="group_id"):
    """It has another name, or somebody else leads it, which `new_leader` says."""

    new_leader: bool = False


class GroupDissolved(GroupState, type="membership.group.dissolved", subject="group_id"):
    """Nobody belongs to it any more, and what its members wrote stays theirs to read."""


class GroupSnapshot(GroupState, type="membership.group.snapshot", subject="group_id"):
    """The current state, published again without a change. It has the current version."""


class GroupMembership(IntegrationEvent):
    """Whether a member belongs to a group. The subject is made of both, so that the newest message of a pair counts.

    Who belonged to a group when it was dissolved is told of as belonging: the group's own message says that it is no more.
    """

    community_id: UUID
    group_id: UUID
    cohort_id: UUID | None = None
    member_id: UUID
    since: datetime
    belongs: bool

    def subject(self) -> str:
        """Made of `group_id` and `member_id`."""
        return str(uuid5(self.group_id, str(self.member_id)))


class GroupJoined(GroupMembership, type="membership.group.joined", subject="group_id"):
    """A member belongs to the group: they joined it, or were put into it."""


class GroupLeft(GroupMembership, type="membership.group.left", subject="group_id"):
    """They left it, were taken out of it, or their membership of the community ended."""


class GroupMembershipSnapshot(GroupMembership, type="membership.group_member.snapshot", subject="group_id"):
    """The current state, published again without a change. It has the current version."""


# What a reader who keeps a copy of groups and who belongs to them follows: each carries the whole state.
GROUP_STATES: tuple[type[GroupState], ...] = (GroupFormed, GroupUpdated, GroupDissolved, GroupSnapshot)
GROUP_MEMBER_STATES: tuple[type[GroupMembership], ...] = (GroupJoined, GroupLeft, GroupMembershipSnapshot)


# --- mentorships ---------------------------------------------------------------------------------------------------


class MentorshipState(IntegrationEvent):
    """A mentorship between two members of a community; neither its goals nor its notes."""

    community_id: UUID
    mentorship_id: UUID
    mentor_id: UUID
    mentee_id: UUID


class MentorshipStarted(MentorshipState, type="membership.mentorship.started", subject="mentorship_id"):
    """The other one has accepted, or it goes on after an appeal."""


class MentorshipCompleted(MentorshipState, type="membership.mentorship.completed", subject="mentorship_id"):
    """Its weeks are over, or both agreed to end it early."""


class MentorshipEnded(MentorshipState, type="membership.mentorship.ended", subject="mentorship_id"):
    """It ended before its time without both agreeing."""

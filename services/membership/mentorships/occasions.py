"""What happens to mentorships and is told to one of the two without a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion

News = Literal["offered", "asked", "declined", "lapsed", "to_complete", "feedback"]


@dataclass(frozen=True, slots=True)
class MentorshipNews:
    """What the member `to` is told of what `by` did, the other one; None: what they were told last is to be answered no more.

    `version` grows with each change of the mentorship.
    """

    mentorship_id: UUID
    community_id: UUID
    version: int
    what: News | None
    to: UUID
    by: UUID
    at: datetime


mentorship_moved: Occasion[MentorshipNews, None] = Occasion("a mentorship moved")
"""Somebody proposes one, declines it, lets it lapse, asks to complete it, says how it was; or takes back what they asked."""


@dataclass(frozen=True, slots=True)
class ProposalsLapsed:
    """Proposals that wait for nobody's answer any more: the version of each after that."""

    versions: Mapping[UUID, int]
    at: datetime


proposals_lapsed: Occasion[ProposalsLapsed, None] = Occasion("proposals of mentorships lapsed")
"""Of one of the two the membership ended before the proposal was answered."""

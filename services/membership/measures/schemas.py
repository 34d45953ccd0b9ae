"""Measures as answers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.web.schemas import MemberEmbed, ResponseModel
from services.membership.rule_sets.schemas import METRIC, OP, WINDOW


class MeasuredWindow(ResponseModel):
    """A window, both days inclusive, and the caller's figure in it.

    `asked`: the caller is held to it, as they were a member for all of it, at no time muted or suspended, and do not run the community.
    `kept`: they have done what the rule wants, so far. All three are null for those who are no members.
    """

    begins_on: date
    ends_on: date
    figure: int | None
    kept: bool | None
    asked: bool | None


class MeasurePublic(ResponseModel):
    """What a rule of the version in force wants of each member in each window, with the one that runs and the one before.

    `title` is the rule's, null where the caller does not read it yet. `short` counts the members who were short of it in the one before; it
    is null for those who do not run the community.
    """

    id: UUID
    code: str
    title: str | None = None
    metric: Annotated[str, METRIC]
    op: Annotated[str, OP]
    value: int
    window: Annotated[str, WINDOW]
    running: MeasuredWindow
    last: MeasuredWindow
    short: int | None


class ShortMember(ResponseModel):
    """A member who did not do what a rule wants in the last window, and what they did."""

    member: MemberEmbed
    figure: int
    begins_on: date
    ends_on: date

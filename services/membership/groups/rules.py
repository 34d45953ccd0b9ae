"""What may become of a group, and who may do it. Pure."""

from collections.abc import Collection, Mapping
from typing import Final, Literal

from chassis.locale import Locale

SMALLEST: Final = 2
LARGEST: Final = 200
"""Members of one group: who changes a group handles all of them at once."""
MOST_GROUPS: Final = 20
"""Groups that one member belongs to at the same time: what they read is asked for each of them."""
AT_ONCE: Final = 100
"""Members who are put in or taken out at once."""
STAND_IN: Final = "（内容审核中）Under review"
"""What a message says as a group's name until moderation has let through what was written."""
STAND_INS: Final[Mapping[Locale, str]] = {"zh-CN": "（内容审核中）", "en": "Under review"}
"""What others read in its place, in their language."""

Status = Literal["active", "dissolved"]
Ended = Literal["left", "taken_out", "membership_ended", "dissolved"]
"""Why somebody belongs to a group no more."""


def changes_it(*, roles: Collection[str], leads: bool) -> bool:
    """Whether somebody with these roles may change a group and take members out: its leader, and those who run the community."""
    return leads or bool({"owner", "operator"} & set(roles))


def ends(*, ends_empty: bool, members: int, for_good: bool) -> bool:
    """Whether a group that somebody left is dissolved: who forms groups and leaves them all makes no more than they may be in.

    `ends_empty`: a member formed it, and nobody who runs the community. `for_good`: nobody brings back who left.
    """
    return ends_empty and members == 0 and for_good


def joining_refusal(
    *,
    dissolved: bool,
    members: int,
    capacity: int,
    of_cohort: bool,
    belongs_to: int,
    in_other_of_grouping: bool,
) -> str | None:
    """The problem code with which becoming one of a group would be refused, to somebody who is not in it.

    `of_cohort`: whether the group is of no cohort, or of theirs; `belongs_to`: to how many groups they belong; `in_other_of_grouping`:
    whether they are in another of the groups that were balanced together with it.
    """
    if dissolved:
        return "illegal_transition"
    if not of_cohort:
        return "group_of_cohort"
    if in_other_of_grouping:
        return "already_grouped"
    if belongs_to >= MOST_GROUPS:
        return "too_many_groups"
    return "group_full" if members >= capacity else None

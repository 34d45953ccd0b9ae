"""Refusals of discussions."""

from chassis.problems import FieldError, ProblemType
from services.content.discussions import rules

NOT_MERGEABLE = ProblemType(
    rules.NOT_MERGEABLE, 409, en="Announcements and polls are not merged", zh="公告和投票不能合并"
)
NO_TARGET = FieldError(
    "/into_id",
    "no_target",
    "It is no topic, question or request for help of this community that can be seen.",
    "不是该社群中可见的话题、问题或求助。",
)
OF_ANOTHER_GROUP = FieldError(
    "/into_id",
    "of_another_group",
    "Only what stands in the same group is merged.",
    "只有同一小组内的内容才能合并。",
)
NOT_UNNAMED = FieldError(
    "/unnamed",
    "not_allowed",
    "Only questions are unnamed, where the community allows it.",
    "仅问题可匿名，且须社群允许。",
)
INTO_ITSELF = FieldError("/into_id", "into_itself", "It would be merged into itself.", "不能合并到自身。")

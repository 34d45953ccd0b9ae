"""Refusals of this feature."""

from chassis.problems import ProblemType

MUTED_LATELY = ProblemType(
    "muted_lately",
    409,
    en="The member was muted within the last 7 days; open a case instead",
    zh="该成员 7 天内已被禁言过，请改为立案处理",
)

"""Refusals of this feature."""

from chassis.problems import ProblemType

MUTED_LATELY = ProblemType(
    "muted_lately",
    409,
    en="The member was muted within the last 7 days; open a case instead",
    zh="该成员 7 天内已被禁言过，请改为立案处理",
)
MUTED_BY_PENALTY = ProblemType(
    "muted_by_penalty", 409, en="A penalty mutes the member; lift that instead", zh="该成员因处罚被禁言，请撤销处罚"
)

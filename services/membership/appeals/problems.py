"""The refusals of appeals."""

from chassis.problems import ProblemType

ALREADY_APPEALED = ProblemType(
    "already_appealed",
    409,
    en="There is one appeal against a thing, and it was lodged",
    zh="该处理已提交过申诉，每项仅可申诉一次",
)
TOO_LATE_TO_APPEAL = ProblemType(
    "too_late_to_appeal",
    409,
    en="The 14 days in which this could be appealed against are over",
    zh="已超过 14 天的申诉期限",
)
NOTHING_TO_APPEAL = ProblemType(
    "nothing_to_appeal",
    409,
    en="It has been taken back already, or another thing took its place",
    zh="该处理已被撤销或已被其他处理取代",
)
ALREADY_ASKED = ProblemType(
    "already_asked", 409, en="The member has been asked already", zh="已向成员提问过，每次申诉仅可提问一次"
)
OTHERS_MAY_DECIDE = ProblemType(
    "others_may_decide", 409, en="Somebody who runs the community may decide this", zh="社群中仍有其他人可以裁决该申诉"
)
NO_REVIEWER = ProblemType(
    "no_reviewer",
    422,
    en="A reviewer is an active person of the company who is no member of the community",
    zh="评审人须为在职且不属于该社群的人员",
)

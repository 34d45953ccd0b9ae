"""Refusals of awards by hand."""

from chassis.problems import FieldError, ProblemType

BUDGET_SPENT = ProblemType(
    "award_budget_spent", 409, en="Not so much is left of this month's budget", zh="本月的奖励额度不足"
)
NO_APPROVER = ProblemType(
    "no_approver", 409, en="Nobody else here can approve so many points", zh="没有其他负责人可以审批这么多积分"
)
AWARD_DECIDED = ProblemType("award_decided", 409, en="The award is decided already", zh="该奖励已处理")
MEMBER_GONE = ProblemType("member_gone", 409, en="Who is to get it has left", zh="该成员已离开社群")
NO_CITATION = ProblemType(
    "no_citation", 409, en="The award has no citation that you could allow", zh="该奖励没有可公开的颁奖词"
)
NO_MEMBER = FieldError("/member_id", "unknown_member", "No member of this community has it.", "该社群没有这位成员。")

"""What only applications refuse."""

from chassis.problems import ProblemType

QUOTA_FULL = ProblemType("quota_full", 409, en="Every seat is taken", zh="名额已满")
STEPS_REMAINING = ProblemType(
    "steps_remaining", 409, en="Steps of the campaign remain before it", zh="尚有未完成的招募环节"
)
ALREADY_APPLIED = ProblemType(
    "already_applied", 409, en="There is an application to this campaign already", zh="已申请过该招募"
)
COOL_OFF = ProblemType("cool_off", 409, en="Apply again after the cool-off", zh="被拒后须过冷静期方可再次申请")
NOT_IN_AUDIENCE = ProblemType("not_in_audience", 403, en="The campaign is for employees", zh="该招募仅面向在职员工")
ANSWERS_INVALID = ProblemType("answers_invalid", 422, en="The answers do not fit the form", zh="答案不符合表单要求")
UNKNOWN_CHANNEL = ProblemType("unknown_channel", 422, en="The campaign has no such channel", zh="该招募没有此渠道")
RETURN_EXPIRED = ProblemType("return_expired", 409, en="The time to complete it is over", zh="补充材料的期限已过")
DECLINE_PERIOD_OVER = ProblemType(
    "decline_period_over", 409, en="A seat is declined within 7 days", zh="放弃名额须在录取后 7 天内"
)
REVIEW_ALREADY_REQUESTED = ProblemType(
    "review_already_requested", 409, en="A review was requested already", zh="已申请过人工复核"
)

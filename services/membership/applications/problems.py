"""What only applications refuse."""

from chassis.problems import ProblemType

QUOTA_FULL = ProblemType("quota_full", 409, en="All seats are taken", zh="名额已满")
STEPS_REMAINING = ProblemType(
    "steps_remaining", 409, en="Steps of the campaign remain before this one", zh="尚有未完成的招募环节"
)
ALREADY_APPLIED = ProblemType(
    "already_applied", 409, en="You have already applied to this campaign", zh="已申请过该招募"
)
COOL_OFF = ProblemType("cool_off", 409, en="Apply again after the cool-off period", zh="未通过后须过冷静期才能再次申请")
NOT_IN_AUDIENCE = ProblemType(
    "not_in_audience", 403, en="The campaign is for employees only", zh="该招募仅面向在职员工"
)
UNKNOWN_CHANNEL = ProblemType("unknown_channel", 422, en="The campaign has no such channel", zh="该招募没有此渠道")
RETURN_EXPIRED = ProblemType(
    "return_expired", 409, en="The time to complete the application is over", zh="补充材料的期限已过"
)
DECLINE_PERIOD_OVER = ProblemType(
    "decline_period_over", 409, en="The 7 days to decline the seat are over", zh="放弃名额的 7 天期限已过"
)
REVIEW_ALREADY_REQUESTED = ProblemType(
    "review_already_requested", 409, en="A review was already requested", zh="已申请过人工复核"
)

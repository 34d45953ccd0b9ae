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
SCORECARDS_MISSING = ProblemType(
    "scorecards_missing",
    409,
    en="At least two scorecards must be handed in first",
    zh="须先提交至少两份评分表",
)
INTERVIEW_AHEAD = ProblemType(
    "interview_ahead",
    409,
    en="The applicant is expected for an interview; hold or cancel it first",
    zh="申请人尚有约定的面谈；请先进行或取消",
)

APPROVAL_MISSING = ProblemType(
    "approval_missing", 409, en="The applicant's manager has not approved it yet", zh="申请人的部门负责人尚未审批"
)
APPROVAL_REFUSED = ProblemType(
    "approval_refused", 409, en="The applicant's manager has refused it", zh="申请人的部门负责人未予批准"
)
TEST_MISSING = ProblemType("test_missing", 409, en="The applicant has not handed the test in yet", zh="申请人尚未交卷")
TEST_UNGRADED = ProblemType("test_ungraded", 409, en="Answers of the test are not graded yet", zh="测试尚有答案未评分")
STEP_UNFINISHED = [
    APPROVAL_MISSING,
    APPROVAL_REFUSED,
    INTERVIEW_AHEAD,
    SCORECARDS_MISSING,
    TEST_MISSING,
    TEST_UNGRADED,
]
"""What a step may lack still, when somebody would move on from it."""

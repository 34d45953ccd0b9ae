"""The refusals of tests."""

from chassis.problems import ProblemType

NOT_OPEN_YET = ProblemType("not_open_yet", 409, en="The test is not open yet", zh="测试尚未开放")
WINDOW_CLOSED = ProblemType("window_closed", 409, en="The time for the test is over", zh="测试的开放时间已过")
ATTEMPTS_USED = ProblemType("attempts_used", 409, en="All attempts have been used", zh="测试次数已用完")
TAKEN_OVER = ProblemType(
    "taken_over", 409, en="Another client has taken the attempt over", zh="该次作答已由另一客户端接管"
)
ATTEMPT_OVER = ProblemType(
    "attempt_over",
    409,
    en="The attempt has been handed in: nothing is taken any more",
    zh="该次作答已交卷，不再接受答案",
)
NO_TIME_LEFT = ProblemType(
    "no_time_left",
    409,
    en="Nothing of its time is left: give extra time first",
    zh="该次作答已无剩余时间，请先延长时间",
)
NOTHING_TO_GRADE = ProblemType(
    "nothing_to_grade",
    409,
    en="People grade short texts that were answered, after the handing in",
    zh="仅已交卷且已作答的简答题需要人工评分",
)
REGRADE_UNDER_WAY = ProblemType(
    "regrade_under_way", 409, en="Another correction is not decided yet", zh="另一次更正尚未处理完成"
)
ANSWERS_REFUSED = ProblemType(
    "answers_refused", 422, en="Some answers do not fit their questions", zh="部分答案与题目不符"
)

"""Refusals of this feature."""

from chassis.problems import ProblemType

SECOND_FACTOR_NEEDED = ProblemType(
    "second_factor_needed", 401, en="Send a code of your second factor too", zh="请同时提供两步验证码"
)
SECOND_FACTOR_FAILED = ProblemType(
    "second_factor_failed", 401, en="The code is wrong, or was used before", zh="验证码错误或已使用过"
)
NO_SECOND_FACTOR = ProblemType("no_second_factor", 409, en="There is no second factor", zh="尚未开启两步验证")

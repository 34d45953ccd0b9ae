"""Refusals of this feature."""

from chassis.problems import ProblemType

ACCOUNT_INACTIVE = ProblemType("account_inactive", 401, en="The account is not active", zh="账号未启用或已停用")
REFRESH_INVALID = ProblemType("refresh_invalid", 401, en="Log in again", zh="登录已失效，请重新登录")
REFRESH_REUSED = ProblemType(
    "refresh_reused",
    401,
    en="The session was ended because its token was used twice",
    zh="刷新令牌被重复使用，会话已终止",
)

"""Refusals of this feature."""

from chassis.problems import ProblemType

LOGIN_FAILED = ProblemType("login_failed", 401, en="The login or the password is wrong", zh="账号或密码错误")
LOGIN_MUST_WAIT = ProblemType(
    "login_must_wait", 429, en="Too many failed log-ins; wait a little", zh="登录失败次数过多，请稍后再试"
)
ACCOUNT_INACTIVE = ProblemType("account_inactive", 401, en="The account is not active", zh="账号未启用或已停用")
REFRESH_INVALID = ProblemType("refresh_invalid", 401, en="Log in again", zh="登录已失效，请重新登录")
REFRESH_REUSED = ProblemType(
    "refresh_reused",
    401,
    en="The session was ended because its token was used twice",
    zh="刷新令牌被重复使用，会话已终止",
)
CODE_INVALID = ProblemType(
    "code_invalid", 422, en="The code is wrong, used or too old", zh="验证码错误、已使用或已过期"
)
ALREADY_ACTIVATED = ProblemType("already_activated", 409, en="The account has a password already", zh="账号已激活")
NOT_ACTIVATED = ProblemType("not_activated", 409, en="The account has no password yet", zh="账号尚未激活")

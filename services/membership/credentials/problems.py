"""Refusals of this feature."""

from chassis.problems import ProblemType

LOGIN_FAILED = ProblemType("login_failed", 401, en="The login or the password is wrong", zh="账号或密码错误")
LOGIN_MUST_WAIT = ProblemType(
    "login_must_wait", 429, en="Too many failed log-ins; try again later", zh="登录失败次数过多，请稍后再试"
)
CODE_INVALID = ProblemType(
    "code_invalid", 422, en="The code is wrong, used or expired", zh="验证码错误、已使用或已过期"
)
ALREADY_ACTIVATED = ProblemType("already_activated", 409, en="The account already has a password", zh="账号已激活")
NO_MAIL = ProblemType("no_mail", 409, en="This installation sends no mail", zh="本系统未设置邮件服务")
NO_ADDRESS = ProblemType(
    "no_address", 409, en="The person has no e-mail address that mail arrives at", zh="此人没有可送达的邮箱地址"
)
NOT_ACTIVATED = ProblemType("not_activated", 409, en="The account has no password yet", zh="账号尚未激活")

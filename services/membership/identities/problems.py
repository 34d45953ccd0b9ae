"""Refusals of this feature."""

from chassis.problems import ProblemType

IDENTITY_TAKEN = ProblemType(
    "identity_taken", 409, en="This company account is linked to somebody already", zh="该公司账号已绑定其他人员"
)
LAST_WAY_IN = ProblemType(
    "last_way_in",
    409,
    en="Set a password first: there is no other way to log in",
    zh="请先设置密码：解除后将无法登录",
)

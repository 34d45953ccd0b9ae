"""Refusals of this feature."""

from chassis.problems import ProblemType

ACCOUNT_PROTECTED = ProblemType(
    "account_protected", 403, en="Only an administrator may change this account", zh="该账号只能由平台管理员修改"
)
LAST_ADMIN = ProblemType(
    "last_admin", 409, en="The last administrator cannot be removed", zh="不能移除最后一名平台管理员"
)

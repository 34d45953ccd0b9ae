"""Refusals of this feature."""

from chassis.problems import ProblemType

IDENTIFIER_TAKEN = ProblemType(
    "identifier_taken", 409, en="Somebody else has this e-mail, phone or number", zh="邮箱、手机号或工号已被他人使用"
)
NOT_IDENTIFIED = ProblemType(
    "not_identified",
    422,
    en="A person needs an e-mail, a phone or an employee number",
    zh="邮箱、手机号、工号至少填写一项",
)
UNKNOWN_DEPARTMENT = ProblemType("unknown_department", 422, en="There is no such department", zh="部门不存在")
ACCOUNT_PROTECTED = ProblemType(
    "account_protected", 403, en="This account can only be changed by an administrator", zh="该账号只能由平台管理员修改"
)
LAST_ADMIN = ProblemType(
    "last_admin", 409, en="The last administrator cannot be taken away", zh="不能移除最后一名平台管理员"
)

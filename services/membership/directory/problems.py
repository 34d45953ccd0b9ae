"""Refusals of this feature."""

from chassis.problems import ProblemType

NOT_IDENTIFIED = ProblemType(
    "not_identified",
    422,
    en="A person needs an e-mail, a phone or an employee number",
    zh="邮箱、手机号、工号至少填写一项",
)

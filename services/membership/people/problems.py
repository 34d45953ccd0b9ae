"""Refusals of this feature."""

from chassis.problems import ProblemType

IDENTIFIER_TAKEN = ProblemType(
    "identifier_taken",
    409,
    en="Another person has this e-mail, phone or employee number",
    zh="邮箱、手机号或工号已被他人使用",
)

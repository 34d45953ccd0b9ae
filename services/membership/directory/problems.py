"""Refusals of this feature."""

from chassis.problems import FieldError, ProblemType

NOT_IDENTIFIED = ProblemType(
    "not_identified",
    422,
    en="A person needs an e-mail, a phone or an employee number",
    zh="邮箱、手机号、工号至少填写一项",
)
ONLY_ACTIVATIONS = FieldError(
    "/by", "only_activations", "Only activation codes go by mail.", "只有激活码可以通过邮件发送。"
)

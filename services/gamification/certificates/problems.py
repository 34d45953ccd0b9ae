"""Refusals of certificates."""

from chassis.problems import FieldError, ProblemType

UNKNOWN_MEMBER = ProblemType("unknown_member", 422, en="The community has no such member", zh="该社群没有该成员")
TEMPLATE_ARCHIVED = ProblemType(
    "certificate_template_archived",
    409,
    en="The template is archived: nothing is issued by it",
    zh="证书模板已归档，不能再颁发",
)
ALREADY_REVOKED = ProblemType("certificate_revoked", 409, en="The certificate is revoked already", zh="证书已被撤销")
NO_SUBJECT = FieldError(
    "/subject", "missing", "Say in one language at least what it is for.", "请至少用一种语言说明证书授予的内容。"
)
TOMORROW = FieldError("/earned_on", "not_yet", "It is after the community's today.", "晚于社群的今天。")

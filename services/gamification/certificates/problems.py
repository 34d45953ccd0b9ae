"""Refusals of certificates."""

from chassis.problems import FieldError, ProblemType

UNKNOWN_MEMBER = ProblemType("unknown_member", 422, en="The community has no such member", zh="该社群没有该成员")
TEMPLATE_ARCHIVED = ProblemType(
    "certificate_template_archived",
    409,
    en="The template is archived: nothing is issued by it",
    zh="证书模板已归档，不能再颁发",
)
TOO_MANY_TEMPLATES = ProblemType(
    "too_many_certificate_templates",
    409,
    en="The community has as many certificate templates in use as it can have",
    zh="社群启用的证书模板数量已达上限",
)
ALREADY_REVOKED = ProblemType("certificate_revoked", 409, en="The certificate is revoked", zh="证书已被撤销")
FOLLOWS_BY_ITSELF = ProblemType(
    "certificate_follows", 409, en="Certificates by this template follow by themselves", zh="该模板的证书由系统自动颁发"
)
ABOUT_MISFIT = FieldError(
    "/about",
    "does_not_fit",
    "An activity certificate is about an activity, a series or a kind, or about all; one of a level names the level; others say nothing.",
    "活动证书可限定活动、系列、活动类型或不限定；等级证书须指明等级；其他证书不填写此项。",
)
NO_SUBJECT = FieldError(
    "/subject", "missing", "Say in one language at least what it is for.", "请至少用一种语言说明证书授予的内容。"
)
TOMORROW = FieldError("/earned_on", "not_yet", "It is after the community's today.", "晚于社群的今天。")

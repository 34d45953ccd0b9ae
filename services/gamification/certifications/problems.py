"""Refusals of certifications."""

from chassis.problems import FieldError, ProblemType

UNKNOWN_TEMPLATE = ProblemType(
    "unknown_certificate_template",
    422,
    en="The community has no such template for certifications that is in use",
    zh="该社群没有可用于持证的该证书模板",
)
TOO_MANY_CERTIFICATIONS = ProblemType(
    "too_many_certifications",
    409,
    en="The community asks for as many certifications as it can",
    zh="社群的持证要求数量已达上限",
)
MONTHS_OR_WINDOW = FieldError(
    "/valid_months", "months_or_window", "Give either valid_months or window.", "请给出 valid_months 或 window 之一。"
)

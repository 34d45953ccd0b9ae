"""Refusals of this feature."""

from chassis.problems import ProblemType

PRIVACY_NOTICE_NOT_AGREED = ProblemType(
    "privacy_notice_not_agreed",
    422,
    en="Agree to the current privacy notice first",
    zh="请先阅读并同意现行的隐私声明",
)

"""Refusals of reports."""

from chassis.problems import FieldError, ProblemType

TOO_MANY_REPORTS = ProblemType(
    "too_many_reports",
    409,
    en="Too many reports of this community are being made; wait for one",
    zh="该社群正在生成的报告过多，请等待其中一份完成",
)
REPORT_NOT_READY = ProblemType(
    "report_not_ready", 409, en="The report is still being made, or could not be", zh="报告尚在生成，或未能生成"
)

BACKWARDS = FieldError("/to", "before_from", "It is before `from`.", "早于 `from`。")
NOT_OVER = FieldError("/to", "not_yet", "It is after the community's today.", "晚于社群的今天。")


def too_long(days: int, most: int) -> FieldError:
    """More days than a report is about."""
    return FieldError(
        "/to",
        "too_long",
        f"A report is about at most {most} days, not {days}.",
        f"报告最多涵盖 {most} 天，而非 {days} 天。",
    )

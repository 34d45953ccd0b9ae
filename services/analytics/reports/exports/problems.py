"""Refusals of exports."""

from chassis.problems import FieldError, ProblemType

TOO_MANY_EXPORTS = ProblemType(
    "too_many_exports",
    409,
    en="Too many exports of yours are being written; wait for one or cancel it",
    zh="您正在进行的导出过多，请等待或取消其中一个",
)
EXPORT_NOT_READY = ProblemType(
    "export_not_ready", 409, en="The export is still being written, or could not be", zh="导出尚未完成，或未能完成"
)
EXPORT_GONE = ProblemType("export_gone", 410, en="The file was deleted; export it again", zh="文件已删除，请重新导出")

NO_CODE = FieldError("/code", "missing", "Name the metric.", "请指明指标。")
NOT_OF_MEMBERS = FieldError(
    "/subject",
    "not_of_members",
    "`code`, `grain`, `group_by` and `working` are for a metric alone.",
    "code、grain、group_by、working 仅用于导出指标。",
)
UNKNOWN_CODE = FieldError("/code", "unknown_metric", "There is no metric of this code.", "没有该编码的指标。")
BACKWARDS = FieldError("/to", "before_from", "It is before `from`.", "早于 `from`。")


def too_long(days: int, most: int) -> FieldError:
    """More days than are exported at once."""
    return FieldError(
        "/to", "too_long", f"These are {days} days; at most {most} are exported.", f"共 {days} 天，最多导出 {most} 天。"
    )

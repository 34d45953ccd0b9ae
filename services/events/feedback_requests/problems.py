"""Refusals of feedback requests."""

from chassis.problems import FieldError, ProblemType

FEEDBACK_CLOSED = ProblemType("feedback_closed", 409, en="Nobody can answer now", zh="当前不能作答")
NO_COLLEAGUE = FieldError(
    "/member_ids", "unknown_member", "Nobody else in this community has it.", "该社群没有这位其他成员。"
)
NOT_EACH = FieldError("/answers", "not_each", "Each question has one answer.", "每个问题须有一个回答。")
IN_THE_PAST = FieldError("/closes_at", "in_the_past", "It is in the past.", "时间已过。")

"""Refusals of kudos."""

from chassis.problems import FieldError, ProblemType

KUDOS_SPENT = ProblemType("kudos_spent", 409, en="No kudos are left for today", zh="今天的认可次数已用完")
NO_COLLEAGUE = FieldError(
    "/receiver_id", "unknown_member", "Nobody else in this community has it.", "该社群没有这位其他成员。"
)
YOURSELF = FieldError("/receiver_id", "yourself", "Nobody gives kudos to themselves.", "不能认可自己。")
VALUE_MISSING = FieldError("/value_code", "missing", "Name a value of the charter.", "请选择一项章程价值观。")
UNKNOWN_VALUE = FieldError(
    "/value_code", "unknown_value", "The charter of this community has no such value.", "该社群的章程没有这项价值观。"
)

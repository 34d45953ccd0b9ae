"""Refusals of registrations."""

from chassis.problems import FieldError, ProblemType

REGISTRATION_CLOSED = ProblemType("registration_closed", 409, en="Nobody can register now", zh="当前不能报名")
TOO_LATE_TO_CANCEL = ProblemType(
    "too_late_to_cancel", 409, en="The seat can no longer be given back", zh="已过取消报名的时间"
)
OFFER_OVER = ProblemType("offer_over", 409, en="The seat is no longer offered", zh="候补名额已过期")
NO_MEMBER = FieldError("/member_ids", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")

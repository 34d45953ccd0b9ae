"""Refusals of registrations."""

from chassis.problems import FieldError, ProblemType

REGISTRATION_CLOSED = ProblemType("registration_closed", 409, en="Nobody can register now", zh="当前不能报名")
TOO_LATE_TO_CANCEL = ProblemType(
    "too_late_to_cancel", 409, en="The seat can no longer be given back", zh="已过取消报名的时间"
)
OFFER_OVER = ProblemType("offer_over", 409, en="The seat is no longer offered", zh="候补名额已过期")
NO_MEMBER = FieldError("/member_ids", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
NOT_ELIGIBLE = ProblemType("not_eligible", 403, en="This activity is for other members", zh="不符合该活动的参加条件")
FORM_CHANGED = ProblemType(
    "form_changed", 409, en="The activity asks something else by now", zh="报名表已更新，请重新填写"
)
FORM_TO_ANSWER = ProblemType(
    "form_to_answer",
    409,
    en="It asks something of who registers: register for it by itself",
    zh="该场次需填写报名表，请单独报名",
)
NOTHING_ASKED = FieldError("/answers", "nothing_asked", "The activity asks nothing.", "该活动没有报名表。")
ANSWERS_TOO_LARGE = FieldError("", "too_large", "At most 8 KiB.", "最多 8 KiB。")

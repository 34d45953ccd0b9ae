"""Refusals of attendances."""

from chassis.problems import FieldError, ProblemType

NOT_AT_THE_DOOR = ProblemType(
    "not_at_the_door", 422, en="The code or ticket is not valid now", zh="签到码或凭证当前无效"
)
DOORS_CLOSED = ProblemType("doors_closed", 409, en="Nobody can check in now", zh="当前不能签到")
NOT_REGISTERED = ProblemType(
    "not_registered", 409, en="You have no seat: say that you come without one", zh="尚未报名：请确认以未报名身份参加"
)
NO_MEMBER = FieldError("/member_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
UNTIL_OUTSIDE = FieldError(
    "/until",
    "outside",
    "That is not after they came and while the activity took place.",
    "该时间不在到场之后、活动进行期间。",
)
OUTSIDE = FieldError("/at", "outside", "That is not while the activity took place.", "该时间不在活动进行期间。")

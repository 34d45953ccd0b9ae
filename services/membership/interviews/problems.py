"""What only interviews refuse."""

from chassis.problems import ProblemType

SLOT_TAKEN = ProblemType("slot_taken", 409, en="Somebody else has chosen this time", zh="该时段已被他人选定")
ALREADY_CHOSEN = ProblemType(
    "already_chosen",
    409,
    en="You have chosen a time already; give that one up first",
    zh="已选定面谈时间；请先放弃原时段",
)
TOO_LATE_TO_GIVE_UP = ProblemType(
    "too_late_to_give_up",
    409,
    en="An interview can be given up until 24 hours before it begins",
    zh="面谈开始前 24 小时内不能放弃",
)
INTERVIEWER_BUSY = ProblemType(
    "interviewer_busy", 409, en="An interviewer has another interview at that time", zh="面谈人在该时段另有面谈"
)
UNKNOWN_INTERVIEWER = ProblemType(
    "unknown_interviewer", 422, en="This person does not interview for the campaign", zh="该人员不是本次招募的面谈人"
)
APPLIES_THEMSELVES = ProblemType(
    "applies_themselves",
    409,
    en="This person has an application in the campaign, and cannot interview the others",
    zh="该人员在本次招募中有申请，不能面谈其他申请人",
)
TOO_MANY_INTERVIEWS = ProblemType(
    "too_many_interviews", 409, en="The campaign has as many of these as it may have", zh="本次招募的数量已达上限"
)
STEP_NOT_LISTED = ProblemType("step_not_listed", 409, en="The campaign has no such step", zh="本次招募没有此环节")

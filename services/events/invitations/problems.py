"""Why a speaker has no link."""

from chassis.problems import ProblemType

SPEAKER_LOGS_IN = ProblemType(
    "speaker_logs_in",
    409,
    en="The speaker belongs to the company and logs in as ever",
    zh="该讲师是公司人员，直接登录即可",
)
INVITATION_OVER = ProblemType(
    "invitation_over", 409, en="The time in which the speaker could come in is over", zh="讲师可进入的时间已结束"
)

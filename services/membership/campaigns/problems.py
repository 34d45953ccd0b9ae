"""What only campaigns refuse."""

from chassis.problems import ProblemType

CAMPAIGN_INCOMPLETE = ProblemType(
    "campaign_incomplete", 409, en="The campaign is not complete enough to open", zh="招募信息不完整，尚不能开放"
)
CAMPAIGN_RUNNING = ProblemType(
    "campaign_running", 409, en="This cannot be changed while the campaign runs", zh="招募进行中，该项不能修改"
)
CAMPAIGN_NOT_OPEN = ProblemType(
    "campaign_not_open", 409, en="The campaign does not accept applications yet", zh="招募尚未开始"
)
CAMPAIGN_CLOSED = ProblemType("campaign_closed", 409, en="The campaign no longer accepts applications", zh="招募已结束")
TAKES_NO_HISTORY = ProblemType(
    "takes_no_history",
    409,
    en="A campaign takes a history while it is open or closed, or as a draft that is over",
    zh="招募进行中、已截止，或草稿的起止时间已过，方可导入历史",
)
QUOTA_BELOW_SEATS = ProblemType(
    "quota_below_seats", 409, en="The quota may not be below the seats already taken", zh="名额不能少于已录取人数"
)

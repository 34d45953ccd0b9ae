"""What only campaigns refuse."""

from chassis.problems import ProblemType

CAMPAIGN_INCOMPLETE = ProblemType(
    "campaign_incomplete", 409, en="Something is missing before the campaign can open", zh="招募开放条件尚不完整"
)
CAMPAIGN_RUNNING = ProblemType(
    "campaign_running", 409, en="Applicants rely on this while the campaign runs", zh="招募进行中，该项不可修改"
)
CAMPAIGN_NOT_OPEN = ProblemType(
    "campaign_not_open", 409, en="The campaign does not take applications yet", zh="招募尚未开始"
)
CAMPAIGN_CLOSED = ProblemType("campaign_closed", 409, en="The campaign takes no more applications", zh="招募已结束")
QUOTA_BELOW_SEATS = ProblemType(
    "quota_below_seats", 409, en="More seats are taken already", zh="名额不能少于已录取人数"
)
FORM_REFUSED = ProblemType(
    "form_refused", 422, en="The form is not a harmless JSON Schema", zh="表单不是安全有效的 JSON Schema"
)

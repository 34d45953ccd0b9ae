"""What is refused about check-in plans."""

from typing import Final

from chassis.problems import FieldError, ProblemType
from services.gamification.plans.rules import MOST_CELLS, MOST_COMMENTS, MOST_PARTICIPANTS

PLAN_STARTED = ProblemType(
    "plan_started", 409, en="The plan has begun: this stays as it is", zh="打卡营已开始，此项不能再改"
)
PLAN_OVER = ProblemType("plan_over", 409, en="The plan is over or cancelled", zh="打卡营已结束或已取消")
PLAN_FULL = ProblemType(
    "plan_full", 409, en=f"{MOST_PARTICIPANTS} members take part already", zh=f"已有 {MOST_PARTICIPANTS} 人参加"
)
NOT_OF_COHORT = ProblemType("not_of_cohort", 409, en="The plan is for another cohort", zh="该打卡营面向其他批次的成员")

NOT_OPEN = ProblemType("plan_day_not_open", 409, en="This day cannot be handed in again", zh="该日打卡不能重新提交")
EVIDENCE_MISSING = ProblemType("evidence_missing", 409, en="The plan requires other evidence", zh="不符合打卡营的要求")
TOO_MANY_COMMENTS = ProblemType(
    "too_many_comments", 409, en=f"It has {MOST_COMMENTS} comments already", zh=f"已有 {MOST_COMMENTS} 条评论"
)

NO_REASON: Final = FieldError("/reason", "missing", "Say why it is returned.", "请说明退回的原因。")
NEEDLESS_REASON: Final = FieldError(
    "/reason", "needless", "A reason is given for what is returned.", "仅退回时填写原因。"
)
UNKNOWN_COHORT: Final = FieldError(
    "/cohort_id", "unknown_cohort", "Nobody here is or was in this cohort.", "本社群无人属于该批次。"
)
NO_DAYS: Final = FieldError(
    "/ends_on", "no_days", "None of its days falls into this time.", "此期间内没有需要打卡的日子。"
)
IN_THE_PAST: Final = FieldError(
    "/starts_on", "in_the_past", "A plan begins today or later.", "打卡营须从今天或以后开始。"
)
TOO_MANY_DAYS: Final = FieldError(
    "#/query/from",
    "too_many_days",
    f"A file has at most {MOST_CELLS} days of participants: ask for fewer days with `from` and `to`.",
    f"一个文件最多包含 {MOST_CELLS} 个参与者打卡日，请用 from 和 to 缩小日期范围。",
)

"""Refusals of goals."""

from typing import Final

from chassis.problems import FieldError, ProblemType
from services.analytics.goals.rules import MOST_LEVELS

MOST_RUNNING: Final = 200
"""Goals of one community that run at once."""

GOALS_FULL = ProblemType("goals_full", 409, en="Too many goals run at once", zh="同时进行的目标过多")

NO_OWNER = FieldError("/owner_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
NO_PERSON = FieldError("/owner_id", "missing", "Say which member owns the goal.", "请指明由哪位成员负责该目标。")
ENDS_BEFORE = FieldError("/due_on", "before_start", "It is before `starts_on`.", "早于 `starts_on`。")
OVER = FieldError("/due_on", "over", "This day is over.", "该日期已过。")
TOO_LONG = FieldError("/due_on", "too_long", "A goal runs for at most five years.", "目标最长为五年。")
IN_CIRCLE = FieldError("/parent_id", "in_circle", "This goal stands above it already.", "该目标已是其上级目标。")
TOO_DEEP = FieldError(
    "/parent_id",
    "too_deep",
    f"At most {MOST_LEVELS} goals stand below one another.",
    f"目标最多分为 {MOST_LEVELS} 级。",
)
PARENT_OVER = FieldError(
    "/parent_id", "not_running", "A goal that is over has no new parts.", "已结束的目标不能再增加下级目标。"
)
UNKNOWN_METRIC = FieldError("/metric/code", "unknown_metric", "There is no such metric.", "没有该指标。")
NO_SUCH_GRAIN = FieldError(
    "/metric/grain", "no_such_grain", "The metric has no values of such periods.", "该指标没有这种周期的值。"
)
NO_SUCH_PART = FieldError("/metric/part", "no_such_part", "The metric has no such part.", "该指标没有这一部分。")
A_LIST = FieldError(
    "/metric/code",
    "no_one_value",
    "The metric lists what it finds; no goal is measured by that.",
    "该指标给出的是列表，不能用于衡量目标。",
)
NO_WORKING_TIME = FieldError(
    "/metric/working", "no_working_time", "The metric does not count working time.", "该指标不按工作时间计算。"
)
NO_TARGET = FieldError("/target", "missing", "Say what is to be reached.", "请指明要达到的数值。")
NO_SHARE = FieldError(
    "/target", "not_a_share", "The metric is a share: from 0 to 1.", "该指标为比例：须在 0 到 1 之间。"
)
PARTS_ADD_UP = FieldError(
    "/target",
    "percent",
    "A goal without a metric is measured by its parts, in percent: more than 0, at most 100.",
    "没有指标的目标按下级目标的完成度（百分比）衡量：须大于 0 且不超过 100。",
)
PARTS_GO_UP = FieldError(
    "/direction",
    "percent",
    "A goal without a metric goes up: it is measured by its parts.",
    "没有指标的目标按下级目标的完成度衡量，方向只能为 `up`。",
)
PARTS_START_AT_NOTHING = FieldError(
    "/baseline", "percent", "A goal without a metric starts at 0.", "没有指标的目标从 0 开始。"
)

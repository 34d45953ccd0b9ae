"""What stands in reports beside figures, in both languages."""

from typing import Any, Final

from chassis.locale import Locale

_SAID: Final[dict[str, tuple[str, str]]] = {
    "weekly": ("运营周报", "Weekly report"),
    "asked": ("运营报告", "Report"),
    "overview": ("关键指标", "Figures"),
    "charts": ("走势与构成", "Over time"),
    "goals": ("目标", "Goals"),
    "insights": ("洞察与成效", "Insights and what came of them"),
    "waiting": ("待处理", "What waits"),
    "compared": ("对比", "compared with"),
    "before": ("上期", "Before"),
    "now": ("本期", "Now"),
    "metric": ("指标", "Figure"),
    "value": ("数值", "Value"),
    "change": ("变化", "Change"),
    "n": ("样本 n", "n"),
    "period": ("周期", "Period"),
    "goal": ("目标", "Goal"),
    "target": ("目标值", "Target"),
    "due": ("截止", "Due"),
    "state": ("状态", "State"),
    "progress": ("进度", "Progress"),
    "insight": ("洞察", "Insight"),
    "action": ("采取的行动", "What was changed"),
    "since": ("自", "Since"),
    "effect": ("成效", "Effect"),
    "queue": ("事项", "What"),
    "count": ("数量", "How many"),
    "oldest": ("最早", "Oldest"),
    "no_goals": ("此期间没有目标。", "There were no goals in these days."),
    "no_insights": ("此期间没有采取过行动的洞察。", "No insight was acted upon in these days."),
    "nothing_waits": ("没有待处理的事项。", "Nothing waits."),
    "not_yet": ("尚不能判断", "too early to say"),
    "staff_apart": (
        "除另有说明外，各项数据均不含运营人员；n 为该数值所依据的人数或次数，过小则不宜下结论。",
        "Those who run the community are not counted unless it says so. n is how many people or deeds a figure rests on: of few, conclude nothing.",
    ),
    "too_few": ("人数不足，未显示", "too few to show"),
    "none": ("未填写", "none"),
    "others": ("其他", "others"),
    # Charts.
    "active_weeks": ("每周活跃成员", "Active members by week"),
    "written": ("发帖与回复", "Posts and replies"),
    "came_and_left": ("加入与离开", "Joined and left"),
    "lifecycle": ("成员构成", "New, returning and dormant members"),
    "by_department": ("各部门活跃率", "Activity rate by department"),
    "by_kind": ("各类活动满意度", "Satisfaction by kind of activity"),
    "by_tag": ("内容关注度（按标签）", "Interest in content by tag"),
    "activity_funnel": ("活动漏斗", "From announcement to attendance"),
    "recruitment_funnel": ("招募漏斗", "From visit to member"),
    # Steps, percentiles and states.
    "median": ("中位数", "median"),
    "p90": ("90% 在此之内", "90% within"),
    "new": ("新成员", "new"),
    "returning": ("持续活跃", "returning"),
    "resurrected": ("回流", "resurrected"),
    "dormant": ("沉默", "dormant"),
    "announced": ("已发布", "announced"),
    "registered": ("报名", "registered"),
    "attended": ("到场", "attended"),
    "satisfied": ("满意", "satisfied"),
    "visited": ("访问", "visited"),
    "applied": ("申请", "applied"),
    "accepted": ("录取", "accepted"),
    "contributed": ("首次贡献", "first contribution"),
    "first_contribution": ("首次贡献", "first contribution"),
    "active_on_day_30": ("第 30 天仍活跃", "active on day 30"),
    "active_day_30": ("第 30 天仍活跃", "active on day 30"),
    "acknowledged": ("已认领", "acknowledged"),
    "acting": ("改进中", "being acted upon"),
    "resolved": ("已解决", "resolved"),
    "dismissed": ("已忽略", "dismissed"),
    "on_track": ("正常", "on track"),
    "at_risk": ("有风险", "at risk"),
    "behind": ("落后", "behind"),
    "achieved": ("已达成", "achieved"),
    "missed": ("未达成", "missed"),
    # What waits.
    "new_insights": ("尚未认领的洞察", "New insights"),
    "effects_due": ("可评估成效的洞察", "Insights whose effect can be seen"),
    "unanswered": ("尚无回答的提问", "Questions without an answer"),
    "undecided": ("未决定的申请", "Applications without a decision"),
    "raised_by_hand": ("人工提出", "Raised by hand"),
}


def said(word: str, locale: Locale) -> str:
    """The word in a language; of what nobody has named here, itself."""
    both = _SAID.get(word)
    return word if both is None else both[0 if locale == "zh-CN" else 1]


def of_both(texts: Any, locale: Locale) -> str:
    """One of two texts that came as `zh` and `en`."""
    return str(texts["zh" if locale == "zh-CN" else "en"])

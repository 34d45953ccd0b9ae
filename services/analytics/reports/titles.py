"""What stands in reports beside figures, in both languages."""

from typing import Any, Final

from chassis.locale import Locale
from services.analytics.insights.wording import KINDS
from services.analytics.metrics.parts import PARTS

_SAID: Final[dict[str, tuple[str, str]]] = {
    # Steps and percentiles.
    **{code: (part.title.zh, part.title.en) for code, part in PARTS.items()},
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
    "member": ("成员", "member"),
    "left_member": ("已离开", "left"),
    # Columns of exports.
    "column code": ("编码", "code"),
    "column title": ("指标", "metric"),
    "column version": ("版本", "version"),
    "column unit": ("单位", "unit"),
    "column from": ("起", "from"),
    "column to": ("止", "to"),
    "column group": ("分组", "group"),
    "column group_name": ("分组名称", "group_name"),
    "column part": ("步骤", "part"),
    "column value": ("数值", "value"),
    "column n": ("样本 n", "n"),
    "column note": ("备注", "note"),
    "column member_id": ("成员编号", "member_id"),
    "column name": ("姓名", "name"),
    "column department": ("部门", "department"),
    "column status": ("状态", "status"),
    "column joined_on": ("加入日期", "joined_on"),
    "column active_days": ("活跃天数", "active_days"),
    "column deeds": ("行为数", "deeds"),
    "column posts": ("发帖与回复", "posts"),
    "column attended": ("参加活动", "attended"),
    "column spoke": ("分享", "spoke"),
    "column checked_in": ("打卡", "checked_in"),
    "column reacted": ("表态", "reacted"),
    "column source": ("活动", "source"),
    "column hours": ("学时", "hours"),
    "column taught_hours": ("授课学时", "taught_hours"),
    "column completion": ("完成度", "completion"),
    "column minutes": ("分钟", "minutes"),
    "column learned_on": ("日期", "learned_on"),
    "column read": ("阅读", "read"),
    # Charts.
    "active_weeks": ("每周活跃成员", "Active members by week"),
    "written": ("发帖与回复", "Posts and replies"),
    "came_and_left": ("加入与离开", "Joined and left"),
    "lifecycle": ("成员构成", "New, returning and dormant members"),
    "by_department": ("各部门活跃率", "Activity rate by department"),
    "by_kind": ("各类活动满意度", "Satisfaction by kind of activity"),
    "by_tag": ("内容关注度（按标签）", "Interest in content by tag"),
    "activity_funnel": ("活动漏斗", "From announcement to attendance"),
    "retention_week": ("每周加入者的留存（各周后仍活跃）", "Retention of those who joined in a week, by weeks"),
    "retention_month": ("每月加入者的留存（各月后仍活跃）", "Retention of those who joined in a month, by months"),
    "recruitment_funnel": ("招募漏斗", "From visit to member"),
    # States.
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
    # Insights.
    "raised": ("此期间发现的洞察", "Raised in these days"),
    "seen": ("发现", "What was seen"),
    "suggested": ("建议", "What could be done"),
    "severity": ("程度", "Severity"),
    "low": ("低", "low"),
    "medium": ("中", "medium"),
    "high": ("高", "high"),
    "insight new": ("未认领", "new"),
    "rose": ("上升", "rose"),
    "fell": ("下降", "fell"),
    "unchanged": ("基本不变", "unchanged"),
    "too_little_to_say": ("样本过少，不下结论", "too little to say"),
    "insight raised_by_hand": ("人工提出", "Raised by hand"),
    "insight activities_nobody_comes_to": ("少有人参加的活动", "Activities nobody comes to"),
    "insight content_nobody_finishes": ("少有人读完的内容", "Content nobody finishes"),
    "insight searches_without_answer": ("搜不到的主题", "Searches without an answer"),
    "insight questions_left_unanswered": ("未回答的问题", "Questions left unanswered"),
    "insight members_about_to_leave": ("可能流失的成员", "Members about to leave"),
    "insight channel_recruits_vanish": ("留不住新人的渠道", "A channel whose recruits vanish"),
    "insight points_inflation": ("积分通胀", "Inflation of points"),
}


def said(word: str, locale: Locale) -> str:
    """The word in a language; of what nobody has named here, itself."""
    both = _SAID.get(word)
    return word if both is None else both[0 if locale == "zh-CN" else 1]


def kind_said(kind: str, locale: Locale) -> str:
    """What a kind of activity is called; one that nobody has named, itself."""
    return KINDS[kind][locale == "zh-CN"] if kind in KINDS else kind


def of_both(texts: Any, locale: Locale) -> str:
    """One of two texts that came as `zh` and `en`."""
    return str(texts["zh" if locale == "zh-CN" else "en"])

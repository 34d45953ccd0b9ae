"""What rules found, in words for whoever runs the community, in both languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from chassis.locale import Locale
from services.analytics.insights.models import Insight


class _Words(NamedTuple):
    evidence: str
    suggestion: str


_EN: Final[Mapping[str, _Words]] = {
    "activities_nobody_comes_to": _Words(
        "{activities:.0f} activities of the kind “{title}” were held in 90 days; on average {attended_on_average:.1f} members came.",
        "Ask who did not come what would bring them; try another time or form, or hold fewer.",
    ),
    "content_nobody_finishes": _Words(
        "{readers:.0f} members began to read “{title}” in 90 days; {finished:.0f} came to its end.",
        "Divide it, put what matters first, or ask a reader where they stopped.",
    ),
    "searches_without_answer": _Words(
        "“{title}” was searched for {searches:.0f} times in four weeks and found nothing.",
        "Have somebody who knows write about it, or add a synonym if it is there under another name.",
    ),
    "questions_left_unanswered": _Words(
        "Of {asked:.0f} questions of the last four weeks that are older than three days, {unanswered:.0f} have no answer.",
        "Say who answers which topic, and assign what is open to somebody.",
    ),
    "members_about_to_leave": _Words(
        "{at_risk:.0f} of {active_before:.0f} members who were active did nothing in the last two weeks.",
        "Have their mentors ask how they are, before they are gone.",
    ),
    "channel_recruits_vanish": _Words(
        "Of {recruits:.0f} members who came through “{title}”, {staying:.0f} did something in the last four weeks; of {others:.0f} others {others_staying:.0f}.",
        "Look at what this channel promises, and at the first month of those whom it brings.",
    ),
    "points_inflation": _Words(
        "{issued:.0f} points were issued in four weeks, {growth:.1f} times as many for each active member as in the four before.",
        "See which rule pays most, and cap it by day or lower it.",
    ),
    "automated": _Words(
        "The automation “{title}” was set off {times:.0f} times.",
        "See whom it concerned, and what they need.",
    ),
}
_ZH: Final[Mapping[str, _Words]] = {
    "activities_nobody_comes_to": _Words(
        "近 90 天举办了 {activities:.0f} 场“{title}”类活动，平均只有 {attended_on_average:.1f} 人参加。",
        "问一问没来的成员什么样的活动会来；换个时间或形式，或减少场次。",
    ),
    "content_nobody_finishes": _Words(
        "近 90 天有 {readers:.0f} 人开始阅读《{title}》，其中 {finished:.0f} 人读完。",
        "拆分内容，把要点放在前面，或请读者说说读到哪里停下了。",
    ),
    "searches_without_answer": _Words(
        "近四周“{title}”被搜索 {searches:.0f} 次，均无结果。",
        "请了解该主题的同事写一篇；若已有内容只是叫法不同，请添加同义词。",
    ),
    "questions_left_unanswered": _Words(
        "近四周提出且已超过三天的 {asked:.0f} 个问题中，{unanswered:.0f} 个没有回答。",
        "明确各主题由谁回答，并把未答的问题指派给具体的人。",
    ),
    "members_about_to_leave": _Words(
        "此前活跃的 {active_before:.0f} 名成员中，{at_risk:.0f} 名近两周没有任何动态。",
        "请导师主动问候，了解近况，趁他们还没有离开。",
    ),
    "channel_recruits_vanish": _Words(
        "经“{title}”渠道加入的 {recruits:.0f} 名成员中，近四周有动态的为 {staying:.0f} 名；其他渠道 {others:.0f} 名中有 {others_staying:.0f} 名。",
        "检查该渠道的宣传承诺，以及新成员第一个月的体验。",
    ),
    "points_inflation": _Words(
        "近四周发放 {issued:.0f} 积分，人均（按活跃成员）为前四周的 {growth:.1f} 倍。",
        "找出发放最多的规则，设置每日上限或下调分值。",
    ),
    "automated": _Words("自动化“{title}”已触发 {times:.0f} 次。", "查看涉及哪些成员，以及他们需要什么。"),
}
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "sharing_session": ("sharing session", "分享会"),
    "workshop": ("workshop", "工作坊"),
    "contest": ("contest", "竞赛"),
    "team_building": ("team building", "团建"),
    "meeting": ("meeting", "会议"),
}


def evidence_of(insight: Insight, locale: Locale) -> str:
    """What was seen: in the words of who raised it, or made of the rule's figures."""
    words = _words(insight, locale)
    if insight.evidence is not None or words is None:
        return insight.evidence or ""
    return words.evidence.format_map({**insight.figures, "title": _title(insight, locale)})


def suggestion_of(insight: Insight, locale: Locale) -> str | None:
    """What could be done."""
    words = _words(insight, locale)
    return insight.suggestion if words is None else words.suggestion


def _words(insight: Insight, locale: Locale) -> _Words | None:
    return (_ZH if locale == "zh-CN" else _EN).get(insight.code)


def _title(insight: Insight, locale: Locale) -> str:
    title = insight.title or ""
    if insight.object_kind == "activity_kind" and title in KINDS:
        return KINDS[title][locale == "zh-CN"]
    return title

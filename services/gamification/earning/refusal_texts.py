"""Why a rule paid less than it offers, or nothing, in both languages."""

from typing import Final

from chassis.locale import Locale

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "daily_cap": ("The most that this rule pays in a day is reached.", "已达到该规则的每日上限。"),
    "weekly_cap": ("The most that this rule pays in a week is reached.", "已达到该规则的每周上限。"),
    "own_content": ("It is about the member's own content.", "针对本人的内容，不计积分。"),
    "condition": ("It does not meet the rule's conditions.", "不符合该规则的条件。"),
    "not_a_member": ("It was done outside of the membership.", "当时不是社群成员。"),
    "suspended": ("The member was suspended then.", "当时成员资格已暂停。"),
    "not_in_force": ("The rule was not in force then.", "该规则当时未生效。"),
    "already_earned": ("The rule has paid for it already.", "该规则已为此计过积分。"),
    "giver_limit": ("The rule pays only so many from one person.", "来自同一人的次数已达上限。"),
    "too_many_authors": ("The rule is shared by so many at most.", "共同完成的人数超出可分享积分的人数。"),
    "per_target_cap": ("The most that this rule pays for one thing is reached.", "已达到该规则对同一对象的积分上限。"),
    "cooldown": ("It came too soon after the one before.", "距上一次计分时间过短。"),
    "removed": ("It was removed, or what it is about.", "内容或其所属内容已被移除。"),
    "taken_back": ("An owner took the award back.", "负责人已撤回这项积分。"),
    "no_rule": ("No rule pays for it.", "没有规则为此计积分。"),
    "not_seen_yet": ("It is on its way.", "尚在处理中，请稍候。"),
}
"""By code, in English and in Chinese. The last two say why a single deed has no outcome at all."""


def text_of(code: str | None, locale: Locale) -> str | None:
    """A code in words; None for none."""
    if code is None:
        return None
    en, zh = TEXTS[code]
    return zh if locale == "zh-CN" else en

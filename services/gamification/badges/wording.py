"""What counters are called in the reader's language."""

from typing import Final

from chassis.locale import Locale
from services.gamification.badges.rules import Counter
from services.gamification.earning.triggers import TRIGGERS

_TITLES: Final = {
    "checkins": ("Check-ins", "打卡次数"),
    "longest_streak": ("Days in a row", "连续打卡天数"),
    "xp": ("Experience points", "经验值"),
    "level": ("Level", "等级"),
}


def title_of(counter: Counter, locale: Locale) -> str:
    """What is counted: of deeds it is what their trigger is called."""
    if counter.trigger is None:
        en, zh = _TITLES[counter.name]
    else:
        trigger = TRIGGERS.by_name.get(counter.trigger)
        en, zh = (trigger.en, trigger.zh) if trigger else (counter.trigger, counter.trigger)
    return zh if locale == "zh-CN" else en

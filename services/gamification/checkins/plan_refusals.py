"""Why a check-in does not count for a plan that it names, in words."""

from collections.abc import Mapping
from typing import Final

from chassis.locale import Locale

PLAN_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "not_taking_part": ("You do not take part in this plan.", "你没有参加这个打卡营。"),
    "plan_over": ("The plan was cancelled.", "该打卡营已取消。"),
    "not_a_day_of_it": ("The plan asks for no check-in on this day.", "该日期不是这个打卡营的打卡日。"),
    "before_joining": ("The day is earlier than your joining the plan.", "该日期早于你参加打卡营的时间。"),
    "note_missing": ("The plan requires a note.", "这个打卡营要求填写打卡内容。"),
    "note_too_short": ("The note is shorter than the plan requires.", "打卡内容的字数少于打卡营的要求。"),
    "link_missing": ("The plan requires a link.", "这个打卡营要求附上链接。"),
    "file_missing": ("The plan requires a file.", "这个打卡营要求附上文件。"),
    "too_many_made_up": ("Three days of the plan are made up already.", "这个打卡营已补卡三天，不能再补。"),
    "no_longer_open": (
        "The day was returned, and its time to be sent again has passed.",
        "该日打卡已被退回，且已过重新提交的期限。",
    ),
}
"""By code, in English and in Chinese."""


def refusal_text(code: str, locale: Locale) -> str:
    """What is said to the member."""
    en, zh = PLAN_REFUSALS[code]
    return zh if locale == "zh-CN" else en

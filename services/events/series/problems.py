"""Refusals of series."""

from collections.abc import Mapping
from typing import Final

from chassis.problems import FieldError, ProblemType

NOTHING_TO_COME = ProblemType(
    "nothing_to_come", 409, en="No date of the series is to come", zh="该系列没有未开始的场次"
)

UNCHANGED = FieldError("", "unchanged", "The dates are at these times already.", "时间没有变化。")
BEFORE_OTHERS = FieldError("/to", "before_others", "A date that stays where it is comes later.", "早于保持不变的场次。")

_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("The rule needs it.", "该规则需要此项。"),
    "only_monthly": ("Only what comes monthly has it.", "仅按月重复时可用。"),
    "one_weekday": ("The nth of a month is one weekday.", "每月第几个星期几只能选一天。"),
    "day_or_weekday": ("It is a day of the month, or an nth weekday.", "按日期或按第几个星期几，只能选一种。"),
}
_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "no_dates": ("The series would have no date.", "该系列没有任何场次。"),
    "too_many_dates": ("The series would have more than 200 dates.", "该系列超过 200 场。"),
    "too_far": ("The series would go on for more than ten years.", "该系列超过十年。"),
    "until_or_count": ("Say until when, or how many.", "请指定截止日期或场次数，且只能指定一项。"),
}


def misfit(name: str, code: str) -> FieldError:
    """What `Rule.misfits` found, in words."""
    en, zh = _RULES[code]
    return FieldError(f"/rule/{name}", code, en, zh)


def wrong_end(code: str, *, by: str) -> FieldError:
    """What `planned` found, in words; `by`: the field that says where it ends."""
    en, zh = _ENDS[code]
    return FieldError(f"/{by}", code, en, zh)

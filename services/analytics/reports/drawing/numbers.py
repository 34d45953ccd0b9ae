"""Figures as people read them, in both languages."""

from typing import Final

from chassis.locale import Locale

NOTHING: Final = "–"
_UNITS: Final[dict[str, tuple[str, str]]] = {
    "members": ("人", ""),
    "hours": ("小时", " h"),
    "minutes": ("分钟", " min"),
    "days": ("天", " d"),
    "points": ("分", ""),
}
COUNTED: Final = frozenset({"count", "deeds", "members"})
"""Units of which there is no half."""
_SHARES: Final = frozenset({"share"})
_POINT: Final[dict[Locale, str]] = {"zh-CN": "个百分点", "en": " pp"}


def shown(value: float | None, unit: str, locale: Locale) -> str:
    """A value with its unit; `share` is a percentage, `seconds` a duration of two parts. A dash where nobody knows it."""
    if value is None:
        return NOTHING
    if unit in _SHARES:
        return f"{plain(value * 100, 1)}%"
    if unit == "percent":
        return f"{plain(value, 1)}%"
    if unit == "seconds":
        return _lasting(value, locale)
    zh, en = _UNITS.get(unit, ("", ""))
    return plain(value, 2 if abs(value) < 100 else 1) + (zh if locale == "zh-CN" else en)


def plain(value: float, decimals: int) -> str:
    """With separators of thousands, and without zeros that say nothing."""
    number = f"{value:,.{decimals}f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if number == "-0" else number


def change(now: float | None, before: float | None, unit: str, locale: Locale) -> str:
    """What became of a value: of shares the difference in points, of others the part by which it grew or shrank.

    A dash where one of both is unknown, and where it was zero: nothing grows from zero by a part.
    """
    if now is None or before is None:
        return NOTHING
    if unit in _SHARES:
        return f"{_signed((now - before) * 100, 1)}{_POINT[locale]}"
    if before == 0:
        return "0%" if now == 0 else NOTHING
    return f"{_signed((now - before) / abs(before) * 100, 1)}%"


def _signed(value: float, decimals: int) -> str:
    number = plain(value, decimals)
    return number if number.startswith("-") or number == "0" else f"+{number}"


def _lasting(seconds: float, locale: Locale) -> str:
    parts = (("天", " d", 86400), ("小时", " h", 3600), ("分", " min", 60), ("秒", " s", 1))
    rest = round(abs(seconds))
    told: list[str] = []
    for zh, en, size in parts:
        count, rest = divmod(rest, size)
        if count or (size == 1 and not told):
            told.append(f"{count}{zh if locale == 'zh-CN' else en}")
        if len(told) == 2 or (told and not count):
            break
    return ("-" if seconds < 0 else "") + ("" if locale == "zh-CN" else " ").join(told)

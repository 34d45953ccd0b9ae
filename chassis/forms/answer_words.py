"""What an answer should be, in words for people who know nothing of JSON Schema."""

from typing import Any, Final

_TYPES: Final = {
    "string": ("a text", "文本"),
    "integer": ("a whole number", "整数"),
    "number": ("a number", "数字"),
    "boolean": ("yes or no", "是或否"),
    "array": ("a list", "列表"),
    "object": ("a group of answers", "一组答案"),
    "null": ("empty", "空"),
}
_FORMATS: Final = {
    "date": ("a date such as 2024-01-31", "日期（如 2024-01-31）"),
    "date-time": (
        "a time with its offset, such as 2024-01-31T09:00:00+08:00",
        "带时区的时间（如 2024-01-31T09:00:00+08:00）",
    ),
    "email": ("an e-mail address", "邮箱地址"),
    "uuid": ("a UUID", "UUID"),
    "uri": ("an address that begins with https:// or http://", "以 https:// 或 http:// 开头的网址"),
}
_KEYWORDS: Final = {
    "enum": ("Choose one of the options.", "请从给定的选项中选择。"),
    "const": ("Only one answer is possible here.", "此项只接受规定的值。"),
    "minLength": ("At least {wanted} characters.", "至少 {wanted} 个字符。"),
    "maxLength": ("At most {wanted} characters.", "最多 {wanted} 个字符。"),
    "minimum": ("Not below {wanted}.", "不能小于 {wanted}。"),
    "maximum": ("Not above {wanted}.", "不能大于 {wanted}。"),
    "exclusiveMinimum": ("Above {wanted}.", "须大于 {wanted}。"),
    "exclusiveMaximum": ("Below {wanted}.", "须小于 {wanted}。"),
    "multipleOf": ("A multiple of {wanted}.", "须为 {wanted} 的倍数。"),
    "minItems": ("At least {wanted} items.", "至少 {wanted} 项。"),
    "maxItems": ("At most {wanted} items.", "最多 {wanted} 项。"),
    "uniqueItems": ("Each item only once.", "各项不能重复。"),
    "type": ("Should be {wanted}.", "应为{wanted}。"),
    "format": ("Should be {wanted}.", "应为{wanted}。"),
}


def in_words(keyword: str, wanted: Any) -> tuple[str, str]:
    """What does not fit, in English and in Chinese."""
    en, zh = _KEYWORDS.get(keyword, ("Does not fit the form ({keyword}).", "不符合表单要求（{keyword}）。"))
    english, chinese = _named(keyword, wanted)
    return en.format(wanted=english, keyword=keyword), zh.format(wanted=chinese, keyword=keyword)


def _named(keyword: str, wanted: Any) -> tuple[str, str]:
    names = {"type": _TYPES, "format": _FORMATS}.get(keyword, {})
    each = [names.get(str(one), (str(one), str(one))) for one in (wanted if isinstance(wanted, list) else [wanted])]
    return " or ".join(en for en, _ in each), "或".join(zh for _, zh in each)

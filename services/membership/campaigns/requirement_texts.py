"""What a requirement asks, in words: the organisers' own, else a sentence made of field, operator and value."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.membership.campaigns.rules import Op, Requirement

_PERSON: Final = {
    "department_code": ("部门", "department"),
    "departments": ("所属部门", "departments"),
    "title": ("职务", "job title"),
    "job_grade": ("职级", "job grade"),
    "site": ("工作地点", "site"),
    "hired_on": ("入职日期", "hire date"),
    "kind": ("人员类型", "kind of person"),
    "locale": ("语言", "language"),
    "time_zone": ("时区", "time zone"),
}
_SAYS: Final[dict[Op, tuple[str, str]]] = {
    "eq": ("{field}为 {value}", "{field} is {value}"),
    "ne": ("{field}不为 {value}", "{field} is not {value}"),
    "in": ("{field}为以下之一：{value}", "{field} is one of: {value}"),
    "not_in": ("{field}不为以下任何一项：{value}", "{field} is none of: {value}"),
    "gte": ("{field}不低于 {value}", "{field} is at least {value}"),
    "lte": ("{field}不高于 {value}", "{field} is at most {value}"),
    "contains": ("{field}包含 {value}", "{field} contains {value}"),
}


def texts_of(requirement: Requirement) -> tuple[str, str]:
    """The Chinese and the English text. Where the organisers wrote one alone, it stands for both."""
    zh, en = requirement.text_zh or requirement.text_en, requirement.text_en or requirement.text_zh
    return zh or _made(requirement, 0), en or _made(requirement, 1)


def with_texts(requirements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Requirements as they are kept, each with both texts."""
    texts = [texts_of(Requirement(**one)) for one in requirements]
    return [{**one, "text_zh": zh, "text_en": en} for one, (zh, en) in zip(requirements, texts, strict=True)]


def _made(requirement: Requirement, language: int) -> str:
    root, _, path = requirement.field.partition(".")
    field = _PERSON[path][language] if root == "person" else ("“{}”", '"{}"')[language].format(path)
    value = requirement.value
    listed = value if isinstance(value, list) else [value]
    said = ("、", ", ")[language].join(_value(one, language) for one in listed)
    return _SAYS[requirement.op][language].format(field=field, value=said)


def _value(value: Any, language: int) -> str:
    if isinstance(value, bool):
        return (("否", "no"), ("是", "yes"))[value][language]
    return str(value)

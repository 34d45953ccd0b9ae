"""What is asked where nobody wrote the questions: after an activity, and monthly in an operating team."""

from collections.abc import Mapping
from typing import Any, Final

from chassis.locale import Locale

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "content": ("How good was the content?", "内容质量如何？"),
    "lecturer": ("How good was the lecturer?", "讲师表现如何？"),
    "organisation": ("How well was it organised?", "组织安排如何？"),
    "remarks": ("What else do you want to say?", "还有什么想说的？"),
    "goals": ("Do we share goals and a vision?", "我们的目标与愿景是否一致？"),
    "trust": ("Do we trust each other?", "我们彼此信任吗？"),
    "collaboration": ("How well do we work together?", "我们的协作如何？"),
    "innovation": ("Do we try new things?", "我们是否敢于创新？"),
    "atmosphere": ("How is the atmosphere?", "团队氛围如何？"),
    "learning": ("How much do we learn?", "我们的学习成长如何？"),
}
"""By the code of the question, in English and in Chinese."""


def _question(code: str, kind: str, *, required: bool) -> dict[str, Any]:
    return {"code": code, "kind": kind, "title": TITLES[code][1], "choices": [], "required": required}


AFTER_ACTIVITY: Final = [
    *(_question(code, "score", required=True) for code in ("content", "lecturer", "organisation")),
    _question("remarks", "text", required=False),
]
PULSE: Final = [
    _question(code, "score", required=True)
    for code in ("goals", "trust", "collaboration", "innovation", "atmosphere", "learning")
]
PULSE_REMARKS: Final = _question("remarks", "text", required=False)


def title_of_month(month: str) -> str:
    """What the pulse of a month is called, for readers of either language."""
    return f"团队脉搏 Team pulse {month}"


def title_of(origin: str, question: Mapping[str, Any], locale: Locale) -> str:
    """What a question is called for its reader."""
    if origin == "asked" or question["code"] not in TITLES:
        return str(question["title"])
    en, zh = TITLES[question["code"]]
    return zh if locale == "zh-CN" else en

"""What the scores of a criterion mean, where the campaign does not say: so that a 4 of one is a 4 of another. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_ANY: Final = {
    1: ("没有体现", "Not seen"),
    3: ("有体现，并能举出例子", "Seen, with an example"),
    5: ("多次体现，且带动他人", "Seen again and again, and others follow"),
}
_OWN: Final[Mapping[str, Mapping[int, tuple[str, str]]]] = {
    "learning_attitude": {
        1: ("说不出近期学过什么", "Names nothing they learned lately"),
        3: ("能说出学过什么、怎样用上", "Says what they learned and how they used it"),
        5: ("有持续的学习习惯，并带动他人", "Learns as a habit, and brings others along"),
    },
    "teamwork": {
        1: ("只谈自己的部分", "Speaks of their own part alone"),
        3: ("能举出与他人配合完成的事", "Tells of something done with others"),
        5: ("能化解分歧，让团队更好", "Settles differences, and leaves the team better"),
    },
    "communication": {
        1: ("答非所问，难以理解", "Hard to follow, answers something else"),
        3: ("表达清楚，能听懂问题", "Speaks clearly and hears the question"),
        5: ("因人而异地讲清复杂的事", "Explains hard things to whoever listens"),
    },
}


def anchors_of(criterion: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the scores of a criterion mean, lowest first, in both languages: the campaign's own words where it has any."""
    own: Sequence[Mapping[str, Any]] = criterion.get("anchors") or ()
    if own:
        return [
            {
                "score": one["score"],
                "text_zh": one.get("text_zh") or one["text_en"],
                "text_en": one.get("text_en") or one["text_zh"],
            }
            for one in sorted(own, key=lambda one: int(one["score"]))
        ]
    usual = _OWN.get(criterion["code"], _ANY)
    return [{"score": score, "text_zh": zh, "text_en": en} for score, (zh, en) in sorted(usual.items())]

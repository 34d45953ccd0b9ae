"""Whose a draft about a session is, and what it says at first. Pure."""

import re
from collections.abc import Collection, Sequence

_MARKUP = re.compile(r"([\\\[\]<>*_`])")
_ESCAPED = r"\\\1"


def authors_of(speakers: Sequence[str], organisers: Sequence[str], *, gone: Collection[str], most: int) -> list[str]:
    """Who finishes it: who spoke; where none of them is a member any more, who ran it."""
    spoke = [one for one in speakers if one not in gone]
    return (spoke or [one for one in organisers if one not in gone])[:most]


def given_on(present: Sequence[str], before: Sequence[str], after: Sequence[str], *, most: int) -> list[str]:
    """The authors of a draft that is given to others: who was made an author by its authors stays one."""
    added = [one for one in present if one not in before and one not in after]
    return [*after, *added][:most]


def body_of(summary: str | None, materials: Sequence[tuple[str, str]], recording: tuple[str, str] | None) -> str:
    """What there is of a session, in Markdown, with room for what was said."""
    parts = ["## 内容要点", summary or "（请补充本次分享的主要内容）"]
    if materials:
        parts += ["## 材料", "\n".join(f"- {_link(*one)}" for one in materials)]
    if recording is not None:
        parts += ["## 回放", _link(*recording)]
    return "\n\n".join(parts) + "\n"


def _link(title: str, url: str) -> str:
    target = url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return f"[{_MARKUP.sub(_ESCAPED, title)}](<{target}>)"

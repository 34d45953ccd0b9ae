"""XML as text: elements, with everything that is not ours escaped."""

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot say, not even escaped.
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_CHARACTER: Final = "\ufffd"

FONT: Final = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"


def text(value: str) -> str:
    """A text as it stands between tags; what cannot stand there is shown as a sign that something was."""
    return escape(_IMPOSSIBLE.sub(_NO_CHARACTER, value))


def tag(name: str, /, *children: str, **attributes: str | float) -> str:
    """An element. Children are markup already: texts go through `text`. `font_size` is written `font-size`."""
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_IMPOSSIBLE.sub(_NO_CHARACTER, written(value)))}"
        for key, value in attributes.items()
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def written(value: str | float) -> str:
    """A number to a hundredth, without zeros that say nothing."""
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def label(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: float = 12,
    fill: str = "#1b1b1b",
    bold: bool = False,
) -> str:
    """A line of text in a chart, with its middle at `y`."""
    return tag(
        "text",
        text(words),
        x=x,
        y=y + size * 0.36,
        text_anchor=anchor,
        font_size=size,
        fill=fill,
        # The weight a second time: of a font with all weights in one file some programs take the thinnest otherwise.
        style=f"font-variation-settings:'wght' {700 if bold else 400}",
        font_weight=700 if bold else 400,
    )


def width_of(words: str, size: float = 12) -> float:
    """About how wide a text is: a Chinese character is as wide as high, a Latin letter a little over half of that."""
    return sum(1.0 if ord(one) > 0x2E7F else 0.58 for one in words) * size


def fitted(words: str, room: float, size: float = 12) -> str:
    """The text, or as much of it as has room and an ellipsis."""
    if width_of(words, size) <= room:
        return words
    kept, used = [], size
    for one in words:
        used += width_of(one, size)
        if used > room:
            break
        kept.append(one)
    return "".join(kept).rstrip() + "…"

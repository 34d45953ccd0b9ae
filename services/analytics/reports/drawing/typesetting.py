"""A report as PDF, set by a process of its own.

The typesetter keeps what it has once read for the next time, some 60 MB a report, and cannot be stopped from outside. A process gives its
memory back, is bounded, and can be ended (decision 0032).
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from services.analytics.reports.drawing import typesetter
from services.analytics.reports.drawing.documents import Block, Document, Figures, Paragraph, Picture, Table
from services.analytics.reports.drawing.glyphs import drawn_by, visible

SECONDS: Final = 60.0
_FACE: Final = 2
"""Of the collection the one for simplified Chinese."""


class TypesettingFailed(Exception):
    """No PDF came of it; the message says why."""


async def typeset(document: Document, *, seconds: float = SECONDS) -> bytes:
    """The report as PDF, with the font's used glyphs in it. Raises `TypesettingFailed`."""
    given = await asyncio.to_thread(_given, document)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(typesetter.__file__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=typesetter.ENVIRONMENT,
    )
    try:
        made, said = await asyncio.wait_for(process.communicate(given), seconds)
    except TimeoutError:
        raise TypesettingFailed(f"it took longer than {seconds:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise TypesettingFailed(said.decode(errors="replace").strip()[-500:] or f"it ended with {process.returncode}")
    return made


def font() -> Path:
    """The file of the font: Noto Sans CJK, all weights and 44,810 characters, as a package brings it."""
    import manimgx_fonts_cjk

    return Path(manimgx_fonts_cjk.__file__).with_name("NotoSansCJK-VF.otf.ttc")


def _given(document: Document) -> bytes:
    """What the process reads: texts with every character that can be drawn, charts, and where the font is."""
    drawn = drawn_by(font(), _FACE)

    def seen(words: str) -> str:
        # What XML cannot say is shown alike in texts.
        return visible(words, drawn)

    content = {
        "lang": "zh" if document.locale == "zh-CN" else "en",
        "title": seen(document.title),
        "subtitle": seen(document.subtitle),
        "foot": seen(document.foot),
        "sections": [
            {"title": seen(section.title), "blocks": [_block(block, seen) for block in section.blocks]}
            for section in document.sections
        ],
    }
    return json.dumps({"fonts": str(font().parent), "content": content}, ensure_ascii=False).encode(errors="replace")


def _block(block: Block, seen: Any) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "words": seen(block.words), "quiet": block.quiet}
    if isinstance(block, Figures):
        figures = [
            {"title": seen(one.title), "value": seen(one.value), "beside": seen(f"{one.change} {one.beside}".strip())}
            for one in block.items
        ]
        return {"kind": "figures", "items": figures}
    if isinstance(block, Picture):
        drawing = block.drawing
        return {
            "kind": "picture",
            "svg": seen(drawing.svg),
            "title": seen(drawing.title),
            "description": seen(drawing.description),
        }
    return {
        "kind": "table",
        "title": seen(block.title),
        "columns": [{"title": seen(one.title), "align": one.align, "share": one.share} for one in block.columns],
        "rows": _rows(block, seen),
    }


def _rows(block: Table, seen: Any) -> Sequence[Sequence[str]]:
    return [[seen(cell) for cell in row] for row in block.rows]


__all__ = ["SECONDS", "TypesettingFailed", "font", "typeset"]

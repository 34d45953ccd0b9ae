"""A report as PDF: what its template reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from chassis.typesetting import TypesettingFailed, font, set_in_type
from chassis.typesetting.setting import SECONDS, Seen
from services.analytics.reports.drawing.documents import Block, Document, Figures, Paragraph, Picture, Table

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


async def typeset(document: Document, *, seconds: float = SECONDS) -> bytes:
    """The report as PDF, with the font's used glyphs in it. Raises `TypesettingFailed`."""
    return await set_in_type(_TEMPLATE, lambda seen: _content(document, seen), seconds=seconds)


def _content(document: Document, seen: Seen) -> dict[str, Any]:
    """Texts with every character that can be drawn, and charts. What XML cannot say is shown alike in texts."""
    return {
        "lang": "zh" if document.locale == "zh-CN" else "en",
        "title": seen(document.title),
        "subtitle": seen(document.subtitle),
        "foot": seen(document.foot),
        "sections": [
            {"title": seen(section.title), "blocks": [_block(block, seen) for block in section.blocks]}
            for section in document.sections
        ],
    }


def _block(block: Block, seen: Seen) -> dict[str, Any]:
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


def _rows(block: Table, seen: Seen) -> Sequence[Sequence[str]]:
    return [[seen(cell) for cell in row] for row in block.rows]


__all__ = ["TypesettingFailed", "font", "typeset"]

"""A report as one HTML page: no script, nothing from elsewhere, everything that somebody wrote is escaped."""

from html import escape
from typing import Final

from services.analytics.reports.drawing.documents import Block, Column, Document, Figures, Paragraph, Picture, Table

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FIGURES_BEHIND: Final = {"zh-CN": "图中数据", "en": "The figures"}
_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 2rem 1.25rem 3rem; background: #fff; color: #1b1b1b;
  font: 16px/1.6 "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
header { border-bottom: 3px solid #0072b2; margin-bottom: 1.5rem; padding-bottom: .75rem; }
h1 { font-size: 1.75rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; border-bottom: 1px solid #d9d9d9; padding-bottom: .25rem;
  overflow-wrap: anywhere; break-after: avoid; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.quiet, header p, footer { color: #595959; font-size: .875rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem; margin: .75rem 0; padding: 0;
  list-style: none; }
.figures li { border: 1px solid #d9d9d9; border-radius: .375rem; padding: .625rem .75rem; break-inside: avoid; }
.figures .title { color: #595959; font-size: .875rem; overflow-wrap: anywhere; }
.figures .value { display: block; font-size: 1.5rem; font-weight: 700; line-height: 1.35; }
.figures .beside { color: #595959; font-size: .8125rem; }
figure { margin: 1rem 0; break-inside: avoid; }
figcaption { font-weight: 700; margin-bottom: .25rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
details { margin: .25rem 0 0; font-size: .875rem; }
summary { cursor: pointer; color: #595959; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0; }
caption { text-align: start; font-weight: 700; padding: .25rem 0; }
th, td { border-bottom: 1px solid #d9d9d9; padding: .375rem .5rem; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #8c8c8c; font-weight: 700; }
tr { break-inside: avoid; }
.end { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { border-top: 1px solid #d9d9d9; margin-top: 2.5rem; padding-top: .75rem; }
@page { size: A4; margin: 18mm 16mm; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } details { display: none; } .wide { overflow: visible; } }
"""


def page(document: Document) -> str:
    """The whole page; it opens from a disk too."""
    body = "".join(
        f'<section><h2 dir="auto">{escape(section.title)}</h2>'
        + "".join(_block(block, document) for block in section.blocks)
        + "</section>"
        for section in document.sections
    )
    return (
        f'<!doctype html><html lang="{document.locale}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(document.title)}</title><style>{_STYLE}</style></head><body>"
        f'<header><h1 dir="auto">{escape(document.title)}</h1><p dir="auto">{escape(document.subtitle)}</p></header>'
        f'<main>{body}</main><footer dir="auto">{escape(document.foot)}</footer></body></html>'
    )


def _block(block: Block, document: Document) -> str:
    if isinstance(block, Paragraph):
        return f'<p dir="auto"{" class=quiet" if block.quiet else ""}>{escape(block.words)}</p>'
    if isinstance(block, Figures):
        return _figures(block)
    if isinstance(block, Picture):
        return _picture(block, document)
    return _table(block)


def _figures(block: Figures) -> str:
    items = "".join(
        f'<li><span class="title" dir="auto">{escape(one.title)}</span><span class="value">{escape(one.value)}</span>'
        f'<span class="beside">{escape(" ".join(part for part in (one.change, one.beside) if part))}</span></li>'
        for one in block.items
    )
    return f'<ul class="figures">{items}</ul>'


def _picture(block: Picture, document: Document) -> str:
    behind = ""
    if block.table is not None:
        behind = f"<details><summary>{_FIGURES_BEHIND[document.locale]}</summary>{_table(block.table)}</details>"
    caption = f'<figcaption dir="auto">{escape(block.drawing.title)}</figcaption>'
    return f"<figure>{caption}{block.drawing.svg}{behind}</figure>"


def _table(block: Table) -> str:
    caption = f'<caption dir="auto">{escape(block.title)}</caption>' if block.title else ""
    head = "".join(f'<th scope="col" dir="auto"{_end(one)}>{escape(one.title)}</th>' for one in block.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td dir="auto"{_end(column)}>{escape(cell)}</td>' for column, cell in zip(block.columns, row, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    return f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _end(column: Column) -> str:
    return ' class="end"' if column.align == "end" else ""

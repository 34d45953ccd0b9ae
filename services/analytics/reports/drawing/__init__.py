"""What a report looks like: charts, a page, a PDF. Pure but for `typesetting`, which starts a process.

A caller makes a `Document` of sections and says in which language; everything in it that members wrote is text and is escaped here.
"""

from services.analytics.reports.drawing.bars import bar_chart, stacked_chart
from services.analytics.reports.drawing.cohorts import retention_chart
from services.analytics.reports.drawing.documents import (
    Column,
    Document,
    Figure,
    Figures,
    Paragraph,
    Picture,
    Section,
    Table,
)
from services.analytics.reports.drawing.funnels import funnel_chart
from services.analytics.reports.drawing.lines import line_chart
from services.analytics.reports.drawing.numbers import change, shown
from services.analytics.reports.drawing.pages import page
from services.analytics.reports.drawing.series import Drawing, Series
from services.analytics.reports.drawing.typesetting import typeset

__all__ = [
    "Column",
    "Document",
    "Drawing",
    "Figure",
    "Figures",
    "Paragraph",
    "Picture",
    "Section",
    "Series",
    "Table",
    "bar_chart",
    "change",
    "funnel_chart",
    "line_chart",
    "page",
    "retention_chart",
    "shown",
    "stacked_chart",
    "typeset",
]

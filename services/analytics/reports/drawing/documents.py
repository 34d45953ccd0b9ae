"""A report before it is a page or a PDF: sections of texts, figures, charts and tables, said in one language already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chassis.locale import Locale
from services.analytics.reports.drawing.series import Drawing


@dataclass(frozen=True)
class Paragraph:
    """A text; what is `quiet` explains something."""

    words: str
    quiet: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure that one reads first. `beside` says what it is compared with."""

    title: str
    value: str
    change: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Figures:
    """Figures side by side."""

    items: Sequence[Figure]


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand at the end."""

    title: str
    align: Literal["start", "end"] = "start"
    share: float = 1.0
    """Of the width, compared with the other columns."""


@dataclass(frozen=True)
class Table:
    """Rows of texts, as many in each as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart, and on the page what it is drawn from."""

    drawing: Drawing
    table: Table | None = None


Block = Paragraph | Figures | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A report. `foot` stands below everything: when it was made, from what."""

    title: str
    subtitle: str
    locale: Locale
    sections: Sequence[Section]
    foot: str = ""

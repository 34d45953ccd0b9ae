"""Files as the database keeps them: pages and tables small, what is packed already as it is."""

import zlib
from typing import Final

from chassis.tabular import CSV_TYPE, XLSX_TYPE

HTML_TYPE: Final = "text/html; charset=utf-8"
PDF_TYPE: Final = "application/pdf"
MEDIA_TYPES: Final = {"html": HTML_TYPE, "pdf": PDF_TYPE, "csv": CSV_TYPE, "xlsx": XLSX_TYPE}
_PACKED: Final = frozenset({"html", "csv"})


def packed(content: bytes, form: str) -> bytes:
    """A file as it is kept."""
    return zlib.compress(content, 6) if form in _PACKED else content


def unpacked(kept: bytes, form: str) -> bytes:
    """The file again."""
    return zlib.decompress(kept) if form in _PACKED else kept

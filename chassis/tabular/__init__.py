"""Reading what people upload as tables: CSV, XLSX and NDJSON, with one declaration of the columns for all three.

`open_table(content, columns)` checks the file and its header at once and raises `TABLE_INVALID` (422) for what makes the
whole file unusable; what is wrong with one row comes with that row, so that the others can be used. `template()` makes the
empty file to fill in. Everything is read in one pass without keeping the rows.
"""

from chassis.tabular.cells import CellError, CellValue
from chassis.tabular.columns import Column, Kind, Row, in_batches
from chassis.tabular.encodings import decoded
from chassis.tabular.limits import MAX_BYTES
from chassis.tabular.problems import TABLE_INVALID, row_error_text
from chassis.tabular.readers import NDJSON_TYPES, Document, Table, document_table, media_type_of, open_table, sheet_rows
from chassis.tabular.templates import CSV_TYPE, XLSX_TYPE, template

__all__ = [
    "CSV_TYPE",
    "MAX_BYTES",
    "NDJSON_TYPES",
    "TABLE_INVALID",
    "XLSX_TYPE",
    "CellError",
    "CellValue",
    "Column",
    "Document",
    "Kind",
    "Row",
    "Table",
    "decoded",
    "document_table",
    "in_batches",
    "media_type_of",
    "open_table",
    "row_error_text",
    "sheet_rows",
    "template",
]

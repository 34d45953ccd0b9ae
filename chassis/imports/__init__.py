"""Imports of tables. A feature declares one (`Import`: columns, texts, who may, what a batch does); the operations to start,
follow and cancel it, the template and the job come with it.

`declaration` is what a feature writes down, `reading` the way from the file's bytes to prepared rows, `running` the job; the HTTP
of it is `chassis.web.imports`. What concerns every import has its one place there.
"""

from chassis.imports.declaration import SPREADSHEETS, SPREADSHEETS_AND_LINES, Batch, Import, Within
from chassis.imports.refusals import RowRefused

__all__ = ["SPREADSHEETS", "SPREADSHEETS_AND_LINES", "Batch", "Import", "RowRefused", "Within"]

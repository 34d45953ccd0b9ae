"""Imports of tables. A feature declares one (`Import`: columns, texts, who may, what a batch does); the operations to start,
follow and cancel it, the template and the job come with it.

`declaration` is what a feature writes down, `routes` the HTTP of it, `running` the job, `reading` the way from the file's bytes
to prepared rows. Each has one place for what concerns every import.
"""

from chassis.imports.declaration import SPREADSHEETS, SPREADSHEETS_AND_LINES, Batch, Import
from chassis.imports.refusals import RowRefused

__all__ = ["SPREADSHEETS", "SPREADSHEETS_AND_LINES", "Batch", "Import", "RowRefused"]

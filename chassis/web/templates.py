"""The empty files that imports offer for download."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from chassis.tabular import CSV_TYPE, XLSX_TYPE, Column, template

TemplateFormat = Annotated[Literal["csv", "xlsx"], Query(alias="format", description="Plain text, or a workbook.")]


def template_file(columns: Sequence[Column], file_format: Literal["csv", "xlsx"], name: str) -> Response:
    """The header of an import as a file to fill in, called `name`."""
    return Response(
        template(columns, file_format),
        media_type=CSV_TYPE if file_format == "csv" else XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )

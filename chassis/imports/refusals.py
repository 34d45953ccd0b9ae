"""Why a row of an import is refused. Only names, so that rules may raise it."""

from typing import Any


class RowRefused(Exception):
    """The row cannot be applied, not even in part. The import's texts explain `code`; `values` fill them."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

"""Why a row of an import is not taken; nothing but names, so that rules may raise it."""

from typing import Any


class RowRefused(Exception):
    """The row cannot be applied, and nothing of it is. The import's texts say `code` in words; `values` fill them."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

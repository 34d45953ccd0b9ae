"""How identifiers that people type, such as employee numbers, are compared. Pure."""

import unicodedata


def identifier_key(text: str) -> str:
    """An identifier for comparison: NFKC, lower case, no surrounding space."""
    return unicodedata.normalize("NFKC", text).strip().lower()

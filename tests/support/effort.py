"""How much work something is, counted: on a machine shared with others neither the clock nor CPU time says it."""

import sys
from collections.abc import Callable
from typing import Any

CALLS_IN_100_MS = 400_000
"""Calls of functions, at a quarter of a microsecond each, which is what they took on a quiet machine."""


def calls_of(function: Callable[[], Any]) -> int:
    """How many functions are called, built-in ones too."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count

"""Where words begin in Chinese text. The dictionary, of 55 MB, is read at first use."""

from collections.abc import Sequence
from functools import cache
from typing import Any


def borders(pieces: Sequence[str]) -> set[int]:
    """Where a word begins in the pieces, counted as if they were one text, and where the last one ends.

    Words that the dictionary does not have are single characters: those that a model would guess are not agreed upon.
    """
    place, found = 0, {0}
    for word in _segmenter().cut(_BETWEEN.join(pieces), False):
        if word != _BETWEEN:
            place += len(word)
            found.add(place)
    return found


_BETWEEN = "\n"


@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba.Jieba()

"""Which characters a font has, and how those are written that it has not: nobody's name loses a part on paper."""

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

# Drawn as nothing by every font: joiners, variation selectors, marks of direction.
_UNSEEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
_WIDE_TABLE: Final = 12


def visible(words: str, drawn: Sequence[tuple[int, int]]) -> str:
    """The text with each character that no glyph is there for as its number, such as [U+1F600].

    `drawn` are the first and last characters of each run that the font has, in order.
    """
    kept = _UNSEEN.sub("", words)
    return "".join(one if one.isascii() or _has(drawn, ord(one)) else f"[U+{ord(one):04X}]" for one in kept)


def _has(drawn: Sequence[tuple[int, int]], character: int) -> bool:
    low, high = 0, len(drawn)
    while low < high:
        middle = (low + high) // 2
        first, last = drawn[middle]
        if character > last:
            low = middle + 1
        elif character < first:
            high = middle
        else:
            return True
    return False


@lru_cache(maxsize=2)
def drawn_by(font: Path, index: int = 0) -> tuple[tuple[int, int], ...]:
    """The runs of characters that a font has: its table `cmap` in format 12, which has all of Unicode (OpenType 1.9).

    `index` is which font of a collection. Reads the head of the file and that table, nothing else.
    """
    with font.open("rb") as file:

        def at(offset: int, size: int) -> bytes:
            file.seek(offset)
            return file.read(size)

        start = 0
        if at(0, 4) == b"ttcf":
            (start,) = struct.unpack(">I", at(12 + 4 * index, 4))
        (tables,) = struct.unpack(">H", at(start + 4, 2))
        directory = at(start + 12, 16 * tables)
        entries = (directory[place : place + 16] for place in range(0, len(directory), 16))
        cmap = next(struct.unpack(">I", entry[8:12])[0] for entry in entries if entry[:4] == b"cmap")
        (encodings,) = struct.unpack(">H", at(cmap + 2, 2))
        for place in range(encodings):
            (offset,) = struct.unpack(">I", at(cmap + 4 + 8 * place + 4, 4))
            form, _, _, _, groups = struct.unpack(">HHIII", at(cmap + offset, 16))
            if form == _WIDE_TABLE:
                runs = struct.iter_unpack(">III", at(cmap + offset + 16, 12 * groups))
                return tuple((first, last) for first, last, _ in runs)
    raise ValueError("the font has no table of all characters")

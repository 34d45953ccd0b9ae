"""Names that somebody gave to do harm, or that few programs can write."""

from typing import Final

MARKUP: Final = "</title></text><script>alert('x')</script>\"' onload=\"x &lt;"
FORMULA: Final = "=HYPERLINK(1+1)|cmd"
TURNED: Final = "\u202eabc مرحبا"
RARE: Final = "𠮷野家 㐂多 𰻞面"
PICTURE: Final = "学习👩‍🏫社群"
IMPOSSIBLE: Final = "a\x00b\x0bc\ufffed"
TYPESETTING: Final = '#panic("x") $x$ *b* @ref <label> \\ #sys.inputs'

NAMES: Final = (MARKUP, FORMULA, TURNED, RARE, PICTURE, IMPOSSIBLE, TYPESETTING)

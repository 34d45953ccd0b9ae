"""How listed words are written, and what follows from what was found. Pure."""

from collections.abc import Iterable
from typing import Final

from chassis.text import one_line
from chassis.wrong import Wrong
from services.content.scanning.folding import key_of
from services.content.scanning.scanner import LONGEST_WORD, Action, Match

LONGEST_KEY: Final = 200
MOST_WORDS: Final = 100_000
"""Of all lists of a community together."""
_STRENGTH: Final[dict[str, int]] = {"allow": 0, "hold": 1, "reject": 2}


def normal_word(text: str) -> str:
    """A word as it is kept. Raises ValueError where no letter, digit or character is in it."""
    word = one_line(text)
    if not key_of(word):
        raise Wrong("no_word", "There is no letter, digit or character in it.", "其中没有字母、数字或汉字。")
    # Some characters are a whole phrase once they are spelt out.
    if len(word) > LONGEST_WORD or len(key_of(word)) > LONGEST_KEY:
        raise Wrong("too_long", f"At most {LONGEST_WORD} characters.", f"最多 {LONGEST_WORD} 个字符。")
    return word


def normal_domain(text: str) -> str:
    """A domain as it is compared."""
    return one_line(text).lower().removeprefix("www.").strip(".")


def strongest(matches: Iterable[Match]) -> Action:
    """What is done with a text in which these were found."""
    return max((one.action for one in matches), key=lambda action: _STRENGTH[action], default="allow")

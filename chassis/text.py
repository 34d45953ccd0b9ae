"""What of a text is kept, what of it can be seen, and how two are compared.

Every character stays that is not known to do harm: one that is newer than Python's tables, or private to a font in which a
name is written, belongs to somebody. What goes has no place in a line that people read: controls, halves of surrogate pairs, and
what hides text or turns its direction.
"""

import re
import unicodedata

from chassis.wrong import Wrong

# Soft hyphen, zero widths except the two joiners, marks and overrides of direction, annotations, tags, and noncharacters.
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
# Letters and signs that are drawn as nothing, and places that Unicode keeps for more of them.
_BLANK = re.compile(
    "[\u115f\u1160\u17b4\u17b5\u200c\u200d\u2065\u2800\u3164\uffa0\ufff0-\ufff8\U0001d159\U0001d173-\U0001d17a"
    "\U000e0080-\U000e0fff]"
)
_INVISIBLE_CATEGORIES = frozenset({"Mn", "Me", "Mc", "Zs", "Zl", "Zp", "Cc"})


def has_something_visible(text: str) -> bool:
    """Whether there is anything to see: marks without a letter, fillers and white space are nothing."""
    return any(
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES
        for character in _BLANK.sub("", _HARMFUL.sub("", text))
    )


def one_line(text: str) -> str:
    """A name or title as it is kept: NFC, white space within as one space, harmful characters gone.

    Raises ValueError where nothing visible is left.
    """
    kept = " ".join(_HARMFUL.sub("", text).split())
    composed = unicodedata.normalize("NFC", kept)
    # A few characters compose to more than they were, beyond what the column has room for.
    line = composed if len(composed) <= len(kept) else kept
    if not has_something_visible(line):
        raise Wrong("nothing_visible", "Nothing in it can be seen.", "没有可见的内容。")
    return line


def said(text: str) -> str:
    """A text of any number of lines, as it is. Raises ValueError where nothing in it can be seen."""
    if not has_something_visible(text):
        raise Wrong("nothing_visible", "Nothing in it can be seen.", "没有可见的内容。")
    return text


def comparable(text: str) -> str:
    """A text as it is compared with another: NFKC, without surrounding white space."""
    return unicodedata.normalize("NFKC", text).strip()


def without_contacts(text: str) -> str:
    """The text with every e-mail and phone in it made unreadable: of an e-mail its first character stays, of a phone the last two."""
    return _PHONE.sub(_hidden_phone, _EMAIL.sub(r"\1***@***", text))


def _hidden_phone(found: re.Match[str]) -> str:
    digits = found.group()
    return digits if _DATE.match(digits) else f"***{digits[-2:]}"


_EMAIL = re.compile(r"([^\s@\"'<>,;:，；：“”（）()])[^\s@\"'<>,;:，；：“”（）()]*@[^\s@\"'<>,;，；“”（）()]+")
_PHONE = re.compile(r"(?<![\w.])\+?\d(?:[ \-()]{0,2}\d){6,18}(?![\w])")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?!\d)")

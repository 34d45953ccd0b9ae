"""Links and advertising in a text: what no list of words could name. Pure; each expression takes time in proportion to the text."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_LINK = re.compile(r"(?:https?://|www\.)([a-z0-9][a-z0-9.-]{0,252})", re.IGNORECASE)
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_ACCOUNT = re.compile(
    r"(?:微信|薇信|威信|weixin|wechat|(?<![a-z])[vw]x|q{2}群?|扣扣)\W{0,3}(?:号|群)?\W{0,3}"
    r"(?:[a-z][-_a-z0-9]{5,19}|\d{5,11})(?![a-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text, and what is there."""

    start: int
    end: int
    what: str


def links(text: str, allowed: Collection[str]) -> Iterator[Found]:
    """Links to other places than the domains that are allowed and what is below them."""
    for found in _LINK.finditer(text):
        host = found.group(1).lower().rstrip(".-")
        if not any(host == domain or host.endswith(f".{domain}") for domain in allowed):
            yield Found(found.start(), found.end(), host)


def contacts(text: str) -> Iterator[Found]:
    """Mobile numbers and accounts of messengers, by which strangers are asked to write."""
    wide = unicodedata.normalize("NFKC", text)
    # Where characters became several, places would be those of another text.
    plain = wide if len(wide) == len(text) else text
    for pattern in (_MOBILE, _ACCOUNT):
        for found in pattern.finditer(plain):
            yield Found(found.start(), found.end(), text[found.start() : found.end()])

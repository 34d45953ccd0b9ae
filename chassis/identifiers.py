"""How identifiers that people type, such as employee numbers, are compared. Pure."""

import re
import unicodedata

from chassis.wrong import Wrong

_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}\Z")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?\Z")


def identifier_key(text: str) -> str:
    """An identifier for comparison: NFKC, lower case, no surrounding space."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def normal_email(text: str) -> str:
    """An e-mail address as it is kept: NFKC and lower case. Raises ValueError where it is none."""
    address = identifier_key(text)
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    if (
        not at
        or len(address) > 254
        or not _LOCAL_PART.match(local)
        or len(labels) < 2
        or not all(_LABEL.match(label) for label in labels)
    ):
        raise Wrong("not_an_email", "This is not an e-mail address.", "不是邮箱地址。")
    return address

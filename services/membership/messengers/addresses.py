"""Addresses of robots as messengers give them. Pure."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,200}")


def key_in_query(address: str, base: str, path: str, name: str) -> str | None:
    """The key in `<base><path>?<name>=<key>`; None where the address is another one."""
    query = _rest(address, base, path + "?")
    if query is None:
        return None
    named = parse_qsl(query, keep_blank_values=True)
    return _key(named[0][1]) if len(named) == 1 and named[0][0] == name else None


def key_in_path(address: str, base: str, path: str) -> str | None:
    """The key in `<base><path><key>`; None where the address is another one."""
    rest = _rest(address, base, path)
    return None if rest is None else _key(rest)


def _rest(address: str, base: str, path: str) -> str | None:
    begins = base.rstrip("/") + path
    if not address.startswith(begins) or urlsplit(begins).hostname is None:
        return None
    return address[len(begins) :]


def _key(text: str) -> str | None:
    return text if _KEY.fullmatch(text) else None

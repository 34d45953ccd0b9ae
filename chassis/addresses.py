"""What an address in a setting may be; each function answers it as it came, or raises `ValueError` with a text that does not repeat it."""

import re
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(\d{1,5}))?")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._/-]*)?")
_SEEN = re.compile(r"[!-~]+")
_LAST_PORT = 65535
_DATABASES = ("postgresql+asyncpg://", "sqlite:///")


def web_address(text: str) -> str:
    """Of a page or an API, for people and programs."""
    _split(text)
    return text


def origin(text: str) -> str:
    """Of pages that may call: scheme, host and port, as browsers send it."""
    parts = _split(text)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("an origin is only https://host or https://host:port")
    return text


def network(text: str) -> str:
    """Of a machine, or of all in a network."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError("must be IP addresses or networks, such as 10.0.0.0/8, separated by commas") from None
    return text


def brokers(text: str) -> str:
    """Of the machines that are asked for the rest of a cluster."""
    for part in text.split(","):
        found = _BROKER.fullmatch(part.strip())
        if found is None or int(found[3] or 1) not in range(1, _LAST_PORT + 1):
            raise ValueError("must be host:port, or several separated by commas")
    return text


def database(text: str) -> str:
    """Of a database in one of the two systems; it may hold a password."""
    if not text.startswith(_DATABASES):
        raise ValueError(f"must begin with {' or '.join(_DATABASES)}")
    return text


def files(text: str) -> str:
    """Of where files are kept: a directory, or a bucket with or without a prefix."""
    if "://" in text and not _BUCKET.fullmatch(text):
        raise ValueError("must be a directory, or s3://bucket or s3://bucket/prefix")
    return text


def mailbox(text: str) -> str:
    """Of somebody who writes mail: `name@host`, or `Name <name@host>`."""
    _, address = parseaddr(text)
    local, _, host = address.rpartition("@")
    if not local or not host or not text.isprintable() or " " in address:
        raise ValueError("must be name@host, or Name <name@host>")
    return text


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and _SEEN.fullmatch(text):
            return parts
    except ValueError:
        pass
    raise ValueError("must be an address that begins with http:// or https://")

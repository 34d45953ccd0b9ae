"""Where new things are, and the ETags of those that can be edited: the row's version as a strong validator."""

import re
from urllib.parse import quote

from starlette.responses import Response

from chassis.problems import INVALID, PRECONDITION_FAILED, PRECONDITION_REQUIRED, FieldError


def set_etag(response: Response, version: int) -> None:
    """Tell the reader which version they have."""
    response.headers["ETag"] = f'"{version}"'


def created(response: Response, location: str, version: int | None = None) -> None:
    """Say where the new thing is and, if it can be edited, which version it has.

    Identities that people chose may have any characters but those that divide an address.
    """
    response.headers["Location"] = quote(location)
    if version is not None:
        set_etag(response, version)


def require_match(version: int, if_match: int) -> None:
    """Refuse an edit of a version that is no longer the present one; call it when the object is found and allowed.

    Raises `PRECONDITION_REQUIRED` (428) without `If-Match`, `PRECONDITION_FAILED` (412) with a stale one.
    """
    if if_match == ABSENT:
        raise PRECONDITION_REQUIRED()
    if if_match not in (version, ANY_VERSION):
        raise PRECONDITION_FAILED(current=f'"{version}"')


ABSENT = -1
"""What the dependency `IfMatch` gives where the header is missing."""

MATCHES_NOTHING = -2
"""What it gives for a tag that is no version of ours, or a weak one, which RFC 9110 lets match nothing here."""

ANY_VERSION = -3
"""What it gives for `*`: whichever version is there now."""

_TAG = re.compile(r'(W/)?"([!\x23-\x7e\x80-\xff]*)"')


def version_in(if_match: str | None) -> int:
    """The version that an `If-Match` names, or one of the three above. Raises `INVALID` for what is not one tag or `*`."""
    if if_match is None:
        return ABSENT
    if (value := if_match.strip()) == "*":
        return ANY_VERSION
    tag = _TAG.fullmatch(value)
    if tag is None:
        raise INVALID(errors=[_NO_TAG])
    weak, name = tag.groups()
    known = weak is None and name.isascii() and name.isdecimal() and len(name) < 19
    return int(name) if known else MATCHES_NOTHING


_NO_TAG = FieldError(
    "#/header/If-Match", "not_an_etag", "Send one ETag in its quotes, as you read it.", "请原样发送一个带引号的 ETag。"
)


def has_tag(if_none_match: str | None, etag: str) -> bool:
    """Whether what the caller has is what there is; weak or not makes no difference there (RFC 9110, 13.1.2)."""
    tags = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags

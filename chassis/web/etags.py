"""Where new things are, and the ETags of those that can be edited: the row's version as a strong validator."""

from urllib.parse import quote

from starlette.responses import Response

from chassis.problems import PRECONDITION_FAILED, PRECONDITION_REQUIRED


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
    if version != if_match:
        raise PRECONDITION_FAILED(current=f'"{version}"')


ABSENT = -1
"""What the dependency `IfMatch` gives where the header is missing."""

MATCHES_NOTHING = -2
"""What it gives for a value that is no version of ours."""

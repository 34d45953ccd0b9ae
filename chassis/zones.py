"""Time zones by the names that IANA gives to places."""

from functools import cache
from zoneinfo import available_timezones

from chassis.wrong import Wrong


def zone_name(text: str) -> str:
    """The name of a zone, such as `Asia/Shanghai`, or `UTC`. Raises ValueError where there is none of this name.

    What else stands in a computer's own copy is no place: `localtime` is wherever the computer is, `Factory` where nobody has
    said, `EST` an offset.
    """
    name = text.strip()
    if name not in _names():
        raise Wrong("not_a_time_zone", "There is no time zone of this name.", "没有这个名称的时区。")
    return name


@cache
def _names() -> frozenset[str]:
    """Read from the disk once; a request must not wait for some hundred files."""
    places = {name for name in available_timezones() if "/" in name and not name.startswith(("posix/", "right/"))}
    return frozenset(places | {"UTC"})

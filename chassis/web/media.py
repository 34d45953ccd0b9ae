"""Which form a body has and which one an answer shall have (RFC 9110, 8.3, 8.4 and 12.5.1)."""

from collections.abc import Sequence
from email.message import Message

from starlette.requests import Request

from chassis.problems import UNSUPPORTED_MEDIA_TYPE

JSON = "application/json"
_UTF_8 = frozenset({"utf-8", "utf8"})
_MOST_RANGES = 20


def essence(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def check_coding(request: Request) -> None:
    """Refuse a body that is compressed: it would be read as if it were not. Raises `UNSUPPORTED_MEDIA_TYPE`."""
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise UNSUPPORTED_MEDIA_TYPE(
            "Send the body without Content-Encoding.",
            "请勿使用 Content-Encoding 压缩请求体。",
            headers={"Accept-Encoding": "identity"},
        )


def is_json(request: Request) -> bool:
    """Whether this is how the body says it comes."""
    name = essence(request.headers.get("content-type", ""))
    return name == JSON or (name.startswith("application/") and name.endswith("+json"))


def check_json(request: Request, also: Sequence[str] = ()) -> None:
    """Refuse a body that does not say that it is JSON in UTF-8, as it is. Raises `UNSUPPORTED_MEDIA_TYPE`."""
    check_coding(request)
    content_type = request.headers.get("content-type", "")
    if not is_json(request):
        raise UNSUPPORTED_MEDIA_TYPE("Send JSON.", "请发送 JSON。", accepted=[JSON, *also])
    charset = _charset(content_type) if ";" in content_type else None
    if charset is not None and charset not in _UTF_8:
        raise UNSUPPORTED_MEDIA_TYPE("Send JSON in UTF-8.", "请发送 UTF-8 编码的 JSON。", accepted=[JSON, *also])


def _charset(content_type: str) -> str | None:
    """What the parameter says, in lower case, quoted or not."""
    message = Message()
    message["content-type"] = content_type
    found = message.get_param("charset")
    return None if found is None else str(found).strip().lower()


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """The form that an `Accept` wants most; the first of those offered where it makes no difference, or wants none of them.

    To disregard the header is what the RFC allows where nothing fits, and what whatever has one form does.
    """
    ranges = [_range(part) for part in (accept or "").split(",")[:_MOST_RANGES]]

    def rank(media_type: str) -> tuple[float, int]:
        # Of the ranges that a type is in, the most specific one says how much it is wanted; 0 is not at all.
        fits = [(specific, weight) for name, specific, weight in ranges if _within(media_type, name)]
        specific, weight = max(fits, default=(0, 0.0))
        return (weight, specific) if weight else (0.0, 0)

    return max(offered, key=rank)


def _range(part: str) -> tuple[str, int, float]:
    """A media range, how specific it is, and its weight."""
    name, *parameters = (one.strip().lower() for one in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = min(1.0, max(0.0, float(value)))
            except ValueError:
                weight = 0.0
    return name, 0 if name == "*/*" else 1 if name.endswith("/*") else 2, weight


def _within(media_type: str, name: str) -> bool:
    return name in (media_type, "*/*") or (name.endswith("/*") and media_type.startswith(name[:-1]))

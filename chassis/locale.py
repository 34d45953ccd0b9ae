"""Which of the product's two languages a request wants."""

from functools import lru_cache
from typing import Literal

Locale = Literal["zh-CN", "en"]

DEFAULT: Locale = "zh-CN"


@lru_cache(maxsize=256)
def negotiate(accept_language: str | None) -> Locale:
    """The best of zh-CN and en for an `Accept-Language` value (RFC 9110, 12.5.4).

    Any Chinese tag (`zh`, `zh-Hans-CN`, `zh-TW`) means zh-CN; what matches neither language means the default, zh-CN.
    """
    best: tuple[float, int, Locale] | None = None
    for position, part in enumerate((accept_language or "").split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        locale: Locale | None = "zh-CN" if language in ("zh", "*") else "en" if language == "en" else None
        if locale is None:
            continue
        weight = _weight(parameters)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, position, locale)
    return best[2] if best else DEFAULT


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0

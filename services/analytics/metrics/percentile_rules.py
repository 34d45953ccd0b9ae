"""Percentiles. Pure."""

from collections.abc import Sequence


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """The value below which this part lies, between the two nearest ones where it falls between them; None of nothing."""
    if not ordered:
        return None
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

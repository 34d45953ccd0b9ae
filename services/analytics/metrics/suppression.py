"""Hiding what answers of small groups would tell of one person. Pure.

What comes from surveys or learning of fewer than five people is hidden. If only one of several were hidden, it could be had by
subtracting the others from the whole: then the next smallest is hidden, too. Months add up to their quarter, and breakdown values to
each month and to the quarter: all of these are shown by one rule, whoever asks for what.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Final, TypeVar

LEAST: Final = 5
"""Answers of fewer people are not shown."""

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=Hashable)


def hidden(sizes: Mapping[Key, int], *, least: int = LEAST) -> set[Key]:
    """Which parts of one whole are hidden, by how many people answered in each.

    A part in which nobody answered says nothing of anybody, and is never hidden. Of what is hidden together there are at least two parts
    with at least `least` people, unless everything is hidden.
    """
    in_order = sorted((key for key, size in sizes.items() if size > 0), key=lambda key: (sizes[key], str(key)))
    small = [key for key in in_order if sizes[key] < least]
    rest = in_order[len(small) :]
    while small and rest and not _hides(small, sizes, least):
        small.append(rest.pop(0))
    return set(small)


def hidden_groups(rows: Mapping[Row, Mapping[Key, int]], *, least: int = LEAST) -> set[Key]:
    """Which breakdown values of a quarter are hidden, in it and in its months alike, by how many people answered in each of them.

    `rows` are the quarter and its months. Hidden everywhere: a breakdown value that is small in one month could else be had from its
    quarter and its other months. In each row, what is hidden together is as in `hidden`.
    """
    whole: dict[Key, int] = {}
    for row in rows.values():
        for key, size in row.items():
            whole[key] = max(size, whole.get(key, 0))
    hide = {key for row in rows.values() for key, size in row.items() if 0 < size < least}
    rest = sorted((key for key in whole if whole[key] > 0 and key not in hide), key=lambda key: (whole[key], str(key)))
    while hide and rest:
        open_rows = [row for row in rows.values() if not _hides(hide, row, least)]
        if not open_rows:
            break
        # One that adds to what is open first; any other helps none of them.
        helps = next((key for key in rest if any(row.get(key, 0) for row in open_rows)), None)
        if helps is None:
            break
        rest.remove(helps)
        hide.add(helps)
    return hide


def _hides(keys: Iterable[Key], sizes: Mapping[Key, int], least: int) -> bool:
    """Whether what these are together tells of none of them."""
    people = [size for key in keys if (size := sizes.get(key, 0)) > 0]
    return not people or (len(people) > 1 and sum(people) >= least)

"""Which questions the draws of a paper get."""

from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.events.papers.rules import allot, widened

_IDS = [UUID(int=number) for number in range(8)]
_able = st.lists(st.lists(st.sampled_from(_IDS), unique=True, max_size=6), min_size=1, max_size=4)


def _possible(able, counts):
    """Whether any order of taking serves everybody: tried one by one."""
    slots = [draw for draw, count in enumerate(counts) for _ in range(count)]
    if len(slots) > len(_IDS):
        return False
    return any(
        all(question in able[draw] for draw, question in zip(slots, some, strict=True))
        for some in permutations(_IDS, len(slots))
    )


@given(_able, st.data())
def test_draws_are_served_whenever_there_is_a_way_and_never_twice_with_the_same(able, data):
    counts = [data.draw(st.integers(0, 2)) for _ in able]
    found, short = allot(able, counts)
    flat = [one for some in found for one in some]
    assert len(flat) == len(set(flat))
    assert all(one in may for some, may in zip(found, able, strict=True) for one in some)
    assert all(len(some) <= count for some, count in zip(found, counts, strict=True))
    assert [(one.draw, one.wanted, one.found) for one in short] == [
        (draw, count, len(found[draw])) for draw, count in enumerate(counts) if len(found[draw]) < count
    ]
    assert (not short) == _possible(able, counts)


def test_a_draw_that_took_what_another_needs_takes_something_else():
    one, two, three, four = _IDS[:4]
    found, short = allot([[two, one], [two, three, four]], [1, 3])
    assert (found, short) == ([[one], [two, three, four]], [])


@given(_able, st.data(), st.integers(0, 10))
def test_what_is_left_over_goes_to_draws_that_may_have_it_up_to_the_most(able, data, most):
    counts = [data.draw(st.integers(0, 2)) for _ in able]
    found, _ = allot(able, counts)
    wide = widened(found, able, counts, most)
    flat = [one for some in wide for one in some]
    assert len(flat) == len(set(flat)) <= max(most, sum(map(len, found)))
    assert all(few == many[: len(few)] for few, many in zip(found, wide, strict=True))
    assert all(one in may for some, may in zip(wide, able, strict=True) for one in some)
    free = {one for count, may in zip(counts, able, strict=True) if count for one in may} - set(flat)
    assert not free or len(flat) >= most

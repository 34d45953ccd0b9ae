"""Groups are alike in size and in departments, and the same people are dealt alike whoever asks."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.membership.groups.grouping_rules import Candidate, balanced, how_many, joining_smallest
from services.membership.groups.rules import LARGEST

SEEDS = st.integers(0, 2**31 - 1)
PEOPLE = st.lists(st.sampled_from([None, "", "A", "B", "B1", "C"]), max_size=60).map(
    lambda departments: [Candidate(UUID(int=place + 1), code) for place, code in enumerate(departments)]
)


@given(people=PEOPLE, groups=st.integers(1, 9), seed=SEEDS)
def test_sizes_and_the_members_of_each_department_differ_by_at_most_one(people, groups, seed):
    dealt = balanced(people, groups=groups, seed=seed)
    assert sorted(one for group in dealt for one in group) == sorted(one.member_id for one in people)
    sizes = [len(group) for group in dealt]
    assert max(sizes) - min(sizes) <= 1
    of = {one.member_id: one.department for one in people}
    counts = [Counter(of[one] for one in group) for group in dealt]
    for department in set(of.values()):
        each = [count[department] for count in counts]
        assert max(each) - min(each) <= 1


@given(people=PEOPLE, groups=st.integers(1, 9), seed=SEEDS, data=st.data())
def test_the_order_of_rows_changes_nothing_and_the_seed_is_kept(people, groups, seed, data):
    shuffled = data.draw(st.permutations(people))
    assert balanced(shuffled, groups=groups, seed=seed) == balanced(people, groups=groups, seed=seed)
    sizes = {UUID(int=1000 + place): place % 3 for place in range(groups)}
    assert joining_smallest(shuffled, sizes, seed=seed) == joining_smallest(people, sizes, seed=seed)


def test_another_seed_deals_otherwise():
    people = [Candidate(UUID(int=place + 1), "A") for place in range(40)]
    assert len({str(balanced(people, groups=5, seed=seed)) for seed in range(5)}) == 5


@given(people=PEOPLE, sizes=st.lists(st.integers(0, LARGEST), min_size=1, max_size=6), seed=SEEDS)
def test_each_who_comes_late_joins_the_smallest(people, sizes, seed):
    now = {UUID(int=1000 + place): size for place, size in enumerate(sizes)}
    placed = joining_smallest(people, now, seed=seed)
    for _, group_id in placed:
        assert now[group_id] == min(now.values()) < LARGEST
        now[group_id] += 1
    assert len(placed) == min(len(people), sum(LARGEST - size for size in sizes))


@given(people=st.integers(0, 20_000), size=st.integers(2, LARGEST))
def test_no_group_is_larger_than_asked_for_and_none_is_empty(people, size):
    groups = how_many(people, size=size, count=None)
    assert groups == -(-people // size)
    assert how_many(people, size=None, count=5000) <= max(people, 0)
    assert -(-people // max(1, how_many(people, size=None, count=1))) <= LARGEST

"""Groups are alike in size and in departments, and the same people are dealt alike whoever asks."""

import random
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.groups.grouping_rules import (
    Candidate,
    balanced,
    how_many,
    in_drawn_order,
    joining_smallest,
    lot,
)
from services.membership.groups.rules import LARGEST
from services.membership.groups.skill_rules import balanced_by_skill

SEEDS = st.integers(0, 2**31 - 1)
PEOPLE = st.lists(st.sampled_from([None, "", "A", "B", "B1", "C"]), max_size=60).map(
    lambda departments: [Candidate(UUID(int=place + 1), code) for place, code in enumerate(departments)]
)
SKILLED = st.lists(
    st.tuples(st.sampled_from([None, "A", "B"]), st.frozensets(st.sampled_from("abcdefghijkl"), max_size=5)),
    max_size=50,
).map(lambda rows: [Candidate(UUID(int=place + 1), code, skills) for place, (code, skills) in enumerate(rows)])


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


# --- by skill ------------------------------------------------------------------------------------------------------


def greedily(people, *, groups, seed):
    """The same, recounting everything for each of them."""
    base, larger = divmod(len(people), groups)
    dealt = [[] for _ in range(groups)]
    holders = Counter(skill for one in people for skill in one.skills)
    rarest = sorted((count, lot(skill, seed), skill) for skill, count in holders.items() if count > 1)
    waiting = in_drawn_order(people, seed)
    for skill in [skill for *_, skill in rarest] + [None]:
        for one in [each for each in waiting if skill is None or skill in each.skills]:
            room = [
                (sum(skill in other.skills for other in group), len(group), place)
                for place, group in enumerate(dealt)
                if len(group) < base or (len(group) == base and sum(len(each) > base for each in dealt) < larger)
            ]
            dealt[min(room)[-1]].append(one)
            waiting.remove(one)
    return [[one.member_id for one in group] for group in dealt]


@given(people=SKILLED, groups=st.integers(1, 9), seed=SEEDS, data=st.data())
def test_who_has_a_skill_comes_where_the_fewest_have_it_in_whatever_order_people_are_given(people, groups, seed, data):
    dealt = balanced_by_skill(data.draw(st.permutations(people)), groups=groups, seed=seed)
    assert sorted(one for group in dealt for one in group) == sorted(one.member_id for one in people)
    sizes = [len(group) for group in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert dealt == greedily(people, groups=groups, seed=seed)


@pytest.mark.parametrize("seed", range(30))
def test_many_with_several_skills_each_are_dealt_as_a_plain_recount_says(seed):
    """What few examples seldom show: groups that are full for one skill while another is dealt."""
    drawn = random.Random(seed)
    skills = [frozenset(drawn.sample("abcdefgh", drawn.randint(0, 4))) for _ in range(drawn.randint(20, 45))]
    people = [Candidate(UUID(int=place + 1), None, each) for place, each in enumerate(skills)]
    groups = drawn.randint(3, 9)
    dealt = balanced_by_skill(people, groups=groups, seed=seed)
    assert dealt == greedily(people, groups=groups, seed=seed)
    sizes = [len(group) for group in dealt]
    assert max(sizes) - min(sizes) <= 1


@given(people=PEOPLE, groups=st.integers(1, 9), seed=SEEDS)
def test_where_everybody_can_do_one_thing_each_thing_is_dealt_like_a_department(people, groups, seed):
    able = [Candidate(one.member_id, None, frozenset({str(one.department)})) for one in people]
    dealt = balanced_by_skill(able, groups=groups, seed=seed)
    of = {one.member_id: one.department for one in people}
    counts = [Counter(of[one] for one in group) for group in dealt]
    for skill in set(of.values()):
        each = [count[skill] for count in counts]
        assert max(each) - min(each) <= 1 or sum(each) == 1


def test_a_rare_skill_is_in_each_group_although_most_who_have_it_can_do_more():
    """Twenty of a hundred know law, all of them Excel, too, as everybody does."""
    people = [
        Candidate(UUID(int=place + 1), None, frozenset({"excel"} | ({"law"} if place < 20 else set())))
        for place in range(100)
    ]
    lawyers = {one.member_id for one in people if "law" in one.skills}
    for group in balanced_by_skill(people, groups=10, seed=3):
        assert (len(group), len(lawyers & set(group))) == (10, 2)


def test_nobody_and_more_groups_than_people_are_dealt_too():
    assert balanced_by_skill([], groups=0, seed=1) == []
    one = Candidate(UUID(int=1), None, frozenset({"a"}))
    assert balanced_by_skill([one], groups=3, seed=1) == [[one.member_id], [], []]

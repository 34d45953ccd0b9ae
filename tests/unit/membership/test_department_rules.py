from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.membership.departments.rules import is_below_itself, parents_first


@dataclass(frozen=True)
class Node:
    code: str
    parent_code: str | None = None


def test_a_department_cannot_be_below_itself_at_any_distance():
    forest = {"A": None, "B": "A", "C": "B"}
    assert is_below_itself("A", "A", forest)
    assert is_below_itself("A", "C", forest)
    assert not is_below_itself("C", "A", forest)
    assert not is_below_itself("A", None, forest)


CODES = st.sampled_from("ABCDEFG")


@given(st.dictionaries(CODES, st.none() | CODES, max_size=7))
def test_parents_come_before_their_children_whatever_the_order(parents):
    nodes = [Node(code, parent) for code, parent in parents.items()]
    ordered = parents_first(nodes)
    assert sorted(node.code for node in ordered) == sorted(parents)
    position = {node.code: index for index, node in enumerate(ordered)}
    for node in nodes:
        if node.parent_code in position and not is_below_itself(node.code, node.parent_code, parents):
            assert position[node.parent_code] < position[node.code]


@given(st.lists(st.tuples(CODES, st.none() | CODES), max_size=30))
def test_moves_that_are_checked_one_by_one_never_make_a_ring(moves):
    forest: dict[str, str | None] = {}
    for code, parent in moves:
        if parent is None or (parent in forest and not is_below_itself(code, parent, forest)):
            forest[code] = parent
    for code, parent in forest.items():
        assert not is_below_itself(code, parent, forest)

import pytest

from tests.support.interpolation import VariableMissing, interpolate


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("${HOST:-db}:5432", "db:5432"),
        ("${SET:-db}", "here"),
        ("$SET/${SET}", "here/here"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${UNSET}", ""),
        ("a$$b", "a$b"),
        ("http://${HOST:-api}:${PORT:-80}/x", "http://api:80/x"),
    ],
)
def test_a_variable_is_replaced_as_compose_does(text: str, meaning: str):
    assert interpolate(text, {"SET": "here", "EMPTY": ""}) == meaning


def test_values_are_replaced_at_any_depth_and_keys_are_not():
    assert interpolate({"$A": ["$A", 1]}, {"A": "x"}) == {"$A": ["x", 1]}


def test_a_required_variable_that_is_missing_is_named():
    with pytest.raises(VariableMissing, match="KEY: set it"):
        interpolate("${KEY:?set it}", {})

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.strict_json import JsonRefused, parse


def refusal(content, **options):
    with pytest.raises(JsonRefused) as caught:
        parse(content, **options)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "gb18030"])
def test_only_utf8_is_let_in(encoding):
    assert refusal('{"name": "张伟é"}'.encode(encoding, "replace")) in {"not_utf8", "json_invalid"}


def test_a_byte_order_mark_does_no_harm():
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": NaN}', "nan", "1_0", "01", "+1", ".5", ""])
def test_what_is_no_json_is_refused(text):
    assert refusal(text.encode()) == "json_invalid"


@pytest.mark.parametrize("text", ['"\\u0000"', '{"a\\u0000": 1}', '["\\ud800"]', '{"\\uDFFF": 1}', '"\\udc00\\ud800"'])
def test_nul_and_half_of_a_pair_are_refused_wherever_a_text_stands(text):
    assert refusal(text.encode()) == ("nul_character" if "0000" in text else "half_character")


def test_a_whole_pair_and_an_escaped_backslash_are_fine():
    assert parse(b'["\\ud83d\\ude00", "\\\\u0000", "\\\\ud800"]') == ["😀", "\\u0000", "\\ud800"]


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"a": 1, "\\u0061": 2}', '[{"x": {"a": 1, "b": 2, "a": 3}}]'])
def test_a_name_given_twice_is_refused(text):
    assert refusal(text.encode()) == "duplicate_key"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_an_integer_beyond_64_bits_is_refused(number):
    assert refusal(b'{"n": %d}' % number) == "number_out_of_range"


def test_a_number_of_a_million_digits_is_refused_at_once():
    assert refusal(b"9" * 1_000_000) == "number_out_of_range"
    assert refusal(b"1e999") == "number_out_of_range"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, 0.3, 1e300])
def test_numbers_within_are_kept_as_they_are(number):
    assert parse(json.dumps({"n": number}).encode()) == {"n": number}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 65 + "]" * 65])
def test_what_is_nested_too_deep_is_refused_before_it_is_parsed(text):
    assert refusal(text.encode()) == "too_deep"


def test_brackets_in_texts_are_not_depth():
    text = json.dumps(["[{" * 500, '"[' * 500])
    assert parse(text.encode()) == json.loads(text)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES, st.booleans())
def test_whatever_is_harmless_passes_unchanged(value, escaped):
    assert parse(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_else(content):
    with suppress(JsonRefused):
        parse(content)

"""Which differences between two texts are none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.limits import wrongs
from assessment.normalising import fits, normal, numbers_of, says_nothing
from assessment.questions import Accepted
from tests.support.questions import TEXTS, fill_in


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("１１９", "119"),
        ("ＡＢＣ", "abc"),
        ("國家安全", "国家安全"),
        ("消 防 安 全", "消防安全"),
        ("消防　安全 ", "消防安全"),
        ("HTTP 协议", "http协议"),
        ("“安全”第一。", '"安全"第一.'),
        ("a\u200bb", "ab"),
        ("New   York", "new york"),
        ("—", "-"),
    ],
)
def test_what_nobody_sees_or_means_makes_no_answer_wrong(given_text, wanted):
    assert fits(given_text, Accepted(wanted))
    assert fits(wanted, Accepted(given_text))


def test_what_is_meant_makes_a_difference():
    assert not fits("newyork", Accepted("new york"))
    assert not fits("abc", Accepted("ABC"), fold_case=False)
    assert not fits("國家", Accepted("国家"), fold_traditional=False)
    assert not fits("119", Accepted("191"))


def test_a_star_stands_for_any_signs_and_one_with_a_backslash_for_itself():
    ways = Accepted("灭火*器*", wildcard=True)
    assert [fits(one, ways) for one in ("灭火器", "灭火的机器们", "器灭火", "干粉灭火器")] == [True, True, False, False]
    assert fits("2*3", Accepted(r"2\*3", wildcard=True))
    assert not fits("2x3", Accepted(r"2\*3", wildcard=True))
    assert not fits("2x3", Accepted("2*3"))
    assert not fits("ab", Accepted("ab*b", wildcard=True)), "no sign is used twice"


def test_a_number_is_one_however_it_is_written():
    pi = Accepted(number=Decimal("1234.5"), tolerance=Decimal("0.5"))
    assert [
        one for one in ("1234.5", "１２３４．５", "1,234", "1.2345e3", "1235", "+1234.5") if not fits(one, pi)
    ] == []
    assert [one for one in ("1235.1", "12,34.5", "etwa 1234.5", "", "e", ".", "NaN", "1" * 50) if fits(one, pi)] == []
    assert numbers_of("50%") == (Decimal(50), Decimal("0.5"))


@given(text=st.text(alphabet="5.,e-%", max_size=4))
def test_whatever_is_typed_into_a_number_is_one_or_none(text):
    fits(text, Accepted(number=Decimal(5), tolerance=Decimal("0.5")))


@pytest.mark.parametrize("text", ["e5", "E05", ".e5", "+e5", "e1%", "Ｅ５"])
def test_an_exponent_alone_is_no_number(text):
    assert numbers_of(text) == ()


@given(text=st.text(alphabet="\u200b\ufeff\u2060\u3000 \u00a0\u00ad\ta。\u0308", max_size=4))
def test_what_nobody_sees_fills_no_blank(text):
    assert says_nothing(text) == (normal(text) == "")
    told = [(one.pointer, one.code) for one in wrongs(fill_in("甲", text))]
    assert told == ([("/blanks/1/accepted/0/text", "required")] if says_nothing(text) else [])


@given(text=TEXTS | st.text(max_size=40), fold_case=st.booleans(), fold_traditional=st.booleans())
def test_what_is_normal_stays_so(text, fold_case, fold_traditional):
    once = normal(text, fold_case=fold_case, fold_traditional=fold_traditional)
    assert normal(once, fold_case=fold_case, fold_traditional=fold_traditional) == once


def test_the_longest_answer_is_compared_in_no_time(cpu_seconds):
    with cpu_seconds(most=2):
        for _ in range(20):
            assert not fits("ab" * 1_000, Accepted("*a" * 1_000 + "*c", wildcard=True))

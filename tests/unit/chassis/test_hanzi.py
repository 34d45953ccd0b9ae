import pytest

from chassis.hanzi import folded, simplified


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("發票", "发票"),
        ("ＡＢｃ１２", "abc12"),
        ("學習體驗", "学习体验"),
        ("①号", "1号"),
        ("教案", "教案"),
        ("乾杯", "干杯"),
    ],
)
def test_texts_that_differ_in_width_case_or_tradition_are_the_same(text, compared):
    assert folded(text) == compared


def test_simplifying_keeps_the_place_of_every_character():
    assert len(simplified("𠮷野家的發票,ABC")) == len("𠮷野家的發票,ABC")

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.text import comparable, has_something_visible, one_line, said, without_contacts


@pytest.mark.parametrize(
    "kept",
    [
        "张\U0002ebf0",
        "张\ue863",
        "古丽•努尔",
        "张\U0003ffff"[:1] + "\U00031350",
        "👩\u200d💻 Ada",
        "می\u200cخواهم",
        "\u0601١٢",
    ],
)
def test_characters_that_do_no_harm_stay(kept):
    """Newer than Python's tables, private to a font, joined, or of a script with signs of its own."""
    assert one_line(kept) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 张  伟\n", "张 伟"),
        ("张\u3000伟", "张 伟"),
        ("evil\u202egnp", "evilgnp"),
        ("zero\u200bwidth\x07", "zerowidth"),
        ("tag\U000e0061ged", "tagged"),
        ("no\ufffe\U0010ffffcharacter", "nocharacter"),
        ("half\ud800", "half"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_one_line_without_what_harms(written, kept):
    assert one_line(written) == kept


@pytest.mark.parametrize(
    "blank",
    [
        "",
        " \t ",
        "\u200b",
        "\u200d",
        "\u3164",
        "\uffa0",
        "\u115f\u1160",
        "\u2800",
        "\ufe0f",
        "\u0301",
        "\u3000\u3164\u200c",
        "\U000e0100",
    ],
)
def test_what_nobody_can_see_is_no_name_and_says_nothing(blank):
    for wanted in (one_line, said):
        with pytest.raises(ValueError):
            wanted(blank)


def test_a_text_of_several_lines_stays_as_it_is():
    assert said("a\n\n  b\u200b") == "a\n\n  b\u200b"


@pytest.mark.parametrize(
    ("one", "other"), [("上海", " 上海 "), ("上海", "上海\u3000"), ("Ａ１", "A1"), ("é", "e\u0301"), ("㎡", "m2")]
)
def test_texts_are_compared_without_width_and_surrounding_space(one, other):
    assert comparable(one) == comparable(other)


@given(st.text(max_size=50))
def test_a_kept_name_stays_as_it_is_and_is_no_longer_than_it_was(text):
    try:
        line = one_line(text)
    except ValueError:
        return
    assert one_line(line) == line
    assert len(line) <= len(text)
    assert has_something_visible(line)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in line)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("邮箱：zhang.wei@corp.example 已被占用", "邮箱：z***@*** 已被占用"),
        ('"Joined" is not a date: zhang@corp', '"Joined" is not a date: z***@***'),
        ("Phone 13800138000 is taken.", "Phone ***00 is taken."),
        ("“日期”不是日期：+86 138-0013-8000", "“日期”不是日期：***00"),
        ("is not a time: 2024-03-01T09:00:00", "is not a time: 2024-03-01T09:00:00"),
        ("must be in the years 1900 to 2200: 2300-01-01", "must be in the years 1900 to 2200: 2300-01-01"),
        ("E00123 is longer than 2000 characters", "E00123 is longer than 2000 characters"),
        ("a spreadsheet turned it into 1.23E+10", "a spreadsheet turned it into 1.23E+10"),
    ],
)
def test_of_contacts_nothing_stays_by_which_somebody_is_reached(written, kept):
    assert without_contacts(written) == kept

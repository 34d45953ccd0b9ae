"""Numbers of foreign files are what people mean by one, not what Python reads as one."""

import pytest

from chassis.tabular.numbers import LARGEST, number_of, whole_of

PYTHONS_OWN = [
    "1_0",
    "nan",
    "inf",
    "-Infinity",
    "٣",
    "१२",
    "0x10",
    "",
    "  ",
    "十",
    "1,0",
    "12,34",
    "1 0",
    "--1",
    "1e",
    ".",
]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10),
        (" 10 ", 10),
        ("１０", 10),
        ("１，２８０．５", 1280.5),
        ("+3", 3),
        ("－3", -3),
        (".5", 0.5),
        ("2e3", 2000),
        ("7.", 7),
    ],
)
def test_a_number_is_read_as_it_is_written_in_either_width(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize("text", [*PYTHONS_OWN, f"{LARGEST * 10:.0f}", "1e999", "9" * 400])
def test_what_people_do_not_write_for_a_number_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        number_of(text)


@pytest.mark.parametrize(
    ("text", "count"), [("10", 10), ("10.0", 10), ("１，０００", 1000), ("007", 7), (f"{LARGEST:.0f}", int(LARGEST))]
)
def test_how_many_is_read_also_where_a_spreadsheet_wrote_a_fraction_of_nothing(text, count):
    assert whole_of(text) == count


@pytest.mark.parametrize("text", [*PYTHONS_OWN, "1.5", "-1", "+1", "1e3", "²"])
def test_what_says_no_count_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        whole_of(text)

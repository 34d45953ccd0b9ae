"""Aiken: its few rules, taken as widely as they can mean one thing only."""

from assessment.formats import read_aiken, write_aiken
from tests.support.banks import in_short, questions_of, text
from tests.support.questions import single, true_false


def test_a_question_has_choices_by_letters_and_one_answer():
    first, second, chinese, lower = questions_of(read_aiken(text("constructs.aiken.txt")))
    assert (first.right_keys, [one.text for one in first.choices][3]) == (("D",), "Must be this one!")
    assert (second.text, second.right_keys) == ("Which LMS has the most quiz import formats?", ("A",))
    assert (chinese.text, [one.text for one in chinese.choices]) == (
        "火警电话是多少？\n（以国内为准）",
        ["１１０", "119", "120"],
    )
    assert (chinese.right_keys, lower.right_keys) == (("B",), ("B",))


def test_what_is_wrong_is_told_with_its_line_and_costs_no_other_question():
    assert in_short(read_aiken(text("broken.aiken.txt"))) == [
        (1, "no_answer"),
        (8, "wrong_letter"),
        (14, "several_right"),
        (16, "no_choices"),
        (19, "no_answer"),
        (21, "no_choices"),
        (24, "no_question"),
        (26, "too_few"),
        (30, "single"),
        (35, "no_answer"),
    ]


def test_the_byte_order_mark_and_the_line_ends_of_windows_are_no_text():
    (question,) = questions_of(read_aiken("\ufeffWas?\r\nA. x\r\nB. y\r\nANSWER: B\r\n"))
    assert (question.text, question.right_keys) == ("Was?", ("B",))


def test_what_it_cannot_hold_is_named():
    rich = single(explanation="weil", tags=("x",), category=("y",), marks=200, name="z")
    reads_otherwise = single("Wer?\nA. Schmidt sagt es.")
    written = write_aiken([rich, true_false(), reads_otherwise, single("Zwei\n\nZeilen")])
    assert [(one.number, one.code) for one in written.left_out if one.altogether] == [(2, "kind"), (3, "lines")]
    parts = {one.code for one in written.left_out if not one.altogether}
    assert parts == {"explanation", "tags", "category", "marks", "name"}
    assert [one.text for one in questions_of(read_aiken(written.text))] == ["Was?", "Zwei\nZeilen"]

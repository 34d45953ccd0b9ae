"""What answers bring, by kind and by how parts of them are paid."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.grading import grade, total
from assessment.limits import wrongs
from assessment.questions import WHOLE, Accepted, Answer, Choice, Question, letter
from tests.support.questions import (
    answers,
    askable,
    fill_in,
    matching,
    multiple,
    ordering,
    single,
    true_false,
)

HALF = WHOLE // 2


def marks(question, *choices, texts=(), pairs=()):
    return grade(question, Answer(choices, texts, pairs)).marks


def test_one_choice_brings_all_or_nothing_and_a_wrong_one_what_it_costs():
    question = single(right=1, deduction=25)
    assert (marks(question, "B"), marks(question, "A"), marks(question)) == (100, -25, 0)
    assert marks(question, "A", "B") == -25, "who chooses two has chosen none"


@pytest.mark.parametrize(
    ("partial", "brings"),
    [("usual", {"AB": 100, "A": 50, "AC": 0, "ABC": 0, "C": 0}), ("none", {"AB": 100, "A": 0, "AC": 0})],
)
def test_several_choices_bring_half_if_some_are_missing_and_nothing_if_any_is_wrong(partial, brings):
    question = multiple(right=(0, 1), partial=partial)
    assert {given: marks(question, *given) for given in brings} == brings


def test_weights_add_up_and_three_thirds_are_a_whole():
    third = 3_333_333
    weights = [third, third, third, -HALF]
    question = Question(
        "multiple",
        "?",
        choices=tuple(Choice(letter(place), "x", weight) for place, weight in enumerate(weights)),
        partial="weights",
    )
    assert [marks(question, *given) for given in ("ABC", "AB", "AD", "ABCD", "D")] == [100, 67, 0, 50, 0]
    assert grade(question, Answer(("A", "B", "C"))).right


def test_an_order_brings_a_part_for_each_that_is_in_its_place():
    question = ordering(choices=("a", "b", "c", "d"))
    assert [marks(question, *given) for given in ("ABCD", "ABDC", "BADC", "ABC")] == [100, 50, 0, 0]
    assert marks(replace(question, partial="none"), *"ABDC") == 0


def test_pairs_and_blanks_bring_a_part_each():
    pairs = matching([("rot", "halt"), ("grün", "geh"), ("gelb", "warte")])
    assert marks(pairs, pairs=(("1", "A"), ("2", "B"))) == 67
    blanks = fill_in("119", ("120", "一二〇"), text="____、____")
    assert [marks(blanks, texts=given) for given in (("119", "一二〇"), ("119",), ("", "119"))] == [100, 50, 0]


def test_the_first_way_that_fits_a_blank_counts():
    near = Accepted(number=Decimal("3.14"), tolerance=Decimal("0.1"), weight=HALF, feedback="nearly")
    question = fill_in((Accepted(number=Decimal("3.14")), near, Accepted("*", wildcard=True, weight=0, feedback="far")))
    found = [grade(question, Answer(texts=(given,))) for given in ("3.14", "3,2", "3.2", "7")]
    assert [one.marks for one in found] == [100, 0, 50, 0]
    assert [one.feedback for one in found] == [(), ("far",), ("nearly",), ("far",)]


def test_a_blank_that_is_left_empty_brings_nothing_whatever_it_takes():
    whatever = (Accepted("*", wildcard=True, feedback="so"),)
    question = fill_in("119", whatever, text="____、____")
    assert [marks(question, texts=given) for given in (("119", "x"), ("119", " \u200b"), ("119",))] == [100, 50, 50]
    assert marks(replace(question, partial="none"), texts=("119", "")) == 0
    assert grade(question, Answer(texts=("119", ""))).feedback == ()


def test_what_people_grade_waits_for_them_unless_it_is_empty():
    question = Question("short_text", "Warum?")
    assert grade(question, Answer(texts=("weil",))).marks is None
    assert grade(question, Answer(texts=("  ",))).marks == 0


def test_a_paper_never_comes_to_less_than_nothing():
    assert (total([-25, -25, 10]), total([100, -25])) == (0, 75)


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_marks_stay_within_what_a_question_brings_and_costs(data):
    question = data.draw(askable())
    given_answer = data.draw(answers(question))
    found = grade(question, given_answer)
    if question.by_people:
        return
    least = min(-question.deduction, *(question.marks * one.weight // WHOLE for one in question.choices), 0)
    assert least <= found.marks <= question.marks
    assert found.share <= WHOLE


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_who_knows_the_answer_gets_it_all(data):
    question = data.draw(askable(("single", "multiple", "true_false", "ordering", "matching")))
    known = Answer(question.right_keys)
    if question.kind == "matching":
        known = Answer(pairs=tuple((one.key, one.match) for one in question.stems))
    elif question.kind == "single":
        known = Answer((next(one.key for one in question.choices if one.weight == WHOLE),))
    elif question.kind == "multiple" and question.partial == "weights":
        return
    assert grade(question, known).right
    assert grade(question, known).marks == question.marks


def test_what_cannot_be_asked_is_told_by_its_place():
    assert wrongs(single()) == wrongs(true_false()) == []
    found = {
        "none right": single(right=9),
        "no text": single(text=" "),
        "no choice": single(choices=("a", "")),
        "too many": single(choices=["x"] * 27),
        "too dear": single(marks=100_001),
        "unheard of": single(difficulty=6),
        "tags": single(tags=("x",) * 21),
        "deep": single(category=("x",) * 11),
        "no way": fill_in(()),
        "nothing whole": fill_in((Accepted("a", weight=HALF),)),
        "long feedback": fill_in((Accepted("a", feedback="x" * 2_001),)),
        "stems of single": replace(single(), stems=matching().stems),
        "long in all": fill_in(*[(Accepted("a"), *[Accepted("x" * 2_000, weight=HALF)] * 19)] * 2),
        "too fine": fill_in((Accepted(number=Decimal("1e-16")),)),
        "too great": fill_in((Accepted(number=Decimal("1e20")),)),
        "too wide": fill_in((Accepted(number=Decimal(1), tolerance=Decimal("1e99")),)),
        "no number": fill_in((Accepted(number=Decimal("NaN")),)),
    }
    assert {name: next((one.pointer, one.code) for one in wrongs(question)) for name, question in found.items()} == {
        "none right": ("/choices", "none_right"),
        "no text": ("/text", "required"),
        "no choice": ("/choices/1/text", "required"),
        "too many": ("/choices", "too_many"),
        "too dear": ("/marks", "out_of_range"),
        "unheard of": ("/difficulty", "out_of_range"),
        "tags": ("/tags", "too_many"),
        "deep": ("/category", "too_many"),
        "no way": ("/blanks/0/accepted", "too_few"),
        "nothing whole": ("/blanks/0/accepted", "none_right"),
        "long feedback": ("/blanks/0/accepted/0/feedback", "too_long"),
        "stems of single": ("/stems", "not_this_kind"),
        "long in all": ("/text", "too_long_in_all"),
        "too fine": ("/blanks/0/accepted/0/number", "out_of_range"),
        "too great": ("/blanks/0/accepted/0/number", "out_of_range"),
        "too wide": ("/blanks/0/accepted/0/tolerance", "out_of_range"),
        "no number": ("/blanks/0/accepted/0/number", "out_of_range"),
    }
    largest = fill_in((Accepted(number=Decimal("-99999999999999999999.999999999999999")),))
    assert wrongs(largest) == wrongs(fill_in((Accepted(number=Decimal("1e3")),))) == []

"""What a file says otherwise of a question that a bank has, and what stays."""

from dataclasses import replace

import pytest
from hypothesis import given

from assessment.questions import WHOLE, Choice
from services.events.question_banks.corrections import corrected, echo_of
from services.events.question_banks.rules import furthest, renamed
from tests.support.questions import askable, matching, multiple, single

FORMS = ("gift", "moodle_xml", "table")


def corrects(said, before, form="gift", *, choices=None):
    named = furthest(before)
    return corrected(said, before, echo_of(before, form), choices=choices or named[0], stems=named[1])


@given(askable())
def test_what_a_format_says_of_a_question_changes_nothing_of_it_whatever_it_does_not_hold(question):
    before = renamed(replace(question, pictures=()))
    for form in FORMS:
        echo = echo_of(before, form)
        if echo is not None:
            assert corrects(echo, before, form) == before


@given(askable(), askable())
def test_no_part_has_the_key_of_an_earlier_one_that_said_something_else_in_another_place(said, question):
    before = renamed(replace(question, pictures=()))
    said = renamed(replace(said, kind=before.kind, pictures=())) if said.kind == before.kind else None
    if said is None or before.kind == "true_false":
        return
    after = corrects(said, before, choices=30)
    keys = [one.key for one in after.choices]
    assert len(keys) == len(set(keys))
    assert [one.match in keys for one in after.stems] == [True] * len(after.stems)
    had = {one.key: (place, one.text.strip()) for place, one in enumerate(before.choices)}
    for place, one in enumerate(after.choices):
        assert one.key not in had or place == had[one.key][0] or one.text.strip() == had[one.key][1]
        assert one.key in had or one.key >= "AE"
    texts = [sorted(one.text.strip() for one in some.choices) for some in (after, said)]
    assert before.kind == "matching" or texts[0] == texts[1]


def test_a_choice_keeps_its_key_by_what_it_says_else_by_its_place():
    before = single(choices=("每月", "每年", "每周"))
    said = single(choices=("每周", "每月一次", "每月"), right=2)
    assert [one.key for one in corrects(said, before).choices] == ["C", "B", "A"]
    more = single(choices=("每月", "每日", "每年", "每周"))
    assert [one.key for one in corrects(more, before).choices] == ["A", "D", "B", "C"]
    # A letter that was ever given is given to no other.
    assert [one.key for one in corrects(more, before, choices=9).choices] == ["A", "J", "B", "C"]


def test_pairs_are_by_the_keys_of_the_bank():
    before = matching((("红", "停"), ("绿", "行")), alone=("等",))
    said = renamed(matching((("绿", "行"), ("红", "停车")), alone=("等",)))
    after = corrects(said, before)
    assert [(one.key, one.text) for one in after.choices] == [("B", "行"), ("C", "等"), ("D", "停车")]
    assert [(one.key, one.text, one.match) for one in after.stems] == [("2", "绿", "B"), ("1", "红", "D")]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_changed_is_what_the_file_says_otherwise(form):
    before = replace(
        multiple(rubric="给阅卷人", explanation="旧", marks=300, tags=("必考",)),
        choices=(
            Choice("A", "a", WHOLE, "好"),
            Choice("B", "b", WHOLE),
            Choice("C", "c", 0, "不对"),
            Choice("D", "d"),
        ),
    )
    echo = echo_of(before, form)
    assert echo is not None
    after = corrects(replace(echo, explanation="新"), before, form)
    assert after == replace(before, explanation="新")

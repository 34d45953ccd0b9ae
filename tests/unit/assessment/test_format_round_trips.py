"""What is written in a format and read again is graded as before, for what the format holds; the rest is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.formats import (
    Found,
    is_heading,
    read_aiken,
    read_gift,
    read_moodle_xml,
    read_table,
    template,
    write_aiken,
    write_gift,
    write_moodle_xml,
    write_table,
)
from assessment.grading import grade
from assessment.questions import Answer
from chassis.tabular import sheet_rows
from chassis.tabular.writing import csv_file, xlsx_file
from tests.support.questions import answers, askable, fill_in, matching, multiple, ordering, single, true_false


def gift(questions):
    written = write_gift(questions)
    return written.left_out, list(read_gift(written.text))


def aiken(questions):
    written = write_aiken(questions)
    return written.left_out, list(read_aiken(written.text))


def moodle_xml(questions):
    written = write_moodle_xml(questions)
    return written.left_out, list(read_moodle_xml(written.text.encode()))


def table(questions):
    written = write_table(questions)
    return written.left_out, list(read_table(enumerate(written.rows, start=1)))


def csv(questions):
    written = write_table(questions)
    return written.left_out, list(read_table(sheet_rows(csv_file(written.rows), knows=is_heading)))


def xlsx(questions):
    written = write_table(questions)
    return written.left_out, list(read_table(sheet_rows(xlsx_file(written.rows, title="题库"), knows=is_heading)))


FORMATS = [gift, aiken, moodle_xml, table, csv, xlsx]


def pairs_of(way, questions):
    """Each question that the format holds, with what is read of it."""
    left_out, back = way(questions)
    gone = {one.number for one in left_out if one.altogether}
    held = [question for number, question in enumerate(questions, start=1) if number not in gone]
    assert [type(one) for one in back] == [Found] * len(held), [one for one in back if not isinstance(one, Found)]
    return list(zip(held, [one.question for one in back], strict=True))


def translated(answer, before, after):
    """The same answer by the keys of the question that was read: by place, as letters are given anew."""
    if before.kind == "matching":
        matched = {stem.match for stem in before.stems}
        new = dict(zip((one.match for one in before.stems), (one.match for one in after.stems), strict=True))
        taken = {stem.match for stem in after.stems}
        spare = [one.key for one in after.choices if one.key not in taken]
        new |= dict(zip((one.key for one in before.choices if one.key not in matched), spare, strict=True))
        stems = dict(zip((one.key for one in before.stems), (one.key for one in after.stems), strict=True))
        return Answer(pairs=tuple((stems[stem], new[choice]) for stem, choice in answer.pairs))
    new = dict(zip((one.key for one in before.choices), (one.key for one in after.choices), strict=True))
    return Answer(tuple(new[one] for one in answer.choices), answer.texts)


@settings(max_examples=settings().max_examples * 3 // 5)
@given(data=st.data())
def test_an_answer_brings_the_same_before_and_after_and_a_question_says_what_it_said(data):
    questions = data.draw(st.lists(askable(), min_size=1, max_size=3))
    given_answers = {id(question): data.draw(answers(question)) for question in questions}
    for way in FORMATS:
        for before, after in pairs_of(way, questions):
            answer = given_answers[id(before)]
            old, new = grade(before, answer), grade(after, translated(answer, before, after))
            assert (after.kind, new.share) == (before.kind, old.share)
            if way is not aiken:
                assert (new.marks, told(after)) == (old.marks, told(before))
            if way in (gift, moodle_xml):
                assert after.text.replace("->", "-&gt;").strip() == before.text.replace("->", "-&gt;").strip()
                assert before.kind == "matching" or said(new.feedback) == said(old.feedback)


def told(question):
    """What formats keep of a question besides its parts, but for the space around it."""
    texts = [" ".join(one.replace("->", "-&gt;").split()) for one in (question.explanation, question.name)]
    return texts, question.marks, question.deduction, question.difficulty, question.shuffle, question.fold_traditional


def said(feedback):
    return [one.replace("->", "-&gt;").strip() for one in feedback if one.strip()]


@pytest.mark.parametrize("way", [gift, moodle_xml, table, xlsx])
def test_what_was_read_once_is_read_the_same_again(way):
    found = read_table(enumerate(template(), start=1))
    questions = [one.question for one in found if isinstance(one, Found)]
    assert len(questions) == 7
    once = [after for _, after in pairs_of(way, questions)]
    assert [after for _, after in pairs_of(way, once)] == once


def test_each_format_names_the_questions_that_it_cannot_hold():
    questions = [
        single(),
        multiple(),
        ordering(),
        matching(),
        true_false(),
        fill_in("a"),
        fill_in("a", "b", text="____ und ____"),
        multiple(partial="weights"),
    ]
    gone = {way.__name__: [(one.number, one.code) for one in way(questions)[0] if one.altogether] for way in FORMATS}
    assert gone == {
        "gift": [(3, "kind"), (7, "blanks")],
        "aiken": [(2, "kind"), (3, "kind"), (4, "kind"), (5, "kind"), (6, "kind"), (7, "kind"), (8, "kind")],
        "moodle_xml": [(7, "blanks")],
        "table": [(8, "weights")],
        "csv": [(8, "weights")],
        "xlsx": [(8, "weights")],
    }


@pytest.mark.parametrize("way", [gift, moodle_xml, table, csv, xlsx])
def test_an_id_number_goes_out_and_comes_in(way):
    left_out, back = way([single(id_number="XF-1 甲"), true_false(id_number="a&b")])
    assert left_out == () or {one.code for one in left_out} == {"texts_of_choices"}
    assert [one.question.id_number for one in back] == ["XF-1 甲", "a&b"]


def test_where_there_is_no_place_for_an_id_number_that_is_said():
    assert [one.code for one in aiken([single(id_number="XF-1")])[0]] == ["id_number"]
    assert [one.code for one in table([single(id_number="12")])[0]] == ["id_number"]
    assert [one.code for one in gift([single(id_number="a]b")])[0]] == ["id_number"]

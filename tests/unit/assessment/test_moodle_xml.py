"""Moodle XML: what Moodle writes now, wrote before, and what comes of a broken file or a hostile one."""

from decimal import Decimal

import pytest

from assessment.formats import Found, Unreadable, read_moodle_xml, write_moodle_xml
from assessment.questions import WHOLE, Accepted
from tests.support.banks import file, found_in, in_short, questions_of
from tests.support.questions import single


@pytest.fixture(scope="module")
def read():
    return {question.name: question for question in found_in(read_moodle_xml(file("moodle.xml")))}


def test_a_choice_with_its_picture_feedback_marks_and_tags(read):
    question = read["灭火器"]
    assert question.text == "哪个标志是**灭火器**？![标志](picture:sign-one.png)"
    (picture,) = question.pictures
    assert (picture.name, picture.media_type, picture.content[:4]) == ("sign-one.png", "image/png", b"\x89PNG")
    assert (question.marks, question.shuffle, question.explanation) == (250, False, "红色 *手提*。")
    assert (question.category, question.tags, question.difficulty) == (("安全", "消防/应急"), ("必考",), 2)
    assert (question.when_right, question.when_wrong) == ("Your answer is correct.", "Your answer is incorrect.")
    assert [(one.text, one.weight, one.feedback) for one in question.choices] == [
        ("红色的", WHOLE, "对"),
        ("绿色的 & 白色的", 0, ""),
        (r"\*蓝色\*", -WHOLE // 4, ""),
    ]


def test_each_kind_is_read_with_what_belongs_to_it(read):
    assert (read["several"].kind, read["several"].partial, read["several"].text[:12]) == (
        "multiple",
        "weights",
        "Which *two*?",
    )
    assert {one.key: (one.right, one.feedback) for one in read["tf"].choices} == {
        "true": (False, "nein"),
        "false": (True, "ja"),
    }
    short, pi = read["short"], read["pi"]
    assert (short.fold_case, short.text, short.category) == (False, r"Who's \*there\*?", ("安全", "消防/应急"))
    assert [(one.text, one.wildcard, one.weight) for one in short.blanks[0].accepted] == [
        ("no one", False, WHOLE),
        ("no*", True, WHOLE // 2),
        ("*", True, 0),
    ]
    assert pi.blanks[0].accepted[0] == Accepted(number=Decimal("3.14159"), tolerance=Decimal("0.005"))
    assert [(one.text, one.match) for one in read["pairs"].stems] == [
        ("**red**", "A"),
        ("green", "B"),
        ("blinking red", "A"),
    ]
    assert [one.text for one in read["pairs"].choices] == ["stop", "go", "wait"]
    assert ([one.text for one in read["order"].choices], read["order"].partial) == (["pull", "aim", "squeeze"], "none")
    assert (read["essay"].rubric, read["essay"].marks) == ("- exits\n- meeting point", 1000)


def test_what_is_not_held_is_skipped_by_its_name():
    skipped = [name for _, name in in_short(read_moodle_xml(file("moodle.xml"))) if name not in ("single", "multiple")]
    assert skipped[0] == "category_info"
    assert skipped[-10:] == [
        *("description", "cloze", "calculated", "calculatedsimple", "calculatedmulti", "ddwtos", "ddimageortext"),
        *("gapselect", "randomsamatch", "hidden"),
    ]


def test_a_file_of_moodle_1_is_read_with_its_picture():
    colour, number = questions_of(read_moodle_xml(file("moodle-old.xml")))
    assert colour.text == "Which colour?\n\n![](picture:signs-colour.png)"
    assert (colour.right_keys, len(colour.pictures)) == (("A",), 1)
    assert number.blanks[0].accepted == (Accepted(number=Decimal(2)),)


def test_damage_costs_the_question_that_has_it():
    assert in_short(read_moodle_xml(file("broken.xml"))) == [
        (3, "short_text"),
        (4, "damaged_xml"),
        (5, "short_text"),
        (6, "damaged_xml"),
        (7, "short_text"),
        (8, "no_type"),
        (9, "none_right"),
        (10, "unknown_key"),
        (11, "not_a_number"),
        (12, "bad_base64"),
        (13, "required"),
        (15, "damaged_xml"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xml"),
        (b"question,answer\n", "not_xml"),
        (b"<html><quiz/></html>", "not_xml"),
        (b"<!DOCTYPE quiz [<!ENTITY a 'b'>]><quiz><question type='essay'>&a;</question></quiz>", "has_dtd"),
        (b"<!DOCTYPE quiz SYSTEM 'http://example.invalid/x.dtd'><quiz/>", "has_dtd"),
        (b"<?xml version='1.0' encoding='ebcdic-cp-us'?><quiz/>", "unknown_encoding"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content, code):
    with pytest.raises(Unreadable) as refused:
        list(read_moodle_xml(content))
    assert refused.value.code == code
    assert refused.value.zh


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", "GB2312"), ("utf-16", "utf-16"), ("utf-8-sig", "utf-8"), ("big5", "Big5")]
)
def test_the_encoding_is_what_the_file_says(encoding, declared):
    said = f"<?xml version='1.0' encoding='{declared}'?>\n<quiz><question type='essay'><questiontext><text>安全第一</text></questiontext></question></quiz>"
    assert [one.text for one in questions_of(read_moodle_xml(said.encode(encoding)))] == ["安全第一"]


def test_bytes_that_fit_no_encoding_refuse_their_question():
    one = "<question type='essay'><questiontext><text>{}</text></questiontext></question>"
    content = ("<quiz>" + one.format("gut") + "\n" + one.format("@") + "</quiz>").encode().replace(b"@", b"\xff")
    assert in_short(read_moodle_xml(content)) == [(1, "short_text"), (2, "wrong_encoding")]


def question(inside):
    return f"<quiz><question type='essay'>{inside}</question><question type='essay'><questiontext><text>next</text></questiontext></question></quiz>".encode()


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<a>" * 20 + "</a>" * 20, "too_big_question"),
        ("<a/>" * 6_000, "too_big_question"),
        ("<name><text>" + "x" * (13 << 20) + "</text></name>", "too_big_question"),
        (
            "<questiontext><text>x</text>" + "<file name='a.png'>iVBORw0KGgo=</file>" * 21 + "</questiontext>",
            "short_text",
        ),
        (
            "<questiontext><text>x</text><file name='a.png'>" + "A" * (5 << 20) + "</file></questiontext>",
            "picture_too_large",
        ),
        ("<questiontext><text>" + "x" * 9_000 + "</text></questiontext>", "too_long"),
        ("<questiontext><text>x</text></questiontext><defaultgrade>1e99</defaultgrade>", "out_of_range"),
    ],
    ids=["deep", "many elements", "long", "the same picture", "large picture", "long text", "marks"],
)
def test_what_is_too_much_refuses_its_question_alone(inside, code):
    assert [said for _, said in in_short(read_moodle_xml(question(inside)))] == [code, "short_text"]


def test_what_pretends_to_be_a_picture_and_what_lies_elsewhere_are_left_out_by_name():
    inside = (
        "<questiontext><text><![CDATA[<img src='@@PLUGINFILE@@/a.svg' alt='eins'> <img src='https://example.invalid/t.gif' alt='zwei'>"
        "<script>alert(1)</script><a href='javascript:alert(1)'>drei</a>]]></text><file name='a.svg'>PHN2Zz4=</file></questiontext>"
    )
    first, _ = read_moodle_xml(question(inside))
    assert isinstance(first, Found)
    assert (first.question.text, first.question.pictures) == ("eins zweidrei", ())
    assert set(first.left_out) == {"media", "pictures", "outside_pictures"}


def test_pictures_travel_there_and_back():
    (before,) = found_in(one for one in read_moodle_xml(file("moodle.xml")) if getattr(one.place, "number", 0) == 1)
    (after,) = questions_of(read_moodle_xml(write_moodle_xml([before]).text.encode()))
    assert after == before


def test_a_text_that_looks_like_markup_is_written_as_text():
    said = "]]> <b> & </text><!-- \x00\x0b"
    (after,) = questions_of(read_moodle_xml(write_moodle_xml([single(said)]).text.encode()))
    assert after.text == "]]> <b> & </text><!--"

"""GIFT: every construct that its documentation names, and what people get wrong."""

from decimal import Decimal

import pytest

from assessment.formats import Found, Refused, Skipped, read_gift, write_gift
from assessment.questions import WHOLE, Accepted
from chassis.tabular import decoded
from tests.support.banks import found_in, in_short, questions_of, text
from tests.support.questions import single

HALF = WHOLE // 2


@pytest.fixture(scope="module")
def read():
    """By the first words of each."""
    return {question.text.split("\n")[0].strip(): question for question in found_in(read_gift(text("constructs.gift")))}


def weights(question):
    return {one.text: one.weight for one in question.choices}


def accepted(question):
    (blank,) = question.blanks
    return blank.accepted


def test_a_title_feedback_tags_and_a_category_belong_to_their_question(read):
    first = read["Water puts out burning oil."]
    assert (first.kind, first.name, first.category) == ("true_false", "真假", ())
    assert (first.tags, first.difficulty) == (("必考", "with ] bracket"), 4)
    assert first.right_keys == ("false",)
    assert {one.key: one.feedback for one in first.choices} == {
        "true": "It spreads it.",
        "false": "Right, it spreads it.",
    }
    assert first.explanation == "Use a blanket."
    assert read["The sky is blue"].category == ("安全", "消防/应急")
    assert read["Grant was born in ____."].category == ("数字",)


def test_one_choice_or_several_by_their_weights(read):
    one = read["What is between orange and green?"]
    assert (one.kind, weights(one)) == ("single", {"yellow": WHOLE, "red": 0, "amber": HALF})
    assert [choice.feedback for choice in one.choices] == ["right; good!", "wrong, it's yellow", "nearly"]
    several = read["Which two are in the tomb?"]
    assert (several.kind, several.partial, several.explanation) == ("multiple", "weights", "They are.")
    assert list(weights(several).values()) == [-HALF, HALF, HALF, -HALF]
    assert weights(read["Three thirds"])["a"] == 3_333_333


def test_answers_in_the_middle_leave_a_gap(read):
    assert read["Grant is ____ in Grant's tomb."].kind == "single"
    ways = accepted(read["Two plus ____ equals four."])
    assert ways == (Accepted("two"), Accepted("2"), Accepted("zw*", wildcard=True, weight=HALF))
    assert accepted(read["The capital of France is ____."]) == (Accepted("Paris"),)
    assert accepted(read["Literal star"]) == (Accepted("2*3"), Accepted("star*"))


def test_pairs_may_have_more_on_their_right_side(read):
    pairs = read["Which animal eats which food?"]
    texts = {one.key: one.text for one in pairs.choices}
    assert {one.text: texts[one.match] for one in pairs.stems} == {"cat": "cat food", "dog": "dog food"}
    assert list(texts.values()) == ["cat food", "dog food", "hay"]


def test_numbers_have_a_tolerance_or_a_range_and_there_may_be_several(read):
    assert accepted(read["When was Grant born?"]) == (Accepted(number=Decimal(1822), tolerance=Decimal(5)),)
    assert accepted(read["A number from 1 to 5?"]) == (Accepted(number=Decimal(3), tolerance=Decimal(2)),)
    exact, near, far = accepted(read["Grant was born in ____."])
    assert (exact.tolerance, exact.feedback, near.weight, near.tolerance) == (0, "exactly", HALF, Decimal("2.5"))
    assert (far.wildcard, far.weight, far.feedback) == (True, 0, "not even near")
    assert accepted(read["Minus"]) == (Accepted(number=Decimal(-1500), tolerance=Decimal("0.1")),)


def test_a_backslash_makes_a_sign_part_of_the_text(read):
    question = read[r"What is 3 = 2 + 1 {really}: ~ # \\ C:\\new"]
    assert question.text.endswith("\nand a new line")
    assert [one.text for one in question.choices] == ["{1}", "#2", "a=b", ":~"]


def test_formats_become_markdown(read):
    html = read["Was ist **Wasser**?"]
    assert html.text.endswith("H₂O & Glas")
    assert [(one.text, one.feedback) for one in html.choices] == [("nass", "*ja*"), (r"\*trocken\*", "")]
    assert [one.text for one in read["Say **it**"].choices] == ["`a`", "_b_"]
    assert r"2\*3 < 7 & \<b> stays" in read
    assert read["first line"].text == "first line  \nsecond line with 5 < 6"


def test_answers_may_run_over_blank_lines_and_have_comments_inside(read):
    question = read["Answers over"]
    assert (list(weights(question)), question.explanation) == (["yes", "no"], "still one question")
    assert list(weights(read["Next to it"])) == ["only", "this"]


def test_what_is_no_question_is_skipped_by_name_with_its_line():
    skipped = [one for one in read_gift(text("constructs.gift")) if isinstance(one, Skipped)]
    assert [(one.place.line, one.name) for one in skipped] == [(58, "description")]


def test_a_bad_question_refuses_itself_alone_and_says_where_and_why():
    assert in_short(read_gift(text("broken.gift"))) == [
        (1, "true_false"),
        (3, "braces"),
        (7, "braces"),
        (9, "braces"),
        (11, "required"),
        (13, "too_few"),
        (15, "none_right"),
        (17, "no_arrow"),
        (19, "not_a_number"),
        (21, "upside_down"),
        (23, "not_a_number"),
        (25, "true_false"),
        (27, "out_of_range"),
        (29, "required"),
        (31, "true_false"),
        (33, "braces"),
    ]
    told = next(one for one in read_gift("x {#about five}") if isinstance(one, Refused))
    assert (told.en, told.zh) == ("This is no number: about five", "这不是数字：about five")


@pytest.mark.parametrize(
    "kept",
    [
        lambda said: said.encode("utf-8-sig"),
        lambda said: said.replace("\n", "\r\n").encode("gb18030"),
        lambda said: said.replace("\n", "\r").encode("utf-16"),
        lambda said: said.encode(),
    ],
    ids=["mark", "GB18030, Windows", "UTF-16, old Mac", "UTF-8"],
)
def test_whatever_a_file_is_written_in_it_says_the_same(kept):
    said = "::安全::发现火情，首先应当怎么做？{=报警 ~拍照}\n\n火警电话是{=119 =一一九}。\n"
    assert questions_of(read_gift(decoded(kept(said)))) == questions_of(read_gift(said))


def test_bytes_that_fit_no_encoding_refuse_their_question():
    content = (
        "好的问题很多，大家都要注意安全{T}\n\n坏的".encode() + b"\xff\xfe" + "问题{F}\n\n第三个问题也是好的{F}".encode()
    )
    assert in_short(read_gift(decoded(content))) == [(1, "true_false"), (3, "wrong_encoding"), (5, "true_false")]


def test_what_only_we_read_stands_in_a_comment_that_may_not_be_forged():
    written = write_gift([single(marks=250, deduction=50, shuffle=False, difficulty=5)]).text
    assert written.startswith("// [qunxue:marks=250 deduction=50 shuffle=no difficulty=5]\n")
    refused = next(read_gift("// [qunxue:marks=many]\nx {T}"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.zh) == ("setting", "没有这样的设置值：marks=many")


def test_a_question_may_begin_on_the_line_below_its_category():
    lines = ["$CATEGORY: 安全", "$CATEGORY: 安全/急救", "// 一", "::急救::电话？ {=120 ~110}", "", "::坏::没完 {=1 ~"]
    first, broken = read_gift("\n".join(lines))
    assert isinstance(first, Found)
    assert isinstance(broken, Refused)
    assert (first.question.name, first.question.text) == ("急救", "电话？")
    assert (first.question.category, first.place.line) == (("安全", "急救"), 4)
    assert (broken.place.line, broken.code) == (6, "braces")

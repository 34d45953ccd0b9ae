"""The tables of training departments: headings under other names, titles, sections, notes, and what people write into cells."""

from decimal import Decimal

import pytest

from assessment.formats import Found, Unreadable, is_heading, read_table, template, write_table
from assessment.formats.making import true_or_false
from assessment.questions import Accepted, Question
from chassis.tabular import sheet_rows
from chassis.tabular.writing import csv_file
from tests.support.banks import file, found_in, in_short, questions_of
from tests.support.questions import fill_in, single

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "答案"]


def read(*rows, headings=HEADINGS):
    return list(read_table(enumerate([headings, *rows], start=1)))


def row(kind="单选题", text="甲？", a="一", b="二", c="三", answer="A"):
    return [kind, text, a, b, c, answer]


@pytest.fixture(scope="module")
def workbook():
    return list(read_table(sheet_rows(file("training.xlsx"), knows=is_heading)))


def by_text(workbook):
    return {one.question.text.split("\n")[0]: one.question for one in workbook if isinstance(one, Found)}


def test_a_workbook_is_read_with_its_title_sections_and_notes_told_apart(workbook):
    assert [said for said in in_short(workbook) if said[0] < 6 or said[0] in (10, 22, 34, 35)] == [
        (1, "某公司安全培训部消防知识竞赛题库（2026版）"),
        (2, "制表日期：2026年11月27日"),
        (4, "备注"),
        (5, "single"),
        (10, "三、判断题（每题1分）"),
        (22, "材料题"),
        (34, "注：1. 本题库仅供内部培训使用；2. 请勿外传。"),
        (35, "审核：李四"),
    ]
    assert len(by_text(workbook)) == 15


def test_cells_mean_what_people_mean_by_them(workbook):
    found = by_text(workbook)
    phone = found["火警电话是多少？"]
    assert [one.text for one in phone.choices] == ["110", "119", "120", "122"], "numbers are texts"
    assert (phone.right_keys, phone.marks, phone.difficulty) == (("B",), 200, 1), (
        "letters and numbers in any width and kind"
    )
    assert (phone.category, phone.tags, phone.explanation) == (("安全", "消防"), ("报警", "电话"), "拨打 119。")
    assert [one.text for one in found["发现火情首先应当"].choices] == ["报警", "拍照", "离开", "等待"]
    assert found["灭火的基本方法有（  ）"].right_keys == ("A", "B", "C")
    assert found["疏散时应当"].right_keys == ("B",)
    assert [
        found[text].right_keys
        for text in ("电器着火可以先用水扑救。", "灭火器要定期检查。", "干粉灭火器可以扑灭电器火灾。")
    ] == [
        ("false",),
        ("true",),
        ("true",),
    ]
    blanks = found["火警电话是____，急救电话是____。"].blanks
    assert [[one.text for one in blank.accepted] for blank in blanks] == [["119"], ["120", "一二〇"]]
    assert found["标准大气压约为____千帕。"].blanks[0].accepted == (
        Accepted(number=Decimal(101), tolerance=Decimal(1)),
    )
    assert found["灭火器检查周期为____天。"].blanks[0].accepted == (Accepted("30"),)
    assert [one.text for one in found["灭火器使用步骤"].choices] == ["拔掉保险销", "对准火源根部", "压下压把"]
    pairs = found["标志颜色与含义"]
    assert ([one.text for one in pairs.stems], pairs.choices[-1].text) == (["红色", "黄色", "蓝色"], "提示")
    assert found["说明你所在岗位的疏散路线。"].rubric == "出口、集合点"


def test_a_merged_category_counts_for_each_row_that_it_covers(workbook):
    found = by_text(workbook)
    assert [found[text].category for text in ("灭火器压力表指针应在____区。", "标准大气压约为____千帕。")] == [
        ("安全", "器材")
    ] * 2
    assert found["灭火器检查周期为____天。"].category == ()


def test_what_is_wrong_in_a_row_refuses_that_row(workbook):
    assert [said for said in in_short(workbook) if 23 <= said[0] <= 32] == [
        (23, "no_answer"),
        (24, "wrong_letter"),
        (25, "one_right"),
        (26, "unknown_kind"),
        (27, "unknown_value"),
        (28, "count_of_blanks"),
        (29, "true_or_false"),
        (30, "not_every_choice"),
        (31, "required"),
        (32, "bad_cell"),
    ]


@pytest.mark.parametrize("answer", ["AC", "A,C", "A，C", "A、C", "a c", "ＡＣ", "CA", "A;C", "一|三", "1,3", "A和C"])
def test_several_letters_are_written_in_many_ways(answer):
    (question,) = questions_of(read(row("多选题", answer=answer)))
    assert question.right_keys == ("A", "C")


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        *((one, True) for one in ("对", "正确", "√", "T", "true", "是", "Y", True, 1)),
        *((one, False) for one in ("错", "错误", "×", "F", "否", "N", False, 0, "X")),
    ],
)
def test_true_and_false_are_written_in_many_ways(answer, right):
    (question,) = questions_of(read(["判断题", "甲？", None, None, None, answer]))
    assert question.right_keys == (("true",) if right else ("false",))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (row("", answer="A"), "single"),
        (row("", answer="AB"), "multiple"),
        (row("", "甲？", "对", "错", "", "A"), "true_false"),
        (["", "甲。", "", "", "", "×"], "true_false"),
        (["", "甲是___。", "", "", "", "乙"], "fill_in"),
        (["", "甲？", "", "", "", "说说看"], "unclear_kind"),
    ],
)
def test_the_kind_follows_from_the_row_where_nobody_names_it(cells, kind):
    assert in_short(read(cells)) == [(2, kind)]


@pytest.mark.parametrize(
    ("text", "answer", "ways"),
    [
        ("甲___", "a|b；c", [["a", "b", "c"]]),
        ("甲___乙___", "a|b；c", [["a", "b"], ["c"]]),
        ("甲___乙___", "a|b", [["a"], ["b"]]),
        ("甲（ ）乙( )", "a\nb", [["a"], ["b"]]),
        ("甲___", r"a\|b|c\；d", [["a|b", "c；d"]]),
        ("甲___", r"\\frac", [[r"\frac"]]),
    ],
)
def test_blanks_and_ways_to_fill_them_are_told_apart(text, answer, ways):
    (question,) = questions_of(read(["填空题", text, "", "", "", answer]))
    assert [[one.text for one in blank.accepted] for blank in question.blanks] == ways
    (again,) = questions_of(read_table(enumerate(write_table([question]).rows, start=1)))
    assert again.blanks == question.blanks


def test_a_table_without_headings_is_refused_as_a_whole_and_so_is_one_with_two_of_a_kind():
    for rows, code in (
        ([["a", "b"]], "no_headings"),
        ([], "no_headings"),
        ([["题干", "题目", "答案"]], "heading_twice"),
    ):
        with pytest.raises(Unreadable) as refused:
            list(read_table(enumerate(rows, start=1)))
        assert refused.value.code == code


def test_the_headings_may_come_again_in_another_order():
    found = read(row(), ["题干", "答案", "选项A", "选项B", "题型", ""], ["乙？", "B", "一", "二", "单选", None])
    assert [(one.question.text, one.question.right_keys) for one in found] == [("甲？", ("A",)), ("乙？", ("B",))]


def test_the_template_is_read_and_has_each_kind_once():
    kinds = [question.kind for question in questions_of(read_table(enumerate(template(), start=1)))]
    assert sorted(kinds) == ["fill_in", "matching", "multiple", "ordering", "short_text", "single", "true_false"]


def test_a_csv_of_windows_with_titles_and_line_breaks_in_cells():
    rows = [
        ["消防题库", "", "", "", "", ""],
        HEADINGS,
        row(text="甲,\n乙，\n丙？", answer="B"),
        row(text="-5 度？", a="=1", b="+2"),
    ]
    content = csv_file(rows).decode("utf-8-sig").encode("gb18030")
    first, second = found_in(read_table(sheet_rows(content, knows=is_heading)))
    assert (first.text, first.right_keys) == ("甲,\n乙，\n丙？", ("B",))
    assert (second.text, [one.text for one in second.choices]) == ("-5 度？", ["=1", "+2", "三"])


def test_what_the_table_cannot_hold_is_named():
    weighed = fill_in((Accepted("a"), Accepted("b", weight=5_000_000)))
    fed = single(category=("a/b",), tags=("x,y",))
    left_out = write_table([weighed, fill_in(Accepted("a*", wildcard=True)), fill_in("a", "b"), fed]).left_out
    assert [(one.number, one.code, one.altogether) for one in left_out] == [
        (1, "weights", True),
        (2, "wildcard", True),
        (3, "blanks", True),
        (4, "category", False),
        (4, "tags", False),
    ]
    assert all(one.en and one.zh for one in left_out)


@pytest.mark.parametrize(
    ("written", "left_out"),
    [
        (row("判断题", a="合规", b="违规", c=None, answer="对"), ("texts_of_choices",)),
        (row("判断题", a="正确", b="错误", c=None, answer="对"), ()),
        (row("填空题", "火警是____。", answer="119"), ("choices",)),
        (row("填空题", "火警是____。", "119", None, None, ""), ()),
        (row("简答题"), ("choices",)),
        (row("匹配题", a="红 -> 停", b="绿 -> 行", c=None, answer="1A2B"), ("answer",)),
        ([*row(), None, "张老师"], ("cells",)),
    ],
)
def test_what_a_row_says_that_its_question_has_no_place_for_is_named(written, left_out):
    [found] = read(written)
    assert (found.left_out, in_short([found])) == (left_out, [(2, found.question.kind)])


def test_what_true_and_false_are_called_comes_back_or_is_named():
    called = [true_or_false(True, texts=texts) for texts in (("正确", "错误"), ("合规", "违规"))]
    written = write_table([Question("true_false", "甲", choices=choices) for choices in called])
    assert [one.choices for one in questions_of(read_table(enumerate(written.rows, start=1)))] == [
        called[0],
        true_or_false(True),
    ]
    assert [(one.number, one.code, one.altogether) for one in written.left_out] == [(2, "texts_of_choices", False)]


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("北京；1949", [["北京"], ["1949"]]),
        ("北京|京；1949", [["北京", "京"], ["1949"]]),
        ("北京", [["北京"]]),
        ("北京|京", [["北京", "京"]]),
    ],
)
def test_lines_and_brackets_are_both_blanks_where_the_answer_has_something_for_each(answer, accepted):
    [question] = questions_of(read(row("填空题", "首都是____，成立于（ ）年", None, None, None, answer)))
    assert [[one.text or str(one.number) for one in blank.accepted] for blank in question.blanks] == accepted
    assert question.text.count("____") == len(accepted)


def test_a_cell_longer_than_a_spreadsheet_holds_refuses_its_row():
    assert in_short(read(row(answer="A" * 40_000), row())) == [(2, "cell_too_long"), (3, "single")]

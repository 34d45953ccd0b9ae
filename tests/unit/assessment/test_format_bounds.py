"""Whatever a file holds, reading it ends, soon, and says something about each part of it."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.formats import (
    Found,
    LeftOut,
    Place,
    Refused,
    Skipped,
    Unreadable,
    read_aiken,
    read_gift,
    read_moodle_xml,
    read_table,
)
from assessment.formats.wordings import LEFT_OUT, PARTS, REFUSALS, SKIPPED
from assessment.limits import wrongs
from tests.support.needs import ROOT
from tests.support.questions import TEXTS

SIZE = 100_000
HAN = re.compile("[\u4e00-\u9fff]")
GIFT = [
    "{",
    "}",
    "{}",
    "=",
    "~",
    "{=",
    "{~",
    "\\",
    "//",
    "\n",
    "x\n\n",
    "x{\n\n",
    "{T}\n\n",
    "::",
    "#",
    "####",
    "[tag:",
    "[",
    "%",
    "->",
    "{=->",
    "{#1..",
    "*",
    "<b>",
    "=a{\n\n",
    "{\n\n=",
]
AIKEN = ["A. x\n", "A", "x\n", "ANSWER: A\n", "x\nA. y\n", "\n", "A.", "答案：", " ", "x\nA. a\nB. b\nANSWER: A\n"]
XML = [
    "<a>",
    "<a/>",
    "<question type='essay'>",
    "<question",
    "</question>",
    "<",
    "&lt;",
    "&x;",
    "<![CDATA[",
    "<!--",
    "<text>x",
    "x",
    "<question type='x'/>",
    "<a b='",
    "]]>",
    "\n",
]
HTML = [
    '<a "',
    "<",
    "<!--",
    "<b>",
    "<li>",
    "<ul>",
    "</b>",
    "&#",
    "*_`[",
    "<pre>",
    "<a b='",
    "<img src='data:image/png;base64,",
    "<table><tr><td>",
]


def use_up(read):
    """Everything that is read says what it is in both languages; questions can be asked."""
    count = 0
    with suppress(Unreadable):
        for one in read:
            count += 1
            assert isinstance(one, Found | Refused | Skipped)
            assert one.place != Place()
            if isinstance(one, Found):
                assert wrongs(one.question) == []
                assert all(code in LEFT_OUT for code in one.left_out)
            else:
                assert one.en
                assert HAN.search(one.zh)
    return count


@pytest.mark.parametrize("piece", GIFT)
def test_gift_is_read_in_time_that_grows_with_it(piece, cpu_seconds):
    with cpu_seconds(most=5):
        use_up(read_gift(piece * (SIZE // len(piece))))


@pytest.mark.parametrize("piece", AIKEN)
def test_aiken_is_read_in_time_that_grows_with_it(piece, cpu_seconds):
    with cpu_seconds(most=5):
        use_up(read_aiken(piece * (SIZE // len(piece))))


@pytest.mark.parametrize("piece", XML)
def test_moodle_xml_is_read_in_time_that_grows_with_it(piece, cpu_seconds):
    with cpu_seconds(most=5):
        use_up(read_moodle_xml(("<quiz>" + piece * (SIZE // len(piece))).encode()))


@pytest.mark.parametrize("piece", HTML)
def test_html_inside_is_read_in_time_that_grows_with_it(piece, cpu_seconds):
    text = (piece * (SIZE // len(piece))).replace("&", "&amp;").replace("<", "&lt;")
    inside = (
        f"<quiz><question type='essay'><questiontext format='html'><text>{text}</text></questiontext></question></quiz>"
    )
    with cpu_seconds(most=5):
        assert use_up(read_moodle_xml(inside.encode())) == 1


@pytest.mark.parametrize(
    "cell",
    ["A" * SIZE, "|" * SIZE, "a;" * (SIZE // 2), "\\" * SIZE, "_" * SIZE, "A.\n" * (SIZE // 3), "-> " * (SIZE // 3)],
)
def test_a_table_with_cells_is_read_in_time_that_grows_with_it(cell, cpu_seconds):
    rows = [["题型", "题干", "选项A", "选项", "答案", "难度", "分值"]]
    rows += [[kind, "x____", "", cell, cell, "", ""] for kind in ("单选", "多选", "填空", "匹配", "判断", "排序", "")]
    rows += [["单选", cell, "x", "y", "A", "", ""], [cell], ["单选", "x", cell, cell, cell, cell, cell]]
    with cpu_seconds(most=5):
        assert use_up(read_table(enumerate(rows, start=1))) == 10


@given(TEXTS | st.text(max_size=60))
def test_any_text_is_questions_refusals_or_things_skipped(text):
    use_up(read_gift(text))
    use_up(read_gift(f"q {{{text}}}"))
    use_up(read_aiken(text))
    use_up(read_aiken(f"q\nA. {text}\nB. y\nANSWER: {text}"))
    use_up(read_moodle_xml(text.encode("utf-8", "replace")))
    one = "".join(
        f"<answer fraction='100'><text><![CDATA[{text.replace(']]>', '')}]]></text></answer>" for _ in range(2)
    )
    for kind in ("multichoice", "numerical", "ordering", "shortanswer"):
        xml = f"<quiz><question type='{kind}'><questiontext><text>q</text></questiontext>{one}</question></quiz>"
        use_up(read_moodle_xml(xml.encode("utf-8", "replace")))


@given(
    st.lists(
        st.lists(
            TEXTS | st.none() | st.integers() | st.floats() | st.booleans() | st.dates() | st.just(ValueError("x")),
            max_size=7,
        ),
        max_size=4,
    )
)
def test_any_rows_are_questions_refusals_or_things_skipped(rows):
    use_up(read_table(enumerate([["题型", "题干", "选项A", "选项B", "答案", "难度", "分值"], *rows], start=1)))


def test_everything_that_may_be_said_is_said_in_both_languages():
    for english, chinese in [*REFUSALS.values(), *SKIPPED.values(), *LEFT_OUT.values(), *PARTS.values()]:
        assert not HAN.search(english.replace("题型", "").replace("题干", "").replace("答案", ""))
        assert HAN.search(chinese)
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", chinese))
    assert (LeftOut(1, "kind", altogether=True).en, Place(line=3).zh, Place(row=2).en) == (
        LEFT_OUT["kind"][0],
        "第 3 行",
        "row 2",
    )
    assert (Place(4, number=2).zh, Place(4, number=2).en, Place().zh) == (
        "第 2 题（第 4 行）",
        "question 2, line 4",
        "整个文件",
    )


def test_every_code_that_is_used_has_its_words():
    sources = "".join(path.read_text() for path in (ROOT / "assessment/formats").glob("*.py"))
    refused = re.findall(r'Ref(?:usal|used)\(\s*"(\w+)"', sources) + re.findall(r'Unreadable\("(\w+)"', sources)
    assert len(refused) > 40
    assert set(refused) <= REFUSALS.keys()
    left_out = (
        re.findall(r'NotHeld\("(\w+)"', sources)
        + re.findall(r'(?:\.part|_note)\(\s*"(\w+)"', sources)
        + re.findall(r'left_out\.append\("(\w+)"', sources)
    )
    assert set(left_out) <= LEFT_OUT.keys()
    assert LEFT_OUT.keys() <= set(left_out)

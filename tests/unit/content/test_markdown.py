"""What people write is shown as they mean it, and never as more than text and its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.budget import OverBudget, within
from chassis.interpreting import STEPS, STEPS_AT_ONCE
from services.content.markdown import LONGEST_BODY, LONGEST_EXCERPT, TAGS, render

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](  java\nscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    '[a](https://x.example/"onmouseover=alert(1))',
    "![a](https://tracker.example/x.png)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "`<script>`\n\n```<script>\n<script>\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "|a|\n|-|\n|<iframe src=//x.example>|",
]


def shown(body: str) -> str:
    return render(body.encode()).html


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_of_it_runs_or_asks_another_server(body):
    html = shown(body)
    tags = {piece.split(">")[0].split()[0].strip("/") for piece in html.split("<")[1:]}
    assert tags <= TAGS
    for piece in html.split("<")[1:]:
        inside = piece.split(">")[0].lower()
        assert not any(one in inside for one in ("onerror", "onload", " src", "javascript", "vbscript", "data:"))
        assert " onmouseover" not in inside.replace('"https://x.example/%22onmouseover=alert(1)"', "")


@given(st.text(alphabet="<>\"'=&;:/()[]!`*_#|\\ \n\tajscriptonx-", max_size=200))
def test_only_known_tags_come_out_of_anything(body):
    html = shown(body)
    assert {piece.split(">")[0].split()[0].strip("/") for piece in html.split("<")[1:]} <= TAGS


def test_a_link_gives_no_credit_and_no_window():
    assert shown("[a](https://a.example)") == '<p><a href="https://a.example" rel="nofollow noopener">a</a></p>\n'


def test_an_address_that_is_said_once_and_named_often_makes_no_page_much_longer_than_its_body():
    named = shown("[a]: https://a.example/long '题'\n\n" + "[a] " * 500)
    assert named.count('<a href="https://a.example/long" title="题"') == 500
    for said in (f"https://a.example/{'y' * 7_000}", f"https://a.example '{'&' * 7_000}'"):
        html = shown(f"[a]: {said}\n\n" + "[a]![a]" * 1_800)
        assert len(html) < 20 * LONGEST_BODY
        assert "[a]" in html


def test_forms_that_people_use_are_kept():
    html = shown("# 一\n\n- 二\n\n> 三\n\n|四|五|\n|:-|-:|\n|六|七|\n\n~~八~~ **九**\n\n```py\nx < 1\n```\n\n$a < b$")
    for part in ("<h1>一</h1>", "<li>二</li>", "<s>八</s>", "<strong>九</strong>", "x &lt; 1", "$a &lt; b$"):
        assert part in html
    assert '<td style="text-align:right">七</td>' in html


def test_an_item_of_a_list_that_is_to_be_done_has_a_box_that_nobody_ticks():
    open_box, ticked = '<input type="checkbox" disabled="">', '<input type="checkbox" disabled="" checked="">'
    made = render("- [ ] 一\n- [x] 二\n  - [X] 三\n- [y] 四\n- [x]五\n\n[ ] 六".encode())
    assert [made.html.count(box) for box in (open_box, ticked)] == [1, 2]
    assert made.excerpt == "一 二 三 [y] 四 [x]五 [ ] 六"
    assert "<input" not in shown("<input type=checkbox>")


@pytest.mark.parametrize("maths", ["$a*b*c$", r"$\{x_1\}_2 < y_2$", "$$a\n*b* \\\\ c$$", "$[a](b)$", "$`a`$"])
def test_maths_stays_as_it_was_typed(maths):
    assert shown(f"设 {maths}，则") == f"<p>设 {maths.replace('<', '&lt;')}，则</p>\n"


@pytest.mark.parametrize("body", ["$ *a* $", "$5 *and* $6", "一 $*a*", "$$*a*", "`$a` *b* `c$`"])
def test_a_price_or_a_lone_sign_is_no_maths(body):
    assert "<em>" in shown(body)


def test_an_excerpt_is_plain_short_and_says_what_the_text_says():
    assert render("**你好** [世界](https://a.example)\n\n第二段".encode()).excerpt == "你好 世界 第二段"
    long = render(("字" * 500).encode())
    assert (len(long.excerpt), long.excerpt[-1], long.characters) == (LONGEST_EXCERPT, "…", 500)


@pytest.mark.parametrize("piece", ["[", "*a ", "[a](", "`a``b```c", "![", "|a|\n", "&", "*a _b ", "~~a "])
def test_what_is_tangled_is_no_work_of_the_event_loop(piece):
    body = (piece * LONGEST_BODY)[:LONGEST_BODY].encode()
    with pytest.raises(OverBudget):
        within(STEPS_AT_ONCE, lambda: render(body))
    within(STEPS, lambda: render(body))


def table(columns: int, rows: int) -> bytes:
    """A head, and rows that are too short."""
    return ("|a" * columns + "\n" + "|-" * columns + "\n" + "|\n" * rows).encode()


def test_a_wide_head_over_many_short_rows_is_no_work_of_the_event_loop():
    with pytest.raises(OverBudget):
        within(STEPS_AT_ONCE, lambda: render(table(100, 190)))
    within(STEPS, lambda: render(table(100, 190)))


def test_a_wide_table_leaves_the_interpreter_to_others_at_every_cell(monkeypatch):
    looks = 0

    def look(_errand):
        nonlocal looks
        looks += 1

    monkeypatch.setattr("chassis.budget.Errand.check", look)
    within(STEPS, lambda: render(table(100, 190)))
    assert looks > 100 * 190


def test_a_table_that_is_nearly_all_empty_is_refused():
    with pytest.raises(OverBudget):
        within(STEPS, lambda: render(table(60, 1000)))


def test_a_long_table_that_people_fill_is_shown():
    filled = "|姓名|部门|课时|评分|\n|-|-|-|-|\n" + "|张伟|研发部|12|4.8|\n" * 1000
    assert within(STEPS, lambda: render(filled.encode())).html.count("<tr>") == 1001


def test_an_ordinary_text_is_shown_at_once():
    within(STEPS_AT_ONCE, lambda: render(("学习让人进步，分享让人成长。\n\n" * 60).encode()))

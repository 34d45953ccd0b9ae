"""What becomes of HTML and of plain text."""

import pytest

from assessment.formats.hypertext import escaped, from_html, from_moodle, from_plain


def md(html):
    return from_html(html, lambda address, words: f"![{words}]({address})")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Was ist <b> fett </b>und <i>kursiv</i>?</p><p>Zwei</p>", "Was ist **fett** und *kursiv*?\n\nZwei"),
        ("a<br>b<br/><br>c", "a  \nb\n\nc"),
        ("H<sub>2</sub>O, x<sup>2</sup>, x<sub>max</sub>", "H₂O, x², x_(max)"),
        ("<ul><li>eins<li>zwei<ol><li>x</li></ol></li></ul>nach", "- eins\n- zwei\n   1. x\n\nnach"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>", "1 | 2\n3 | 4"),
        ("<h3>Kopf</h3>text <code>a*b</code>", "### Kopf\n\ntext `a*b`"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<unknown-tag>bleibt</unknown-tag> &lt;b&gt; &copy; &#x4E2D;", r"bleibt \<b> © 中"),
        (
            '<a href="https://example.invalid/x">hier</a> <a href="javascript:x">da</a>',
            "[hier](https://example.invalid/x) da",
        ),
        ("a<script>alert(1)</script><style>p{}</style><!-- nie -->b", "ab"),
        ('<img src="x.png" alt="a > b">', "![a > b](x.png)"),
        ("3 < 5 und 5 > 3", "3 < 5 und 5 > 3"),
        ("kaputt <b>ohne Ende", "kaputt **ohne Ende**"),
        ('kaputt <a href="', 'kaputt \\<a href="'),
        ("<b></b><i> </i>leer", "leer"),
        ("____ und 2*3", r"____ und 2\*3"),
        ("\n<p>\n 你好 </p>\n\n<div>世界</div>", "你好\n\n世界"),
    ],
)
def test_html_keeps_what_markdown_can_say_and_the_text_of_the_rest(html, markdown):
    assert md(html) == markdown


def test_plain_text_shows_each_of_its_signs():
    assert from_plain("# eins\n- zwei\n\n2*3 [x] _y_ a_b") == "\\# eins  \n\\- zwei\n\n2\\*3 \\[x] \\_y\\_ a_b"
    assert escaped("&amp; <b> `c` \\") == "\\&amp; \\<b> \\`c\\` \\\\"


def test_in_the_format_of_moodle_line_ends_count_and_markup_is_markup():
    assert from_moodle("a <b>b</b>\nc", lambda *_: "") == "a **b**  \nc"
    assert from_moodle("a < b\nc", lambda *_: "") == "a < b  \nc"

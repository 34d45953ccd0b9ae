from html.parser import HTMLParser

import pytest

from chassis.locale import Locale
from chassis.typesetting.glyphs import visible
from services.analytics.reports.drawing import (
    Column,
    Document,
    Figure,
    Figures,
    Paragraph,
    Picture,
    Section,
    Series,
    Table,
    bar_chart,
    change,
    page,
    shown,
)
from services.analytics.reports.drawing.documents import Block
from tests.support.hostile import IMPOSSIBLE, NAMES

VOID = {"meta"}


class Read(HTMLParser):
    """What a browser makes of a page, as far as it is asked for here."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


def report(name: str, locale: Locale = "zh-CN") -> Document:
    chart = bar_chart("c", name, [name], [Series(name, [1])], unit="count", locale=locale)
    table = Table([Column(name), Column("n", align="end")], [[name, "1"]], title=name)
    blocks: list[Block] = [
        Paragraph(name),
        Paragraph(name, quiet=True),
        Figures([Figure(name, name, name, name)]),
        table,
        Picture(chart, table),
    ]
    return Document(name, name, locale, [Section(name, blocks)], name)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_people_wrote_and_does_nothing_of_it(name: str):
    html = page(report(name))
    read = Read(html)
    assert "script" not in read.tags
    assert not {"img", "iframe", "link", "object", "form", "a"} & set(read.tags)
    assert not [key for key, _ in read.attributes if key.startswith("on") or key in ("src", "href")]
    if name != IMPOSSIBLE:
        assert read.said.count(name) >= 9
    assert read.open == []


def test_a_page_takes_nothing_from_elsewhere():
    html = page(report("周报"))
    assert "default-src 'none'" in html
    assert html.count("http") == html.count("http-equiv") + html.count("http://www.w3.org/2000/svg")
    assert "url(http" not in html
    assert "@import" not in html


@pytest.mark.parametrize(("locale", "behind"), [("zh-CN", "图中数据"), ("en", "The figures")])
def test_a_page_says_its_language(locale: Locale, behind: str):
    read = Read(page(report("x", locale)))
    assert ("lang", locale) in read.attributes
    assert behind in read.said


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (None, "count", "–", "–"),
        (0, "count", "0", "0"),
        (-0.0, "count", "0", "0"),
        (1234567, "members", "1,234,567人", "1,234,567"),
        (0.4567, "share", "45.7%", "45.7%"),
        (4.256, "score", "4.26", "4.26"),
        (3.5, "hours", "3.5小时", "3.5 h"),
        (0, "seconds", "0秒", "0 s"),
        (59, "seconds", "59秒", "59 s"),
        (3600, "seconds", "1小时", "1 h"),
        (11520, "seconds", "3小时12分", "3 h 12 min"),
        (90061, "seconds", "1天1小时", "1 d 1 h"),
        (86400 + 60, "seconds", "1天", "1 d"),
    ],
)
def test_figures_are_written_as_people_read_them(value, unit, zh, en):
    assert shown(value, unit, "zh-CN") == zh
    assert shown(value, unit, "en") == en


@pytest.mark.parametrize(
    ("now", "before", "unit", "told"),
    [
        (150, 100, "count", "+50%"),
        (100, 150, "count", "-33.3%"),
        (100, 100, "count", "0%"),
        (0, 0, "count", "0%"),
        (5, 0, "count", "–"),
        (None, 5, "count", "–"),
        (5, None, "share", "–"),
        (0.48, 0.45, "share", "+3 pp"),
        (-5, -10, "points", "+50%"),
    ],
)
def test_a_change_of_shares_is_told_in_points_and_nothing_grows_from_zero(now, before, unit, told):
    assert change(now, before, unit, "en") == told


def test_a_character_that_the_font_has_not_is_written_as_its_number():
    drawn = ((0x20, 0x7E), (0x4E00, 0x9FFF), (0x20BB7, 0x20BB7))
    assert visible("学习𠮷a", drawn) == "学习𠮷a"
    assert visible("学😀\u4dff\ua000", drawn) == "学[U+1F600][U+4DFF][U+A000]"
    assert visible("a\u200db\ufe0f\u202e", drawn) == "ab", "what nobody sees is not written"

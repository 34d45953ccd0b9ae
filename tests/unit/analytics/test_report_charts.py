import itertools
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.locale import Locale
from services.analytics.reports.drawing import (
    Drawing,
    Series,
    bar_chart,
    funnel_chart,
    line_chart,
    retention_chart,
    stacked_chart,
)
from services.analytics.reports.drawing.axes import scale
from services.analytics.reports.drawing.elements import fitted, text
from tests.support.hostile import MARKUP, NAMES

SVG = "{http://www.w3.org/2000/svg}"
Draw = Callable[[str, Locale], Drawing]

CHARTS: list[Draw] = [
    lambda name, locale: line_chart("k", name, [name], [Series(name, [1.0])], unit="count", locale=locale),
    lambda name, locale: bar_chart("k", name, [name], [Series(name, [0.5])], unit="share", locale=locale),
    lambda name, locale: stacked_chart("k", name, [name], [Series(name, [3])] * 2, unit="members", locale=locale),
    lambda name, locale: funnel_chart("k", name, [(name, 10), (name, 2)], locale=locale),
    lambda name, locale: retention_chart("k", name, [(name, 7, [1.0, 0.5, None])], locale=locale),
]
every_chart = pytest.mark.parametrize("draw", CHARTS, ids=["line", "bar", "stacked", "funnel", "retention"])


def parsed(drawing: Drawing) -> ET.Element:
    root: ET.Element = fromstring(drawing.svg)
    return root


def words(root: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


@every_chart
@pytest.mark.parametrize("name", NAMES)
def test_whatever_something_is_called_a_chart_is_valid_and_has_no_script(draw: Draw, name: str):
    root = parsed(draw(name, "zh-CN"))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "defs", "pattern", "rect", "path", "line", "polyline", "polygon", "circle", "text",
    }  # fmt: skip
    assert not [key for one in root.iter() for key in one.attrib if key.startswith("on") or "href" in key]


@every_chart
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_chart_says_what_it_shows_to_who_does_not_see_it(draw: Draw, locale: Locale):
    root = parsed(draw("Reading", locale))
    named = (root.get("aria-labelledby") or "").split()
    told = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img"
    assert list(told) == named
    assert told[named[0]] == "Reading"
    assert re.search(r"\d", told[named[1]] or "")
    assert bool(re.search("[\u4e00-\u9fff]", told[named[1]] or "")) == (locale == "zh-CN")


def test_what_nobody_knows_is_a_gap_and_no_zero():
    root = parsed(
        line_chart("k", "t", list("abcdef"), [Series("s", [4, 5, None, 6, None, 7])], unit="count", locale="en")
    )
    lines = [one.get("points", "").split() for one in root.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [2]
    assert len(list(root.iter(f"{SVG}circle"))) == 4, "single values between gaps are marked"


def test_a_bar_of_nothing_known_says_so():
    root = parsed(bar_chart("k", "t", ["a", "b"], [Series("s", [None, 0])], unit="count", locale="en"))
    assert words(root)[:4] == ["a", "–", "b", "0"]


@pytest.mark.parametrize("count", [2, 6])
def test_series_are_told_apart_without_colour(count: int):
    several = [Series(f"s{index}", [index + 1.0, index + 2.0]) for index in range(count)]
    lines = parsed(line_chart("k", "t", ["a", "b"], several, unit="count", locale="en"))
    dashes = [one.get("stroke-dasharray") for one in lines.iter(f"{SVG}polyline")]
    assert len(set(dashes)) == count
    bars = parsed(bar_chart("k", "t", ["a", "b"], several, unit="count", locale="en"))
    hatches = {tuple(p.get("d") for p in one.iter(f"{SVG}path")) for one in bars.iter(f"{SVG}pattern")}
    assert len(hatches) == count


def test_charts_of_one_page_do_not_take_each_others_fills():
    both = [bar_chart(key, "t", ["a"], [Series("s", [1])], unit="count", locale="en").svg for key in ("one", "two")]
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in both]
    assert not ids[0] & ids[1]
    for own, svg in zip(ids, both, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= own


def test_a_funnel_says_the_share_of_the_first_step_and_of_the_one_before():
    root = parsed(funnel_chart("k", "t", [("访问", 200), ("申请", 50), ("录取", 10), ("其后", 0)], locale="zh-CN"))
    assert "占首步 25%" in words(root)
    assert "占首步 5%，占上一步 20%" in words(root)
    nobody = parsed(funnel_chart("k", "t", [("访问", 0), ("申请", 0)], locale="zh-CN"))
    assert "占首步 –" in words(nobody)


def test_a_cell_that_has_not_come_yet_is_empty():
    root = parsed(retention_chart("k", "t", [("一月", 10, [1.0, 0.0]), ("二月", 4, [1.0, None])], locale="zh-CN"))
    assert [one for one in words(root) if one.endswith("%")] == ["100%", "0%", "100%"]


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=30), st.booleans())
@example([5e-324], False)
@example([-5e-324], True)
def test_every_value_is_inside_of_its_axis(values: list[float], whole: bool):
    axis = scale(values, 280, 40, whole=whole)
    assert len(axis.ticks) <= 9
    assert all(39.9 <= axis.at(value) <= 280.1 for value in values)
    if whole:
        assert all(tick == int(tick) for tick in axis.ticks)


@given(st.text(max_size=60), st.integers(0, 300))
def test_a_name_that_has_no_room_is_cut_and_says_so(name: str, room: int):
    shown = fitted(name, room)
    assert shown == name or (shown.endswith("…") and name.startswith(shown[:-1]))


def test_a_year_of_days_has_names_that_do_not_run_into_one_another():
    days = [f"2026-{index // 28 + 1:02d}-{index % 28 + 1:02d}" for index in range(336)]
    root = parsed(line_chart("k", "t", days, [Series("s", [1.0] * 336)], unit="count", locale="en"))
    named = [one for one in root.iter(f"{SVG}text") if "".join(one.itertext()).startswith("2026-")]
    places = [float(one.get("x", "")) for one in named]
    assert "".join(named[-1].itertext()) == days[-1]
    assert all(after - before > 60 for before, after in itertools.pairwise(places))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: line_chart("k", "t", ["a"], [], unit="count", locale="en"),
        lambda: line_chart("k", "t", ["a"], [Series("s", [1])] * 7, unit="count", locale="en"),
        lambda: line_chart("k", "t", ["a", "b"], [Series("s", [1])], unit="count", locale="en"),
        lambda: bar_chart("k", "t", ["a"] * 41, [Series("s", [1] * 41)], unit="count", locale="en"),
        lambda: stacked_chart("k", "t", ["a"], [Series("s", [-1])], unit="count", locale="en"),
        lambda: funnel_chart("k", "t", [], locale="en"),
        lambda: retention_chart("k", "t", [("c", 1, [1.0] * 27)], locale="en"),
    ],
)
def test_what_is_no_picture_is_refused(wrong: Callable[[], Drawing]):
    with pytest.raises(ValueError):
        wrong()


def test_what_xml_cannot_say_is_shown_as_a_sign():
    assert text("a\x00b<&\ud800") == "a\ufffdb&lt;&amp;\ufffd"
    assert MARKUP not in line_chart("k", MARKUP, ["a"], [Series("s", [1])], unit="count", locale="en").svg

import asyncio
import io

import pytest
from pypdf import PdfReader

from chassis.typesetting.glyphs import drawn_by
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
    typeset,
)
from services.analytics.reports.drawing.documents import Block
from services.analytics.reports.drawing.typesetting import TypesettingFailed, font
from tests.support.hostile import NAMES, RARE, TYPESETTING


def report(*names: str) -> Document:
    blocks: list[Block] = [
        Figures([Figure("活跃成员", "156人", "+12.3%", "上期 139")]),
        Picture(bar_chart("c", "各部门", ["研发中心"], [Series("本期", [3])], unit="members", locale="zh-CN")),
        *(Paragraph(one) for one in names),
        Table([Column("目标"), Column("当前", align="end")], [[one, "1"] for one in names], title="目标"),
    ]
    return Document("学习社群周报", "2026-11-16 – 2026-11-22", "zh-CN", [Section("概览", blocks)], "数据截至 11-23")


def read(pdf: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(io.BytesIO(pdf))
    return reader, "\n".join(one.extract_text() for one in reader.pages)


def embedded(reader: PdfReader) -> set[str]:
    """Names of the fonts, each of which must be in the file."""
    names = set()

    def look(resources):
        for one in (resources.get("/Font") or {}).values():
            whole = one.get_object()
            (descendant,) = [each.get_object() for each in whole["/DescendantFonts"]]
            descriptor = descendant["/FontDescriptor"].get_object()
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor, whole["/BaseFont"]
            names.add(str(whole["/BaseFont"]))
        for one in (resources.get("/XObject") or {}).values():
            look(one.get_object().get("/Resources") or {})

    for one in reader.pages:
        look(one["/Resources"])
    return names


async def test_the_text_of_a_pdf_can_be_read_again_and_its_font_is_in_it():
    reader, said = read(await typeset(report(RARE)))
    for words in ("学习社群周报", "2026-11-16 – 2026-11-22", "概览", "活跃成员", "+12.3%", "数据截至 11-23"):
        assert words in said
    assert "研发中心" in said, "of a chart too"
    assert RARE in said
    names = embedded(reader)
    assert names
    assert all("NotoSansCJK" in one and "+" in one for one in names), "only the glyphs that are used"
    assert reader.metadata is not None
    assert reader.metadata.title == "学习社群周报"
    assert str(reader.root_object["/Lang"]).startswith("zh")


async def test_whatever_people_wrote_is_text_and_nothing_of_it_is_lost():
    _, said = read(await typeset(report(*NAMES, "表情😀")))
    flat = "".join(said.split())
    assert "".join(TYPESETTING.split()) in flat
    assert "<script>alert('x')</script>" in flat
    assert "表情[U+1F600]" in flat
    assert "[U+0645]" in flat
    assert "=HYPERLINK(1+1)|cmd" in flat


async def test_every_common_character_and_the_rare_ones_are_in_the_font():
    drawn = drawn_by(font(), 2)
    has = {character for first, last in drawn for character in range(first, last + 1)}
    assert len(has) > 40_000
    assert set(range(0x4E00, 0x9FEF)) <= has
    assert {ord(one) for one in "𠮷㐂𰻞，。“”《》…—·①→%‰"} <= has


async def test_a_report_that_takes_too_long_is_ended_with_its_process():
    long = Section("表", [Table([Column("a")], [["字" * 50]] * 4000)])
    before = await processes()
    with pytest.raises(TypesettingFailed, match=r"longer than 0\.3 s"):
        await typeset(Document("长", "", "zh-CN", [long]), seconds=0.3)
    assert await processes() <= before


async def test_a_typesetter_that_fails_says_so():
    broken = Picture(bar_chart("c", "t", ["a"], [Series("s", [1])], unit="count", locale="en"))
    object.__setattr__(broken.drawing, "svg", "<svg")
    with pytest.raises(TypesettingFailed, match=r"svg|SVG"):
        await typeset(Document("坏", "", "zh-CN", [Section("图", [broken])]))


async def processes() -> set[str]:
    """The typesetters of this machine's process table that are children of this one."""
    import os

    listed = await asyncio.create_subprocess_exec(
        "ps", "-o", "pid=,args=", "--ppid", str(os.getpid()), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await listed.communicate()
    return {line.split()[0] for line in out.decode().splitlines() if "typesetter.py" in line}

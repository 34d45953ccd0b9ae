"""Whatever a file holds ends as a refusal of the file or as errors of rows."""

import csv
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.problems import Problem
from chassis.tabular import open_table
from tests.support.tables import COLUMNS, read, sheet_of, with_shared_texts, workbook

SETTINGS = settings(max_examples=settings().max_examples * 3 // 5)
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "big5", "shift_jis", "cp1252", "utf-16"]
TYPES = [
    None,
    "text/csv",
    "application/x-ndjson",
    "text/csv; charset=gbk",
    'text/csv; charset="',
    "; ;=",
    "text/csv; charset*=x''%00",
]

_WORDS = st.sampled_from(
    [
        "工号",
        "employee_no",
        "姓名",
        "1",
        "张伟",
        "é",
        '"',
        '""',
        ",",
        ";",
        "\t",
        "\n",
        "\r\n",
        "\r",
        " ",
        "sep=;\n",
        "\0",
        "2024-01-05",
        "🎉",
    ]
)
_TEXTS = st.lists(_WORDS, max_size=40).map("".join)


def use_up(content, media_type=None):
    with suppress(Problem):
        for row in open_table(content, COLUMNS, media_type=media_type).rows():
            assert row.errors or row.values
            for error in row.errors:
                assert error.text("zh-CN").encode()
                assert error.text("en").encode()


@given(_TEXTS, st.sampled_from(ENCODINGS), st.sampled_from(TYPES))
@example("工号\n" + '"', "utf-8", None)
@SETTINGS
def test_any_text_ends_as_a_refusal_or_as_rows(text, encoding, media_type):
    use_up(text.encode(encoding, "replace"), media_type)


@given(st.binary(max_size=300), st.sampled_from(TYPES), st.sampled_from([b"", b"employee_no\n", "工号\n".encode()]))
@SETTINGS
def test_any_bytes_end_as_a_refusal_or_as_rows(content, media_type, header):
    use_up(header + content, media_type)


@given(st.integers(0, 10_000), st.integers(0, 255), st.integers(1, 20))
@SETTINGS
def test_a_workbook_with_bytes_changed_ends_as_a_refusal_or_as_rows(place, value, count):
    content = bytearray(workbook(["工号", "姓名"], ["1", "张伟"]))
    for step in range(count):
        content[(place + step * 97) % len(content)] = value
    use_up(bytes(content))


_CELLS = st.sampled_from(
    [
        '<c r="B2"/>', "<c>", "</c>", "<v>1</v>", '<c t="s"><v>0</v></c>', "<is>", "</is>", "<t>a</t>", "<f/>", "<row/>",
        '<row r="3">', "</row>", '<c s="99999999999"><v>1</v></c>', '<c s="1"><v>1e308</v></c>', "&amp;", "&x;",
        '<c t="e"><v>#N/A</v></c>', "<!-- x -->", "<![CDATA[x]]>",
    ]
)  # fmt: skip


@given(st.lists(_CELLS, max_size=15).map("".join))
@SETTINGS
def test_any_sheet_ends_as_a_refusal_or_as_rows(xml):
    use_up(sheet_of(xml))


ORIGINAL = with_shared_texts(["<t>张伟</t>"], '<row r="2"><c r="A2" t="s"><v>0</v></c></row>')


@given(
    st.sampled_from(
        ["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"]
    ),
    st.data(),
)
@SETTINGS
def test_any_damage_to_a_part_ends_as_a_refusal_or_as_rows(part, data):
    with zipfile.ZipFile(io.BytesIO(ORIGINAL)) as archive:
        names = {name: archive.read(name) for name in archive.namelist()}
    start = data.draw(st.integers(0, len(names[part])))
    length = data.draw(st.integers(0, 30))
    names[part] = (
        names[part][:start]
        + data.draw(st.sampled_from([b"", b"<x>", b'"', b"\xff", b"9" * 40]))
        + names[part][start + length :]
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in names.items():
            out.writestr(name, content)
    use_up(target.getvalue())


_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", "\t")])
@given(
    st.lists(
        _NAMES.filter(lambda name: not name.startswith("=") and name.strip("\ufeff\u200b \t")), min_size=1, max_size=20
    )
)
@SETTINGS
def test_what_a_program_wrote_properly_is_read_as_it_was(encoding, delimiter, names):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(
        [["工号", "姓名"], *([str(n), name] for n, name in enumerate(names))]
    )
    rows = read(text.getvalue().encode(encoding))
    assert [row.values.get("display_name") for row in rows] == [name.strip("\ufeff\u200b") for name in names]

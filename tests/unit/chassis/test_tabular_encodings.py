import codecs

import pytest

from tests.support.tables import codes, only, read, reason, refusal

STAFF = "工号,姓名\n007,张伟\n008,李娜\n009,王芳\n"


def names(content, **options):
    return [row.values.get("display_name") for row in read(content, **options)]


def damaged(encoding):
    """The second name without its last byte."""
    name = "李娜".encode(encoding.removesuffix("-sig"))
    return STAFF.encode(encoding).replace(name, name[:-1])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_one_cut_character_is_an_error_of_its_row_and_spoils_no_other(encoding):
    rows = read(damaged(encoding))
    assert [codes(row) for row in rows] == [[], ["wrong_encoding"], []]
    assert [rows[0].values["display_name"], rows[2].values["display_name"]] == ["张伟", "王芳"]


def test_a_cut_character_under_an_english_header_does_not_make_another_encoding_of_it():
    rows = read("employee_no,name\n1,张伟\n2,".encode() + "娜".encode()[:-1] + "\n3,王芳\n".encode())
    assert [codes(row) for row in rows] == [[], ["wrong_encoding"], []]


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_a_large_file_with_many_cut_characters_is_utf8_or_refused_but_never_garbled(share):
    lines = [f"{n},张伟".encode()[: -1 if n % round(1 / share) == 0 else None] for n in range(1, 500)]
    rows = read(b"employee_no,name\n" + b"\n".join(lines))
    assert {row.values["display_name"] for row in rows if not row.errors} == {"张伟"}
    assert sum(codes(row) == ["wrong_encoding"] for row in rows) == len(
        [n for n in range(1, 500) if n % round(1 / share) == 0]
    )


@pytest.mark.parametrize(
    ("encoding", "name", "guess"),
    [
        ("cp1252", "Müller", "windows-1252"),
        ("cp1252", "François Lefèvre", "windows-1252"),
        ("cp1252", "José", "windows-1252"),
        ("big5", "林志玲", "Big5"),
        ("big5", "王大明", "Big5"),
        ("shift_jis", "山田さくら", "Shift_JIS"),
        ("shift_jis", "田中", "Shift_JIS"),
        ("euc_kr", "김철수, 이영희, 박민수", "EUC-KR"),
        ("cp1251", "Иван Петров", "windows-1251"),
        ("koi8-r", "Иван Петров", "KOI8-R"),
    ],
)
def test_what_is_neither_utf8_nor_chinese_is_refused_with_the_guess_and_the_remedy(encoding, name, guess):
    problem = refusal(f'employee_no,name\n1,"{name}"\n'.encode(encoding))
    assert problem.extensions["reason"] == "wrong_encoding"
    assert guess in problem.detail
    assert "UTF-8" in problem.detail


def test_traditional_chinese_in_big5_is_not_taken_for_simplified():
    assert reason("employee_no,name\n1,張偉\n2,陳小明\n3,黃美玲\n".encode("big5")) == "wrong_encoding"


@pytest.mark.parametrize(
    ("encoding", "charset", "name"),
    [
        ("cp1252", "windows-1252", "Müller"),
        ("cp1252", "ISO-8859-1", "Müller"),
        ("big5", "big5", "張偉"),
        ("shift_jis", "Shift_JIS", "山田太郎"),
        ("euc_kr", "EUC-KR", "김철수"),
        ("gb18030", "gbk", "喆"),
        ("gb18030", '"GB2312"', "朱镕基"),
        ("utf-8", "utf-8", "张伟"),
    ],
)
def test_a_declared_encoding_is_believed(encoding, charset, name):
    content = f"employee_no,name\n1,{name}\n".encode(encoding)
    assert names(content, media_type=f"text/csv; charset={charset}") == [name]


@pytest.mark.parametrize("charset", ["klingon", "base64", "utf-7", "idna", "unicode_escape", "utf-16", "rot13", "\0"])
def test_a_declaration_that_is_no_encoding_of_texts_is_refused(charset):
    assert reason(STAFF, media_type=f"text/csv; charset={charset}") == "wrong_encoding"


@pytest.mark.parametrize(("encoding", "charset"), [("gb18030", "utf-8"), ("utf-8", "gbk"), ("utf-8", "windows-1252")])
def test_a_declaration_that_the_bytes_belie_is_refused_instead_of_garbling(encoding, charset):
    assert reason(STAFF.encode(encoding), media_type=f"text/csv; charset={charset}") == "wrong_encoding"


def test_a_byte_order_mark_is_believed_before_a_declaration():
    assert names(STAFF.encode("utf-8-sig"), media_type="text/csv; charset=gbk")[0] == "张伟"


def test_a_byte_order_mark_that_the_bytes_belie_is_refused():
    assert reason(b"\xef\xbb\xbf" + STAFF.encode("gb18030")) == "wrong_encoding"


@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_what_a_spreadsheet_saves_as_unicode_text_is_read(mark, encoding):
    text = "工号\t姓名\r\n1\t张𠮷\r\n2\t阿依古丽\r\n" + "3\t李娜\r\n" * 40_000
    assert names(mark + text.encode(encoding))[:3] == ["张𠮷", "阿依古丽", "李娜"]


@pytest.mark.parametrize("damage", [b"\x41", b"\x00\xd8", b"\x00\xd8\x41"])
def test_half_a_character_of_unicode_text_is_an_error_of_its_row(damage):
    content = codecs.BOM_UTF16_LE + "工号,姓名\n1,张伟\n2,李".encode("utf-16-le") + damage
    rows = read(content)
    assert [codes(row) for row in rows] == [[], ["wrong_encoding"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_two_and_four_byte_encodings_are_refused_by_name(encoding):
    problem = refusal("employee_no,name\n1,Anna\n".encode(encoding))
    assert problem.extensions["reason"] == "wrong_encoding"
    assert "UTF-" in problem.detail


def test_a_known_chinese_header_settles_that_rare_names_are_chinese():
    assert names("工号,姓名\n1,喆喆\n2,阿依古丽\n".encode("gb18030")) == ["喆喆", "阿依古丽"]


def test_characters_of_four_bytes_are_read_from_gb18030():
    assert names("工号,姓名\n1,张𠮷\n".encode("gb18030")) == ["张𠮷"]


def test_one_nul_is_an_error_of_its_row():
    rows = read("工号,姓名\n1,a\0b\n2,c\n")
    assert [codes(row) for row in rows] == [["not_text"], []]


def test_plain_ascii_needs_no_decision():
    assert only(b"employee_no\n1\n").values == {"employee_no": "1"}

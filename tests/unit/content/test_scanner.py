import pytest

from services.content.scanning.scanner import MOST_MATCHES, Rules, Scanner, Word

FORBIDDEN = ["代开发票", "发票", "刷单", "法轮", "重庆", "谢谢", "强奸", "viagra"]


def listed(text, mode="word", action="hold"):
    return Word(text, "其他", action, mode)


@pytest.fixture(scope="module")
def scanner():
    return Scanner([*map(listed, FORBIDDEN), listed("会员", "anywhere"), listed("大会员工", "anywhere", "allow")])


def found(scanner, text):
    return [(text[one.start : one.end], one.word) for one in scanner.scan(text)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("這張發票", "发票"),
        ("ｆａｐｉａｏ", "发票"),
        ("低价 fa piao 代办", "发票"),
        ("可以fa票吗", "发票"),
        ("可以发piao吗", "发票"),
        ("發*票", "发票"),
        ("发 票", "发票"),
        ("发~~票", "发票"),
        ("发发发票票", "发票"),
        ("氵去轮", "法轮"),
        ("弓虽女干", "强奸"),
        ("chongqing", "重庆"),
        ("V.i.a.g.r.a", "viagra"),
        ("vvviagra", "viagra"),
        ("谢谢谢", "谢谢"),
        ("来刷单吧", "刷单"),
    ],
)
def test_a_listed_word_is_found_whatever_it_is_disguised_as(scanner, text, word):
    assert [name for _, name in found(scanner, text)] == [word]


@pytest.mark.parametrize("text", ["开发票据系统", "不谢", "fapiaox", "via gra", "请看法，轮到你了", "viagrass"])
def test_what_only_looks_like_a_listed_word_is_let_through(scanner, text):
    assert found(scanner, text) == []


def test_a_word_that_is_looked_for_anywhere_is_found_inside_others_but_not_inside_what_is_allowed(scanner):
    assert found(scanner, "大会员制") == [("会员", "会员")]
    assert found(scanner, "大会员工") == []


def test_a_match_says_where_it_stands_in_the_text_as_it_was_written(scanner):
    (match,) = scanner.scan("ａ请问：发 · 票多少钱")
    assert (match.start, match.end, match.category, match.action) == (4, 9, "其他", "hold")


def test_a_character_that_becomes_several_moves_no_place(scanner):
    assert found(scanner, "㎏㎏㍿发票") == [("发票", "发票")]


def test_of_many_matches_the_first_are_told(scanner):
    assert len(scanner.scan("来刷单吧。" * 200)) == MOST_MATCHES


@pytest.mark.parametrize(
    ("text", "found_there"),
    [
        ("见 https://docs.example.com/a 与 http://evil.test/x", ["evil.test"]),
        ("加微信 abc12345 详谈", ["微信 abc12345"]),
        ("电话１３８００１３８０００", ["１３８００１３８０００"]),
        ("订单 20240105001234567", []),
    ],
)
def test_links_and_advertising_are_found_by_rules(text, found_there):
    scanner = Scanner([], Rules(links="hold", domains=("example.com",), advertising="hold"))
    assert [one.word for one in scanner.scan(text)] == found_there


def test_what_is_refused_is_found_behind_very_much_that_is_held():
    scanner = Scanner(
        [listed("刷单"), listed("泰山计划", action="reject"), listed("开发票据", action="allow"), listed("发票")]
    )
    matches = scanner.scan("来刷单，" * 1_000 + "开发票据，" * 1_000 + "泰山计划，发票")
    assert len(matches) == MOST_MATCHES
    assert [one.word for one in matches if one.action == "reject"] == ["泰山计划"]
    assert found(scanner, "开发票据，" * 100 + "发票") == [("发票", "发票")]

"""How texts sound."""

import pytest
from pypinyin import lazy_pinyin

from services.content.search.sounds import begun, doubtful, heard_in, sound_of, sounds_of, spelt


def test_a_character_sounds_as_the_dictionary_has_it():
    text = "绩效指标女律略嗯的了和行长重庆"
    assert [sound_of(one) for one in text] == [lazy_pinyin(one)[0] for one in text]
    assert sound_of("が") == "が"


@pytest.mark.parametrize(
    ("letters", "read"),
    [
        ("jixiao", [("ji", "xiao"), ("ji", "xia", "o")]),
        ("xian", [("xian",), ("xi", "an")]),
        ("jixz", []),
        ("kpi", []),
        ("x" * 100, []),
        ("", []),
    ],
)
def test_letters_are_read_as_syllables_the_longest_first(letters, read):
    assert [way for way in spelt(letters) if way][: len(read) or 1] == read


def test_the_last_syllable_may_be_begun():
    assert [one.tokens for one in begun("jixi")] == [("jixi",), ("ji", "xi")]
    assert ("ji", "xia") in [one.tokens for one in begun("jixia")]
    assert [one.open for one in begun("绩")] == [False]


def test_what_is_long_is_heard_at_no_cost():
    assert begun("长" * 100) == []
    assert [len(one.tokens) for one in begun("xian" * 25)] == [1]
    assert len(list(spelt("xian" * 12))) <= 4
    assert doubtful("xian" * 25, []) == []


def test_places_are_those_of_the_text():
    (stretch,) = doubtful("看 jixiao", [])
    (place,) = [found for one in stretch.readings if (found := one.place_in(heard_in("怎么看绩效？")))]
    assert "怎么看绩效？"[slice(*place)] == "绩效"
    assert sounds_of(["绩效", "okr 复盘"]) == ["ji", "xiao", "0z0", "okr", "fu", "pan"]

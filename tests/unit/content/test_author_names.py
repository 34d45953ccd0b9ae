"""What a part of a name may stand for."""

import re

from services.content.search.names import name_words


def named(typed: str, name: str) -> bool:
    return all(any(re.search(way, name) for way in word) for word in name_words(typed))


def test_a_name_is_found_by_its_characters_in_any_form_and_by_its_pinyin():
    assert all(named(typed, "張伟") for typed in ("张", "张伟", "zhang", "zhang wei", "wei zhang", "zhangw"))
    assert named("shan", "单雄信")
    assert not any(named(typed, "张伟") for typed in ("王", "zhong", "weizhang"))


def test_only_the_last_word_may_be_begun_as_each_beginning_costs_a_look_at_every_name():
    *first, last = name_words("sh sh sh")
    assert [len(word) for word in first] == [1, 1]
    assert len(last) == 2

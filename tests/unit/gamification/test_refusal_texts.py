"""Every reason why a rule paid less is said in words."""

from typing import get_args

from services.gamification.earning.refusal_texts import TEXTS, text_of
from services.gamification.earning.rules import Refusal
from services.gamification.earning.schemas import Nothing


def test_every_code_of_an_outcome_has_a_text_in_both_languages_and_no_text_is_left_over():
    assert set(TEXTS) == {*get_args(Refusal), *get_args(Nothing), "removed", "taken_back"}
    for code in TEXTS:
        assert (text_of(code, "en") or "").isascii()
        assert not (text_of(code, "zh-CN") or code).isascii()

"""What services leave when a penalty is taken back: membership says of each why, in words."""

from typing import get_args

from services.content.penalties.rules import _WHY as HIDDEN_BY
from services.events.registrations.returning import TooLate
from services.membership.appeals.progress import TEXTS


def test_every_reason_for_which_a_service_leaves_something_is_said_in_both_languages():
    assert {*get_args(TooLate), *HIDDEN_BY.values(), "other_penalty", "not_a_member", "unknown"} <= set(TEXTS)
    for english, chinese in TEXTS.values():
        assert english.endswith(".")
        assert chinese.endswith("。")

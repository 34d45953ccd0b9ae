"""Messages of what is no longer seen: earlier ones have no object, and both forms say the same."""

import pytest
from pydantic import ValidationError

from chassis.ids import new_id
from contracts.content import ReplyRemoved
from contracts.fields import ContentObject

ABOUT = ContentObject(kind="reply", id=new_id(), root_id=new_id(), author_ids=(new_id(),))
REST: dict[str, object] = {"community_id": new_id(), "cause": "moderator"}


def test_either_form_says_both():
    earlier = ReplyRemoved.model_validate(ABOUT.model_dump() | REST)
    assert earlier.object == ABOUT
    assert ReplyRemoved.model_validate(REST | {"object": ABOUT}) == earlier
    assert ReplyRemoved.model_validate_json(earlier.to_json()) == earlier


@pytest.mark.parametrize("wrong", [{}, {"object": "x"}, {"object": {"kind": "reply"}}])
def test_what_says_neither_is_refused(wrong):
    with pytest.raises(ValidationError):
        ReplyRemoved.model_validate(REST | wrong)

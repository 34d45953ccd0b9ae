"""Callers whom the owner of members vouched for before a message about them arrived."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.database.context import SessionContext
from chassis.ids import new_id
from chassis.projections.members import KnownMember, vouched
from chassis.security.authority import MemberFacts

JOINED = datetime(2024, 1, 1, tzinfo=UTC)


def session_of(member: MemberFacts, community_id: Any) -> Any:
    standing = SimpleNamespace(member=member, community=SimpleNamespace(id=community_id))
    context = SessionContext(tables=cast("Any", None), judged={member.id: standing})
    return SimpleNamespace(info={"context": context})


@pytest.mark.parametrize("status", ["active", "muted", "left", "expelled", "erased"])
def test_who_is_judged_as_a_member_is_one_and_who_has_left_is_not(status):
    member = MemberFacts(new_id(), new_id(), status, frozenset(), joined_at=JOINED)
    community_id = new_id()
    known = KnownMember(member.id, community_id, member.person_id, status, JOINED, None)
    session = session_of(member, community_id)
    assert vouched(session, member.id) == (known if status in {"active", "muted"} else None)
    assert vouched(session, new_id()) is None

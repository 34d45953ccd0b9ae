"""Staff whose rights sleep are judged as plain members, and told how they wake where that is what keeps them out."""

from dataclasses import replace
from datetime import UTC, datetime, time
from uuid import uuid4

import pytest

from chassis.problems import COMMUNITY_ARCHIVED, FORBIDDEN, NOT_FOUND, Problem
from chassis.security.authority import (
    CommunityFacts,
    Facts,
    MemberFacts,
    authorize_platform,
    check_before_reading,
    judge,
)
from chassis.security.caller import Caller
from chassis.security.permissions import permission
from chassis.security.step_up import SECOND_FACTOR_REQUIRED
from tests.support.declarations import of_tests_only

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
with of_tests_only():
    RUN = permission("asleep.run", "– – – – – – – y y y –")
    MODERATE = permission("asleep.moderate", "– – – – – – y – – – –")
    TAKE_PART = permission("asleep.take_part", "– – – y y y y y y – –")
    ADMINISTER = permission("asleep.administer", "– – – – – – – – – y –")

SLEEPER = Caller("person", uuid4(), uuid4(), frozenset({"asleep:admin"}), wants_factor=True)
NOBODY_ELSE = Caller("person", uuid4(), uuid4(), wants_code=True)


def facts(*roles: str, visibility: str = "private", status: str = "open", member: bool = True) -> Facts:
    community = CommunityFacts(uuid4(), "社群", status, visibility, "Asia/Shanghai", time(0), "workdays")
    known = MemberFacts(uuid4(), SLEEPER.id, "active", frozenset(roles)) if member else None
    return Facts(community, "active", "employee", known)


def judged(caller, known, wanted):
    return judge(caller, known, wanted, known.community.id, own=False, assigned=False, now=NOW)


def refusal(caller, known, wanted):
    with pytest.raises(Problem) as refused:
        judged(caller, known, wanted)
    return refused.value


@pytest.mark.parametrize("role", ["owner", "operator"])
def test_owners_and_operators_who_sleep_are_told_how_they_wake(role):
    refused = refusal(SLEEPER, facts(role), RUN)
    assert refused.type is SECOND_FACTOR_REQUIRED
    assert refused.extensions == {"wants": "factor"}
    assert refusal(NOBODY_ELSE, facts(role), RUN).extensions == {"wants": "code"}
    assert judged(NOBODY_ELSE.awake, facts(role), RUN).member is not None


def test_they_take_part_as_plain_members_and_nothing_that_follows_sees_their_role():
    standing = judged(SLEEPER, facts("owner", "mentor"), TAKE_PART)
    assert standing.columns == {"M"}
    assert standing.member is not None
    assert standing.member.roles == {"mentor"}


def test_moderators_need_no_second_factor():
    assert judged(SLEEPER, facts("moderator", "owner"), MODERATE).columns == {"M", "D"}


def test_who_could_not_do_it_awake_is_refused_as_ever():
    assert refusal(NOBODY_ELSE, facts(), RUN).type is FORBIDDEN
    assert refusal(NOBODY_ELSE, facts(member=False), RUN).type is NOT_FOUND
    assert refusal(SLEEPER, facts("owner", status="archived"), RUN).type in {COMMUNITY_ARCHIVED, FORBIDDEN}


def test_an_administrator_who_sleeps_has_no_role_on_the_platform_and_is_told_why():
    assert not SLEEPER.is_admin
    assert SLEEPER.awake.is_admin
    for check in (
        lambda: authorize_platform(None, SLEEPER, ADMINISTER),
        lambda: check_before_reading(SLEEPER, ADMINISTER),
    ):
        with pytest.raises(Problem) as refused:
            check()
        assert refused.value.type is SECOND_FACTOR_REQUIRED
    with pytest.raises(Problem) as refused:
        check_before_reading(NOBODY_ELSE, ADMINISTER)
    assert refused.value.type is FORBIDDEN


def test_a_community_only_an_administrator_sees_is_there_for_them_when_they_wake():
    assert refusal(SLEEPER, facts(member=False), RUN).type is SECOND_FACTOR_REQUIRED
    assert judged(replace(SLEEPER.awake), facts(member=False), RUN).sees_all

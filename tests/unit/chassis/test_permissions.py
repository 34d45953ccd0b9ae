"""The table of permissions, and what it means for whoever stands in one of its columns."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.problems import (
    COMMUNITY_ARCHIVED,
    FORBIDDEN,
    NOT_FOUND,
    RULES_NOT_ACKNOWLEDGED,
    SESSION_REVOKED,
    UNAUTHENTICATED,
    Problem,
)
from chassis.security.authority import (
    CommunityFacts,
    Facts,
    MemberFacts,
    authorize_platform,
    check_before_reading,
    judge,
)
from chassis.security.caller import Caller
from chassis.security.permissions import COLUMNS, Reach, permission
from tests.support.declarations import of_tests_only

NOW = datetime(2024, 5, 6, tzinfo=UTC)
COMMUNITY = uuid4()
ROLES = {"L": "lecturer", "D": "moderator", "O": "operator", "W": "owner"}


def _whole(column):
    """The most that a cell of the column can give."""
    return "a" if column == "G" else "y"


with of_tests_only():
    ONE_EACH = {
        column: permission(f"only_{column}.write", " ".join(_whole(c) if c == column else "–" for c in COLUMNS))
        for column in COLUMNS
    }
    READ = permission("walls.read", "v v – y y y y y y y y")
    OWN = permission("walls.scratch", "– – – – o o a o/a y – –")
    MANAGE = permission("walls.manage", "– – – – – – – y y – y")
    PLATFORM = permission("walls.demolish", "– – – – – – – – – y –", platform_roles=("admin", "hr"))


def community(**facts):
    values: dict[str, Any] = {
        "id": COMMUNITY,
        "name": "读书会",
        "status": "open",
        "visibility": "internal",
        "time_zone": "Asia/Shanghai",
        "day_starts_at": time(0),
        "streak_days": "every_day",
    }
    return CommunityFacts(**(values | facts))


def someone(column):
    """A caller who is in one column, and what is known of them."""
    if column == "N":
        return None, {}
    if column == "svc":
        scopes = {p.name for p in (*ONE_EACH.values(), READ, MANAGE)}
        return Caller("service", uuid4(), uuid4(), frozenset(scopes), None), {}
    if column == "G":
        return Caller("guest", uuid4(), uuid4(), activity_id=uuid4()), {}
    person = uuid4()
    caller = Caller("person", person, uuid4(), frozenset({"platform:admin"} if column == "A" else ()))
    if column in {"S", "A"}:
        return caller, {"person_status": "active", "person_kind": "employee"}
    status = {"X": "suspended", "U": "muted"}.get(column, "active")
    roles = frozenset({ROLES[column]} if column in ROLES else ())
    return caller, {
        "person_status": "active",
        "person_kind": "employee",
        "member": MemberFacts(uuid4(), person, status, roles),
    }


def decide(column, wanted, *, own=False, assigned=False, now=NOW, person_status=None, member=None, **facts):
    caller, known = someone(column)
    if person_status is not None:
        known["person_status"] = person_status
    if member is not None:
        known["member"] = MemberFacts(uuid4(), caller.id, **member)
    return judge(caller, Facts(community(**facts), **known), wanted, COMMUNITY, own=own, assigned=assigned, now=now)


def refusal(*arguments, **options):
    with pytest.raises(Problem) as raised:
        decide(*arguments, **options)
    return raised.value.type


def test_a_row_has_a_cell_for_every_column():
    with pytest.raises(ValueError, match="10 cells"):
        permission("too.short", "y " * 10)
    with pytest.raises(ValueError, match="'z' is not"):
        permission("no.letter", "z – – – – – – – – – –")
    with pytest.raises(ValueError, match="guests more"):
        permission("too.much", "y " * 12)
    with pytest.raises(ValueError, match="declared twice"):
        permission("communities.read", "y – – – – – – – – – –")


def test_a_cell_may_say_two_things_and_either_dash_none():
    assert OWN.reach(["O"]) == {Reach.OWN, Reach.ASSIGNED}
    with of_tests_only():
        assert permission("dash.read", "- – - – - – - – - – -").reach(COLUMNS) == set()


def test_roles_add_up():
    assert OWN.reach(["M", "D"]) == {Reach.OWN, Reach.ASSIGNED}


@pytest.mark.parametrize("allowed", COLUMNS)
@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_gets_what_its_cell_says_and_nothing_else(column, allowed):
    # Everybody but nobody and the suspended is something more besides: an owner is a member, an administrator logged in.
    implied = {"L": {"M"}, "D": {"M"}, "O": {"M"}, "W": {"M"}, "A": {"S"}}
    if allowed == column == "G":
        assert decide(column, ONE_EACH[allowed], assigned=True).reach == {Reach.ASSIGNED}
        assert refusal(column, ONE_EACH[allowed], own=True) == NOT_FOUND
    elif allowed == column or allowed in implied.get(column, ()):
        assert Reach.ALL in decide(column, ONE_EACH[allowed]).reach
    else:
        assert refusal(column, ONE_EACH[allowed]).status in {401, 403, 404}


def test_own_things_and_assigned_ones_only():
    assert decide("M", OWN, own=True)
    assert refusal("M", OWN, assigned=True) == FORBIDDEN
    assert decide("D", OWN, assigned=True)
    assert decide("W", OWN)
    assert refusal("L", OWN) == FORBIDDEN


@pytest.mark.parametrize(
    ("column", "visibility", "seen"),
    [
        ("N", "public", True),
        ("N", "internal", False),
        ("N", "private", False),
        ("S", "public", True),
        ("S", "internal", True),
        ("S", "private", False),
        ("M", "private", True),
    ],
)
def test_visibility_shows_a_community_to_those_it_is_for(column, visibility, seen):
    if seen:
        assert decide(column, READ, visibility=visibility)
        assert refusal(column, PLATFORM, visibility=visibility) == (UNAUTHENTICATED if column == "N" else FORBIDDEN)
    else:
        assert refusal(column, READ, visibility=visibility) == NOT_FOUND
        assert refusal(column, PLATFORM, visibility=visibility) == NOT_FOUND


def test_an_external_person_does_not_see_what_is_internal():
    caller, _ = someone("S")
    facts = Facts(community(), person_status="active", person_kind="external")
    with pytest.raises(Problem) as raised:
        judge(caller, facts, READ, COMMUNITY, own=False, assigned=False, now=NOW)
    assert raised.value.type == NOT_FOUND


@pytest.mark.parametrize("column", COLUMNS)
def test_a_draft_is_seen_by_those_who_make_it(column):
    if column in {"O", "W", "A", "svc"}:
        assert decide(column, READ, status="draft", visibility="public")
    else:
        assert refusal(column, READ, status="draft", visibility="public") == NOT_FOUND


@pytest.mark.parametrize("column", ["O", "W", "svc"])
def test_an_archived_community_is_read_only(column):
    assert decide(column, READ, status="archived")
    assert refusal(column, MANAGE, status="archived") == COMMUNITY_ARCHIVED
    assert refusal("M", MANAGE, status="archived") == FORBIDDEN


def test_a_mute_ends_by_the_clock_even_when_nothing_recorded_it():
    until = NOW + timedelta(hours=1)
    muted = {"status": "muted", "roles": frozenset({"owner"}), "status_until": until}
    assert refusal("M", MANAGE, member=muted) == FORBIDDEN
    assert decide("M", MANAGE, member=muted, now=until)


def test_a_suspension_ends_by_the_clock_too():
    until = NOW + timedelta(hours=1)
    suspended = {"status": "suspended", "roles": frozenset(), "status_until": until}
    assert refusal("M", READ, member=suspended) == FORBIDDEN
    assert decide("M", READ, member=suspended, now=until)


@pytest.mark.parametrize("status", ["left", "expelled", "erased"])
def test_a_member_that_was_is_no_member(status):
    gone = {"status": status, "roles": frozenset({"owner"})}
    assert refusal("M", MANAGE, member=gone) == FORBIDDEN
    assert refusal("M", READ, member=gone, visibility="private") == NOT_FOUND


def test_who_has_not_acknowledged_the_rules_in_time_reads_only():
    late = {"status": "active", "roles": frozenset({"owner"}), "acknowledge_by": NOW, "rule_set_id": COMMUNITY}
    assert decide("M", READ, member=late)
    assert refusal("M", MANAGE, member=late) == RULES_NOT_ACKNOWLEDGED
    assert decide("M", MANAGE, member=late, now=NOW - timedelta(microseconds=1))


def test_who_may_not_do_it_anyway_is_told_nothing_of_rules():
    late = {"status": "active", "roles": frozenset(), "acknowledge_by": NOW, "rule_set_id": COMMUNITY}
    assert refusal("M", MANAGE, member=late) == FORBIDDEN
    muted = late | {"status": "muted", "roles": frozenset({"owner"})}
    assert refusal("M", MANAGE, member=muted) == FORBIDDEN
    archived = late | {"roles": frozenset({"owner"})}
    assert refusal("M", MANAGE, member=archived, status="archived") == FORBIDDEN


@pytest.mark.parametrize("status", ["suspended", "left", "erased"])
def test_a_suspended_person_is_nobody_whatever_his_role(status):
    assert refusal("W", READ, person_status=status) == SESSION_REVOKED
    assert refusal("A", READ, person_status=status) == SESSION_REVOKED


def test_a_community_that_does_not_exist_is_not_found():
    with pytest.raises(Problem) as raised:
        judge(someone("W")[0], None, READ, COMMUNITY, own=False, assigned=False, now=NOW)
    assert raised.value.type == NOT_FOUND


def test_a_service_account_needs_the_scope_and_the_community():
    def of(*scopes, communities=None):
        return Caller("service", uuid4(), uuid4(), frozenset(scopes), communities)

    def asks(caller):
        return judge(caller, Facts(community()), MANAGE, COMMUNITY, own=False, assigned=False, now=NOW)

    assert asks(of("walls.manage"))
    assert asks(of("walls.manage", communities=frozenset({COMMUNITY})))
    for caller, expected in (
        (of("walls.read"), FORBIDDEN),
        (of("walls.manage", communities=frozenset({uuid4()})), NOT_FOUND),
        (of("walls.manage", communities=frozenset()), NOT_FOUND),
        (of("platform:admin"), FORBIDDEN),
    ):
        with pytest.raises(Problem) as raised:
            asks(caller)
        assert raised.value.type == expected


def test_a_scope_that_is_no_service_accounts_is_worth_nothing():
    caller = Caller("service", uuid4(), uuid4(), frozenset({"walls.scratch"}), None)
    with pytest.raises(Problem) as raised:
        check_before_reading(caller, OWN)
    assert raised.value.type == FORBIDDEN


def test_platform_permissions_are_for_platform_roles():
    def person(*roles):
        return Caller("person", uuid4(), uuid4(), frozenset(f"platform:{role}" for role in roles))

    for roles, allowed in ((("admin",), True), (("hr",), True), (("auditor",), False), ((), False)):
        if allowed:
            authorize_platform(None, person(*roles), PLATFORM)
            check_before_reading(person(*roles), PLATFORM)
        else:
            for check in (
                lambda who: authorize_platform(None, who, PLATFORM),
                lambda who: check_before_reading(who, PLATFORM),
            ):
                with pytest.raises(Problem) as raised:
                    check(person(*roles))
                assert raised.value.type == FORBIDDEN


def test_without_a_token_only_what_is_for_anyone():
    check_before_reading(None, READ)
    with pytest.raises(Problem) as raised:
        check_before_reading(None, MANAGE)
    assert raised.value.type == UNAUTHENTICATED
    assert raised.value.headers["WWW-Authenticate"] == "Bearer"

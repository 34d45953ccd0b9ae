from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.role_grants import rules as grants
from services.membership.role_grants.rules import Giver
from services.membership.roster import rules as roster
from services.membership.roster.rules import ROLES, Term

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER, OPERATOR = Giver(frozenset({"owner"})), Giver(frozenset({"operator"}))
ADMIN, PLAIN = Giver(frozenset(), is_admin=True), Giver(frozenset({"moderator", "mentor"}))


@pytest.mark.parametrize(
    ("giver", "roles"),
    [
        (OWNER, {"owner", "operator", "moderator", "lecturer", "mentor"}),
        (OPERATOR, {"moderator", "lecturer", "mentor"}),
        (ADMIN, {"owner"}),
        (PLAIN, set()),
    ],
)
def test_each_gives_the_roles_of_his_own_row(giver, roles):
    given_by = {role for role in ROLES if grants.grant_refusal(giver, role=role, to_himself=False) is None}
    assert given_by == roles


@given(st.sampled_from([OWNER, OPERATOR, ADMIN, PLAIN]), st.sampled_from(ROLES))
def test_nobody_gives_himself_a_role(giver, role):
    assert grants.grant_refusal(giver, role=role, to_himself=True) is not None


def test_the_last_owner_keeps_his_role():
    assert grants.revoke_refusal(OWNER, role="owner", ended=False, owners_left=0) == "last_owner"
    assert grants.revoke_refusal(OWNER, role="owner", ended=False, owners_left=1) is None
    assert grants.revoke_refusal(OWNER, role="mentor", ended=True, owners_left=1) == "illegal_transition"
    assert grants.revoke_refusal(OPERATOR, role="operator", ended=False, owners_left=1) == "forbidden"


@pytest.mark.parametrize(
    ("remover", "target", "code"),
    [
        ("operator", "operator", "forbidden"),
        ("operator", "owner", "forbidden"),
        ("operator", "moderator", None),
        ("owner", "operator", None),
        ("moderator", "mentor", "forbidden"),
    ],
)
def test_operators_remove_neither_owners_nor_operators(remover, target, code):
    assert roster.removal_refusal(remover_roles=[remover], target_roles=[target], is_himself=False) == code


def test_nobody_removes_himself():
    assert roster.removal_refusal(remover_roles=["owner"], target_roles=[], is_himself=True) == "conflict_of_interest"


def test_a_role_ends_at_its_term_or_when_it_is_revoked():
    terms = [
        Term("mentor", since=NOW - DAY, until=NOW),
        Term("operator", since=NOW - DAY, until=NOW + DAY),
        Term("lecturer", since=NOW - DAY, revoked_at=NOW),
        Term("owner", since=NOW - DAY),
        Term("owner", since=NOW - 2 * DAY),
        Term("moderator", since=NOW + DAY),
    ]
    assert roster.roles_at(terms, NOW) == ["owner", "operator"]


def test_a_mute_is_over_at_its_end_though_nothing_recorded_it():
    assert roster.status_at("muted", NOW, None, NOW) == "active"
    assert roster.status_at("muted", NOW + DAY, None, NOW) == "muted"
    assert roster.status_at("suspended", None, None, NOW) == "suspended"
    assert roster.status_at("left", NOW - DAY, None, NOW) == "left"


def test_a_mute_that_outlasts_a_suspension_begins_when_that_is_over():
    later = NOW + DAY
    assert roster.status_and_end("suspended", NOW, later, NOW - DAY) == ("suspended", NOW)
    assert roster.status_and_end("suspended", NOW, later, NOW) == ("muted", later)
    assert roster.status_and_end("suspended", NOW, later, later) == ("active", None)


def test_the_strongest_hold_counts_with_the_longest_mute_that_outlasts_it():
    short, long = roster.Hold("muted", NOW + DAY), roster.Hold("muted", NOW + 3 * DAY)
    suspended = roster.Hold("suspended", NOW + 2 * DAY)
    assert roster.strongest([short, suspended, long]).then_muted_until == long.until
    assert roster.strongest([short, suspended]) == suspended
    assert roster.strongest([short, long]) == long
    assert roster.strongest([roster.Hold("expelled", None), long]) == roster.Hold("expelled", None)


def test_the_last_owner_does_not_leave():
    assert roster.ending_refusal(status="active", is_owner=True, owners_left=0) == "last_owner"
    assert roster.ending_refusal(status="active", is_owner=True, owners_left=1) is None
    assert roster.ending_refusal(status="left", is_owner=False, owners_left=1) == "illegal_transition"


def test_one_joins_once_and_may_come_back():
    assert roster.joining_refusal(status=None, via="open") is None
    assert roster.joining_refusal(status="left", via="import") is None
    assert roster.joining_refusal(status="suspended", via="application") == "already_a_member"
    assert roster.joining_refusal(status="expelled", via="application") is None
    assert roster.joining_refusal(status="expelled", via="import") == "expelled"
    assert roster.joining_refusal(status="expelled", via="open") == "expelled"

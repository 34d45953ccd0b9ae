"""Guests are refused everywhere but where an operation, its permission and the activity say that they may."""

import pytest

from chassis.ids import new_id
from chassis.problems import NOT_FOUND, SESSION_REVOKED, Problem
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.security.permissions import permission
from chassis.web.operations import operation
from tests.service.chassis.shop import code_of
from tests.support.declarations import of_tests_only

with of_tests_only():
    WATCH = permission("talks.read", "– – – – – – – y y – – a")
    GIVE = permission("talks.give", "– – – – – – – y y – – a")
    JUDGE = permission("talks.judge", "y y y y y y y y y y y")


def guest():
    return Caller("guest", new_id(), new_id(), activity_id=new_id())


async def tried(shop, caller, wanted, **options):
    """The columns that the caller stands in, or the refusal."""
    async with shop.runtime.database.reading() as session:
        try:
            return (await authorize(session, caller, wanted, shop.community_id, now=shop.clock(), **options)).columns
        except Problem as problem:
            return problem.type


async def stands(_session, _caller, _now):
    """An invitation that stands."""


async def test_a_service_that_does_not_say_whose_invitation_stands_lets_no_guest_in(shop):
    caller = guest()
    assert await tried(shop, caller, WATCH, activity_id=caller.activity_id) == NOT_FOUND


async def test_a_guest_is_let_in_to_their_activity_alone(shop):
    shop.runtime.guests = stands
    caller = guest()
    assert await tried(shop, caller, WATCH, activity_id=caller.activity_id) == {"G"}
    assert await tried(shop, caller, WATCH, activity_id=new_id()) == NOT_FOUND


async def test_a_use_case_that_does_not_name_an_activity_lets_no_guest_in_whatever_it_says(shop):
    shop.runtime.guests = stands
    assert await tried(shop, guest(), WATCH, own=True, assigned=True) == NOT_FOUND


async def test_a_permission_of_everybody_else_is_none_of_a_guests(shop):
    shop.runtime.guests = stands
    caller = guest()
    assert await tried(shop, caller, JUDGE, own=True, assigned=True, activity_id=caller.activity_id) == NOT_FOUND


async def test_an_invitation_that_was_taken_back_is_a_session_that_ended(shop):
    async def gone(_session, _caller, _now):
        raise SESSION_REVOKED()

    shop.runtime.guests = gone
    caller = guest()
    assert await tried(shop, caller, WATCH, activity_id=caller.activity_id) == SESSION_REVOKED


async def test_nothing_is_asked_about_who_is_no_guest(shop):
    async def never(_session, _caller, _now):
        raise AssertionError

    shop.runtime.guests = never
    owner = await shop.member("owner")
    caller = Caller("person", owner.person_id, new_id())
    assert "W" in await tried(shop, caller, WATCH, activity_id=new_id())


async def test_a_guest_writes_nothing_in_an_archived_community(shop):
    shop.runtime.guests = stands
    shop.community_id = await shop.community(new_id(), status="archived")
    caller = guest()
    assert (await tried(shop, caller, GIVE, activity_id=caller.activity_id)).code == "community_archived"
    assert await tried(shop, caller, WATCH, activity_id=caller.activity_id) == {"G"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/things"),
        ("POST", "/v1/things"),
        ("POST", "/v1/things/reset"),
        ("POST", "/v1/labels"),
        ("GET", "/internal/tasks"),
        ("GET", "/internal/home"),
        ("GET", "/internal/audit"),
    ],
)
async def test_an_operation_that_does_not_name_guests_refuses_them_before_it_reads(shop, method, path):
    shop.runtime.guests = stands
    client = shop.as_guest(new_id())
    body = {"json": {"nonsense": True}} if method == "POST" else {}
    assert code_of(await client.request(method, path, **body)) == (403, "forbidden")


def test_an_operation_names_guests_only_with_a_permission_that_has_them():
    operation(permission=WATCH, guests=True)
    for options in ({"permission": JUDGE}, {"public": True}, {"logged_in": True}, {"internal": True}):
        with pytest.raises(ValueError, match="guests need a permission"):
            operation(**options, guests=True)

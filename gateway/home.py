"""`GET /v1/me/home`: what a member sees first, from several services at once."""

import asyncio
from collections import OrderedDict
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import AUTHORITY_UNAVAILABLE, MEDIA_TYPE
from chassis.security.permissions import permission
from chassis.web.dependencies import CallerDep
from chassis.web.operations import api_router, operation
from chassis.web.schemas import JsonObject, ResponseModel
from gateway.parts import Asking, Parts, content
from gateway.upstream import Fetched

router = api_router(tags=["Home"])

PEOPLE_SELF = permission("people.self", "– o o o o o o o o o –")

REMEMBERED: Final = 10_000


class HomeCheckin(ResponseModel):
    """Today's check-in, today being the member's own day."""

    today: date
    time_zone: str
    checked_in: bool
    checkin_id: UUID | None
    streak: JsonObject
    next_milestone: int | None


class Home(ResponseModel):
    """What a member sees first. A part that is null and whose service is in `missing` could not be had just now.

    Parts of features still to come are null.
    """

    community_id: UUID
    person: JsonObject | None = Field(description="As `GET /v1/people/me`, without the memberships.")
    membership: JsonObject | None = Field(description="The caller's membership in this community; null without one.")
    checkin: HomeCheckin | None
    wallet: JsonObject | None = Field(description="As `GET /v1/wallets/{member_id}`.")
    tasks: list[JsonObject] | None = None
    upcoming: list[JsonObject] | None = None
    unread: int | None = None
    goals: list[JsonObject] | None = None
    missing: list[str] = Field(description="Services that did not answer.")


class _Members:
    """Who is which member. It never changes: one who joins again is the same member."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, UUID], UUID] = OrderedDict()

    def get(self, person_id: UUID, community_id: UUID) -> UUID | None:
        return self._known.get((person_id, community_id))

    def remember(self, person_id: UUID, community_id: UUID, member_id: UUID) -> None:
        self._known[person_id, community_id] = member_id
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


_members = _Members()


@router.get("/v1/me/home", response_model=Home)
@operation(permission=PEOPLE_SELF, problems=[AUTHORITY_UNAVAILABLE])
async def read_home(community_id: UUID, caller: CallerDep, request: Request) -> Home | Response:
    """Read one's home in a community: today's check-in, wallet, membership.

    Put together from the services in parallel; one that does not answer is named in `missing`, and its parts are null.
    """
    parts: Parts = request.app.state.runtime.parts
    asking = Asking.of(request)
    member_id = _members.get(caller.id, community_id)
    # Known from an earlier request, so nobody has to wait for membership; else its answer names the member first.
    early = None if member_id is None else asyncio.ensure_future(_of_gamification(parts, asking, member_id))
    me = await parts.get(asking, "membership", "/v1/people/me")
    if me is not None and me.status != 200:
        if early is not None:
            early.cancel()
        return refusal(me)
    person = content(me)
    membership = _membership_in(person, community_id)
    if membership is not None and early is None:
        member_id = UUID(membership["member_id"])
        _members.remember(caller.id, community_id, member_id)
        early = asyncio.ensure_future(_of_gamification(parts, asking, member_id))
    wallet, calendar = (None, None) if early is None else await early
    missing = [] if person is not None else ["membership"]
    if (early is not None and (wallet is None or calendar is None)) or (person is None and early is None):
        missing.append("gamification")
    return Home(
        community_id=community_id,
        person=None if person is None else {key: value for key, value in person.items() if key != "memberships"},
        membership=membership,
        checkin=None if calendar is None else _today(calendar),
        wallet=wallet,
        missing=missing,
    )


async def _of_gamification(parts: Parts, asking: Asking, member_id: UUID) -> tuple[Any, Any]:
    wallet, calendar = await asyncio.gather(
        parts.get(asking, "gamification", f"/v1/wallets/{member_id}"),
        parts.get(asking, "gamification", "/v1/checkins/calendar", {"member_id": member_id}),
    )
    return content(wallet), content(calendar)


def _membership_in(person: Any, community_id: UUID) -> JsonObject | None:
    memberships: list[JsonObject] = [] if person is None else person["memberships"]
    return next((one for one in memberships if one["community"]["id"] == str(community_id)), None)


def _today(calendar: JsonObject) -> HomeCheckin:
    today: JsonObject = next((day for day in calendar["days"] if day["day"] == calendar["today"]), {})
    return HomeCheckin(
        today=calendar["today"],
        time_zone=calendar["time_zone"],
        checked_in=today.get("checkin_id") is not None,
        checkin_id=today.get("checkin_id"),
        streak=calendar["streak"],
        next_milestone=calendar["next_milestone"],
    )


def refusal(answer: Fetched) -> Response:
    """A service's refusal, handed on as it came."""
    passed = {
        name.decode(): value.decode("latin-1")
        for name, value in answer.headers.items()
        if name in {b"www-authenticate", b"retry-after", b"content-language", b"cache-control"}
    }
    return Response(answer.body, status_code=answer.status, media_type=MEDIA_TYPE, headers=passed)

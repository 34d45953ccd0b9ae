"""Membership as the other services ask it, with the answers that a test wants."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.security.authority import CommunityFacts, Facts, MemberFacts


class Owner:
    """Answers where somebody stands: with what was told of them, else that they are an employee and no member."""

    def __init__(self, *communities: CommunityFacts) -> None:
        self.communities = {community.id: community for community in communities}
        self.known: dict[UUID, tuple[str, str, Any]] = {}
        self.reachable = True
        self.asked: list[UUID | None] = []
        self.app = Starlette(
            routes=[
                Route("/v1/tokens", self._token, methods=["POST"]),
                Route("/internal/members/resolve", self._resolve, methods=["POST"]),
            ]
        )

    def knows(self, person_id: UUID, *, status: str = "active", kind: str = "employee", member: Any = None) -> None:
        """From now on this is the answer about this person, in whichever community."""
        self.known[person_id] = (status, kind, member)

    async def _token(self, _request: Request) -> Response:
        return JSONResponse({"access_token": "the service's own", "expires_in": 900})

    async def _resolve(self, request: Request) -> Response:
        if not self.reachable:
            return Response(status_code=503)
        pairs = (await request.json())["pairs"]
        return JSONResponse({"items": [self._answer(pair) for pair in pairs]})

    def _answer(self, pair: dict[str, Any]) -> dict[str, Any]:
        person_id = UUID(pair["person_id"]) if pair["person_id"] else None
        self.asked.append(person_id)
        community = self.communities.get(UUID(pair["community_id"]))
        if community is None:
            return {"community": None, "person": None, "member": None}
        facts = Facts(community)
        if person_id is not None:
            status, kind, member = self.known.get(person_id, ("active", "employee", None))
            facts = Facts(community, person_status=status, person_kind=kind, member=member)
        return {
            "community": _community(facts.community),
            "person": {"status": facts.person_status, "kind": facts.person_kind} if facts.person_status else None,
            "member": _member(facts.member) if facts.member else None,
        }


def a_community(community_id: UUID, *, visibility: str = "private") -> CommunityFacts:
    """An open one."""
    return CommunityFacts(
        id=community_id, name="读书会", status="open", visibility=visibility, time_zone="Asia/Shanghai",
        day_starts_at=time(0), streak_days="every_day",
    )  # fmt: skip


def a_member(member_id: UUID, person_id: UUID, *roles: str, status: str = "active") -> MemberFacts:
    """Somebody who is or was a member."""
    joined_at = datetime(2024, 1, 1, tzinfo=UTC)
    return MemberFacts(member_id, person_id, status, frozenset(roles), joined_at=joined_at)


def _community(facts: CommunityFacts) -> dict[str, Any]:
    shown = {name: getattr(facts, name) for name in ("name", "status", "visibility", "time_zone", "streak_days")}
    return shown | {"id": str(facts.id), "day_starts_at": facts.day_starts_at.isoformat()}


def _member(facts: MemberFacts) -> dict[str, Any]:
    return {
        "member_id": str(facts.id),
        "person_id": str(facts.person_id),
        "status": facts.status,
        "status_until": None,
        "roles": sorted(facts.roles),
        "rule_set_id": facts.rule_set_id and str(facts.rule_set_id),
        "acknowledge_by": facts.acknowledge_by and facts.acknowledge_by.isoformat(),
        "time_zone": facts.time_zone,
        "joined_at": facts.joined_at.isoformat() if facts.joined_at else None,
    }

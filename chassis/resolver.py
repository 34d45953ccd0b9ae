"""Asking membership what a projection does not know, or knows too long ago."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.clock import Clock
from chassis.peers import Peers
from chassis.problems import AUTHORITY_UNAVAILABLE
from chassis.security.authority import CommunityFacts, Facts, MemberFacts, StandingUnknown

REMEMBER_FOUND = timedelta(seconds=30)
REMEMBER_MISSING = timedelta(seconds=5)
TIMEOUT_SECONDS = 1.0
MAX_REMEMBERED = 10_000
PATH = "/internal/members/resolve"

Pair = tuple[UUID | None, UUID]
"""A person (None: an anonymous caller) and a community."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What membership said, and when it was asked."""

    facts: Facts | None
    asked_at: datetime
    good_until: datetime


_heard: ContextVar[dict[Pair, Answer] | None] = ContextVar("heard", default=None)


@contextmanager
def asking() -> Iterator[None]:
    """Around one request or job, which may ask: what it heard itself it need not ask again."""
    token = _heard.set({})
    try:
        yield
    finally:
        _heard.reset(token)


class MembershipResolver:
    """Asks the owner about a person in a community, one question at a time for the same pair, and remembers briefly.

    Unreachable means 503 `authority_unavailable`: never 403 or 404, which would be claims about what nobody could check.
    """

    def __init__(self, peers: Peers, clock: Clock) -> None:
        self._peers = peers
        self._clock = clock
        self._answers: dict[Pair, Answer] = {}
        self._asking: dict[Pair, asyncio.Task[None]] = {}

    def remembered(self, person_id: UUID | None, community_id: UUID) -> Answer | None:
        """An answer that is still good, if there is one; its facts are None where there is no such community."""
        answer = self._answers.get((person_id, community_id))
        return answer if answer is not None and answer.good_until > self._clock() else None

    def heard(self, person_id: UUID | None, community_id: UUID) -> Answer | None:
        """What this very request or job has asked, and was answered."""
        return (_heard.get() or {}).get((person_id, community_id))

    async def resolve(self, unknown: StandingUnknown) -> None:
        """Ask, and remember the answer. Raises `AUTHORITY_UNAVAILABLE`."""
        pair = (unknown.person_id, unknown.community_id)
        if unknown.anew or self.remembered(*pair) is None:
            await self._ask_together(pair)
        # Else somebody asked between our look at the projection and now.
        heard, answer = _heard.get(), self._answers.get(pair)
        if unknown.anew and heard is not None and answer is not None:
            heard[pair] = answer

    async def _ask_together(self, pair: Pair) -> None:
        asking = self._asking.get(pair)
        if asking is None:
            # A task of its own: whoever asked first may be cancelled while others wait for the same answer.
            asking = self._asking[pair] = asyncio.create_task(self._ask_and_remember(pair))
        await asyncio.shield(asking)

    async def _ask_and_remember(self, pair: Pair) -> None:
        try:
            asked_at = self._clock()
            self._remember(pair, await self._ask(pair), asked_at)
        finally:
            del self._asking[pair]

    async def _ask(self, pair: Pair) -> Facts | None:
        person_id, community_id = pair
        question = {"pairs": [{"person_id": str(person_id) if person_id else None, "community_id": str(community_id)}]}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response = await self._peers.call("membership", "POST", PATH, json=question)
            response.raise_for_status()
            return facts_from_json(response.json()["items"][0])
        except (httpx.HTTPError, OSError, LookupError, TimeoutError, ValueError, TypeError) as error:
            raise AUTHORITY_UNAVAILABLE() from error

    def _remember(self, pair: Pair, facts: Facts | None, asked_at: datetime) -> None:
        found = facts is not None and (facts.member is not None or pair[0] is None)
        now = self._clock()
        if len(self._answers) >= MAX_REMEMBERED:
            self._answers = {key: answer for key, answer in self._answers.items() if answer.good_until > now}
        self._answers[pair] = Answer(facts, asked_at, now + (REMEMBER_FOUND if found else REMEMBER_MISSING))


def facts_from_json(item: dict[str, Any]) -> Facts | None:
    """One item of membership's answer: `{community {…}|null, person {status, kind}|null, member {…}|null}`."""
    community = item["community"]
    if community is None:
        return None
    person = item.get("person") or {}
    member = item.get("member")
    return Facts(
        community=CommunityFacts(
            id=UUID(community["id"]),
            name=community["name"],
            status=community["status"],
            visibility=community["visibility"],
            time_zone=community["time_zone"],
            day_starts_at=time.fromisoformat(community["day_starts_at"]),
            streak_days=community["streak_days"],
        ),
        person_status=person.get("status"),
        person_kind=person.get("kind"),
        member=_member(member) if member else None,
    )


def _member(member: dict[str, Any]) -> MemberFacts:
    until = member.get("status_until")
    joined = member.get("joined_at")
    rules, by = member.get("rule_set_id"), member.get("acknowledge_by")
    muted = member.get("then_muted_until")
    return MemberFacts(
        id=UUID(member["member_id"]),
        person_id=UUID(member["person_id"]),
        status=member["status"],
        roles=frozenset(member["roles"]),
        status_until=datetime.fromisoformat(until) if until else None,
        time_zone=member.get("time_zone"),
        joined_at=datetime.fromisoformat(joined) if joined else None,
        rule_set_id=UUID(rules) if rules else None,
        acknowledge_by=datetime.fromisoformat(by) if by else None,
        then_muted_until=datetime.fromisoformat(muted) if muted else None,
    )

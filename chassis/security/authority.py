"""The third place of authorization: is this caller, in this community, allowed this?

Membership answers from its own tables, the other services from their projection of members, and where that has no answer or
one too old, from membership itself. No HTTP call is made inside a transaction: the projection raises `StandingUnknown`, the
operation leaves its transaction, asks, and starts anew with the answer in memory.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.days import day_began_at, local_day
from chassis.problems import (
    COMMUNITY_ARCHIVED,
    FORBIDDEN,
    NOT_FOUND,
    RULES_NOT_ACKNOWLEDGED,
    SESSION_REVOKED,
    UNAUTHENTICATED,
    Problem,
)
from chassis.security.caller import PLATFORM_SCOPE, STAFF_ROLES, Caller
from chassis.security.permissions import ROLE_COLUMNS, Column, Permission, Reach, permission
from chassis.security.step_up import asleep_refusal

SEE_DRAFTS: frozenset[Column] = frozenset({"O", "W", "A", "svc"})

COMMUNITIES_READ = permission("communities.read", "v v – y y y y y y y y")
"""Also decides what is visible: callers with it get 403, everybody else 404. (Suspended members see only the name.)"""


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """What a service knows of a community."""

    id: UUID
    name: str
    status: str
    visibility: str
    time_zone: str
    day_starts_at: time
    streak_days: str

    def day_of(self, moment: datetime) -> date:
        """Its day on which a moment falls."""
        return local_day(moment, time_zone=self.time_zone, day_starts_at=self.day_starts_at)

    def began(self, day: date) -> datetime:
        """When a day of it begins."""
        return day_began_at(day, time_zone=self.time_zone, day_starts_at=self.day_starts_at)

    def ended(self, day: date) -> datetime:
        """When a day of it is over."""
        return self.began(day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a service knows of a member, as of the last message or answer about them."""

    id: UUID
    person_id: UUID
    status: str
    roles: frozenset[str]
    status_until: datetime | None = None
    time_zone: str | None = None
    joined_at: datetime | None = None
    rule_set_id: UUID | None = None
    """The rules in force, where they have not acknowledged them."""
    acknowledge_by: datetime | None = None
    """Until when they may take their time with that."""
    then_muted_until: datetime | None = None
    """Until when a mute goes on that outlasts their suspension."""

    def is_overdue(self, now: datetime) -> bool:
        """Whether their time to acknowledge the rules in force is over by the clock: they read, and do not post."""
        return self.acknowledge_by is not None and self.acknowledge_by <= now

    def status_at(self, now: datetime) -> str:
        """The status by the clock: a mute or suspension past its end is over even when nothing recorded it."""
        if self.status in {"muted", "suspended"} and self.status_until is not None and self.status_until <= now:
            return "muted" if self.then_muted_until is not None and now < self.then_muted_until else "active"
        return self.status


@dataclass(frozen=True, slots=True)
class Standing:
    """What the caller is in one community, and how far the permission reaches for them."""

    community: CommunityFacts
    member: MemberFacts | None
    columns: frozenset[Column]
    reach: frozenset[Reach] = field(default_factory=frozenset)
    visible: bool = True
    """Whether the caller may know of the community, whatever they have in it."""
    person_kind: str | None = None
    """`employee` or `external`; None for nobody in particular, a service, and who is not known yet."""

    @property
    def member_id(self) -> UUID | None:
        """The caller's own member id here, if they are a member."""
        return self.member.id if self.member else None

    @property
    def sees_all(self) -> bool:
        """Whether the permission reaches everything in the community, so that lists need no filter by owner."""
        return Reach.ALL in self.reach


class Authority(Protocol):
    """A service's knowledge of people, communities and members."""

    async def facts(
        self, session: AsyncSession, *, person_id: UUID | None, community_id: UUID, guarded: bool, now: datetime
    ) -> "Facts | None":
        """What is known of a community and of one person in it; None if there is no such community.

        `guarded` asks for knowledge no older than 60 s. May raise `StandingUnknown`.
        """

    async def names(self, session: AsyncSession, ids: Collection[UUID], communities: Collection[UUID]) -> Sequence[Any]:
        """What is known of these people and service accounts, once for each of the communities that they were members of.

        Rows of `id`, `display_name`, `community_id`, `member_id`, in one statement.
        """


@dataclass(frozen=True, slots=True)
class Facts:
    """An authority's answer."""

    community: CommunityFacts
    person_status: str | None = None
    person_kind: str | None = None
    member: MemberFacts | None = None


Guests = Callable[[AsyncSession, Caller, datetime], Awaitable[None]]
"""How a service that lets guests in finds whether one's invitation stands. Raises `SESSION_REVOKED` where it does not."""


@dataclass(eq=False)
class StandingUnknown(Exception):
    """This service cannot tell yet; ask membership about this person and community, outside any transaction."""

    person_id: UUID | None
    community_id: UUID
    anew: bool = False
    """What was heard before is no answer: they may have acknowledged the rules since."""


def columns_of(caller: Caller | None, facts: Facts, now: datetime) -> frozenset[Column]:
    """The columns of the permission table that apply to a caller."""
    if caller is None:
        return frozenset({"N"})
    if caller.kind == "service":
        return frozenset({"svc"})
    if caller.kind == "guest":
        return frozenset({"G"})
    return columns_as(caller, facts.member, now)


def columns_as(caller: Caller, member: MemberFacts | None, now: datetime) -> frozenset[Column]:
    """The same for a person, who is this member."""
    columns: set[Column] = {"A"} if caller.is_admin else set()
    status = member.status_at(now) if member else "left"
    if member is None or status in {"left", "expelled", "erased"}:
        columns.add("S")
    elif status == "suspended":
        columns.add("X")
    elif status == "muted" or member.is_overdue(now):
        columns.add("U")
    else:
        columns.add("M")
        roles = member.roles - STAFF_ROLES if caller.asleep else member.roles
        columns.update(ROLE_COLUMNS[role] for role in roles if role in ROLE_COLUMNS)
    return frozenset(columns)


def shows(community: CommunityFacts, columns: frozenset[Column], person_kind: str | None) -> bool:
    """Whether people who are not members may see the community. They never see a draft."""
    if community.status == "draft":
        return bool(columns & SEE_DRAFTS)
    match community.visibility:
        case "public":
            return True
        case "internal":
            return person_kind == "employee"
        case _:
            return False


async def authorize(
    session: AsyncSession,
    caller: Caller | None,
    wanted: Permission,
    community_id: UUID,
    *,
    own: bool = False,
    assigned: bool = False,
    activity_id: UUID | None = None,
    invited: bool = False,
    seen_by: Permission | None = None,
    now: datetime | None = None,
) -> Standing:
    """The caller's standing, if the permission reaches this thing; the first statement of every use case in a community.

    `own` and `assigned` say what the thing is to the caller. For a list pass `own=True` and filter by `standing.reach`.
    `activity_id` is the activity that the thing is or belongs to: that alone says what it is to a guest.
    `invited`: this thing is shown to the caller although they were never a member, as if the community were visible to them.
    `seen_by` is the permission to read the thing, if not everybody may who knows of the community: to others it is not there.
    Raises `NOT_FOUND` if they may not know of the community, `FORBIDDEN` if they may not do this, `COMMUNITY_ARCHIVED`
    for writes in an archived community, `SESSION_REVOKED` for a suspended person; replays a repeated request's answer.
    """
    context = context_of(session)
    moment = now or context.runtime.clock()
    facts = await context.runtime.authority.facts(
        session,
        person_id=caller.id if caller and caller.kind == "person" else None,
        community_id=community_id,
        guarded=wanted.denied_when_muted,
        now=moment,
    )
    if caller is not None and caller.kind == "guest":
        own, assigned = False, activity_id is not None and activity_id == caller.activity_id
        await _check_guest(session, caller, moment)
    standing = judge(
        caller, facts, wanted, community_id, own=own, assigned=assigned, invited=invited, seen_by=seen_by, now=moment
    )
    if standing.member is not None:
        context.judged[standing.member.id] = standing
    if context.idempotency is not None:
        context.idempotency.replay()
    return standing


async def _check_guest(session: AsyncSession, caller: Caller, now: datetime) -> None:
    """A guest's token lives longer than a link that was taken back: whether the invitation stands is asked each time."""
    invited = context_of(session).runtime.guests
    if invited is None:
        raise NOT_FOUND()
    await invited(session, caller, now)


def judge(
    caller: Caller | None,
    facts: Facts | None,
    wanted: Permission,
    community_id: UUID,
    *,
    own: bool,
    assigned: bool,
    invited: bool = False,
    seen_by: Permission | None = None,
    now: datetime,
) -> Standing:
    """The decision of `authorize`, without I/O; raises the same problems.

    Staff whose rights sleep are judged as plain members. Raises `SECOND_FACTOR_REQUIRED` where they could do it awake.
    """
    what: dict[str, Any] = {"own": own, "assigned": assigned, "invited": invited, "seen_by": seen_by, "now": now}
    if caller is None or facts is None or not caller.asleep:
        return _judge(caller, facts, wanted, community_id, **what)
    member = facts.member and replace(facts.member, roles=facts.member.roles - STAFF_ROLES)
    try:
        return _judge(caller, replace(facts, member=member), wanted, community_id, **what)
    except Problem as refusal:
        try:
            _judge(caller.awake, facts, wanted, community_id, **what)
        except Problem:
            raise refusal from None
        raise asleep_refusal(caller) from None


def _judge(
    caller: Caller | None,
    facts: Facts | None,
    wanted: Permission,
    community_id: UUID,
    *,
    own: bool,
    assigned: bool,
    invited: bool,
    seen_by: Permission | None,
    now: datetime,
) -> Standing:
    if facts is None:
        raise NOT_FOUND()
    if caller is not None and caller.kind == "service":
        _check_scope(caller, wanted)
        if caller.community_ids is not None and community_id not in caller.community_ids:
            raise NOT_FOUND()
    if caller is not None and caller.kind == "person" and facts.person_status not in {None, "active"}:
        raise SESSION_REVOKED()
    columns = columns_of(caller, facts, now)
    if facts.community.status == "draft" and not columns & SEE_DRAFTS:
        raise NOT_FOUND()
    # Who left or was expelled is no guest.
    visible = shows(facts.community, columns, facts.person_kind) or (invited and facts.member is None)
    reach = wanted.reach(columns)
    if not _reaches(reach, visible=visible, own=own, assigned=assigned):
        if seen_by and not _reaches(seen_by.reach(columns), visible=visible, own=own, assigned=assigned):
            raise NOT_FOUND()
        if owed := _rules_owed(caller, facts, wanted, own=own, assigned=assigned, now=now):
            raise owed
        raise _refusal(caller, facts, columns, visible=visible)
    if wanted.writes and facts.community.status == "archived":
        raise COMMUNITY_ARCHIVED()
    knows = _may_know(columns, visible=visible)
    return Standing(
        community=facts.community,
        member=facts.member,
        columns=columns,
        reach=reach,
        visible=knows,
        person_kind=facts.person_kind,
    )


def authorize_platform(session: AsyncSession | None, caller: Caller, wanted: Permission) -> None:
    """Refuse unless a platform role or a service account's scope gives the permission; replays a repeated request's answer.

    Needs no database; the session is only asked whether the request is a repetition.
    """
    if caller.kind == "service":
        _check_scope(caller, wanted)
    elif not wanted.reach(["A"]):
        raise FORBIDDEN()
    else:
        _check_role(caller, wanted)
    if session is not None:
        allow(session)


def allow(session: AsyncSession) -> None:
    """Record that a use case allowed the caller by its own rule: a repeated request is answered from here."""
    context = context_of(session)
    if context.idempotency is not None:
        context.idempotency.replay()


def check_before_reading(caller: Caller | None, wanted: Permission) -> None:
    """What can be refused from the token alone, before the body is looked at."""
    if caller is None:
        if not wanted.for_anyone:
            raise UNAUTHENTICATED(headers={"WWW-Authenticate": "Bearer"})
        return
    if caller.kind == "guest":
        if not wanted.for_guests:
            raise FORBIDDEN()
    elif caller.kind == "service":
        _check_scope(caller, wanted)
    elif wanted.of_the_platform:
        _check_role(caller, wanted)


def _check_role(caller: Caller, wanted: Permission) -> None:
    if not _has_role_for(caller, wanted):
        raise asleep_refusal(caller) if caller.asleep and _has_role_for(caller.awake, wanted) else FORBIDDEN()


def _has_role_for(caller: Caller, wanted: Permission) -> bool:
    return any(PLATFORM_SCOPE + role in caller.scopes for role in wanted.platform_roles)


def _check_scope(caller: Caller, wanted: Permission) -> None:
    if not wanted.for_service_accounts or wanted.name not in caller.scopes:
        raise FORBIDDEN(permission=wanted.name)


def _reaches(reach: frozenset[Reach], *, visible: bool, own: bool, assigned: bool) -> bool:
    return (
        Reach.ALL in reach
        or (Reach.OWN in reach and own)
        or (Reach.ASSIGNED in reach and assigned)
        or (Reach.VISIBLE in reach and visible)
    )


def _rules_owed(
    caller: Caller | None, facts: Facts, wanted: Permission, *, own: bool, assigned: bool, now: datetime
) -> Problem | None:
    """What to do first, where nothing but the rules keeps a member from this; a mute as well, or an archived community, says itself."""
    member = facts.member
    if caller is None or member is None or not member.is_overdue(now) or member.status_at(now) != "active":
        return None
    if facts.community.status == "archived" and wanted.writes:
        return None
    columns = columns_of(caller, replace(facts, member=replace(member, acknowledge_by=None)), now)
    if not _reaches(wanted.reach(columns), visible=True, own=own, assigned=assigned):
        return None
    return RULES_NOT_ACKNOWLEDGED(
        "You read on what members read. Once you have acknowledged the rules, you can do at once what your roles allow.",
        "您仍可阅读成员可见的内容；确认规则后即可发布内容并行使角色权限。",
        rule_set_id=member.rule_set_id,
        acknowledge_by=member.acknowledge_by,
        acknowledge=f"/v1/rule-sets/{member.rule_set_id}/acknowledge",
    )


def _refusal(caller: Caller | None, facts: Facts, columns: frozenset[Column], *, visible: bool) -> Problem:
    if _may_know(columns, visible=visible):
        return UNAUTHENTICATED(headers={"WWW-Authenticate": "Bearer"}) if caller is None else FORBIDDEN()
    return NOT_FOUND()


def _may_know(columns: frozenset[Column], *, visible: bool) -> bool:
    seen = COMMUNITIES_READ.reach(columns)
    return Reach.ALL in seen or "X" in columns or (Reach.VISIBLE in seen and visible)

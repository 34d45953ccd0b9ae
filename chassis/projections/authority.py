"""A service's authority where membership is another service: the projection first, the owner where that is not enough."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, case, func, null, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.acknowledging import due_at
from chassis.database.statements import Prepared, Spelling
from chassis.messaging.lag import is_own
from chassis.projections.tables import known_in
from chassis.runtime import Runtime
from chassis.security.authority import CommunityFacts, Facts, MemberFacts, StandingUnknown

MAX_AGE = timedelta(seconds=60)
"""How far behind the projection may be for what a muted member may not do."""

MEMBERSHIP_TOPIC = "qunxue.membership"
SANCTIONS_TOPIC = "qunxue.membership.restricted"


class ProjectionAuthority:
    """Fails closed: what it does not know, or not freshly enough, is asked of membership before anything is decided."""

    def __init__(self, runtime: Runtime) -> None:
        self._resolver = runtime.resolver
        self._known = known_in(runtime.database.tables)
        self._progress = runtime.database.tables.messaging.consumer_progress
        self._statement: Prepared[Any] = Prepared(self._facts_statement())
        self._names: Prepared[Any] = Prepared(self._names_statement)

    async def facts(
        self, session: AsyncSession, *, person_id: UUID | None, community_id: UUID, guarded: bool, now: datetime
    ) -> Facts | None:
        """See `Authority.facts`; one statement answers for a member whose projection is fresh."""
        row = await self._statement.first(session, person_id=person_id, community_id=community_id)
        known = row is not None and (person_id is None or row.member_id is not None)
        caught_up_at: datetime | None = row.caught_up_at if row is not None else None
        answer = self._resolver.remembered(person_id, community_id)
        if answer is not None and (not known or caught_up_at is None or caught_up_at < answer.asked_at):
            return self._unless_acknowledged(answer.facts, guarded=guarded, now=now)
        if row is None or not known:
            raise StandingUnknown(person_id, community_id)
        if guarded and (caught_up_at is None or now - caught_up_at > MAX_AGE):
            raise StandingUnknown(person_id, community_id)
        return self._unless_acknowledged(_facts(row), guarded=guarded, now=now)

    def _unless_acknowledged(self, facts: Facts | None, *, guarded: bool, now: datetime) -> Facts | None:
        """Who is overdue may have acknowledged the rules a moment ago: then they can post at once, and membership alone knows.

        It knows better, too, since when those are members whom an import let in as of long ago. Who only reads is not asked about.
        """
        if facts is None or facts.member is None or not facts.member.is_overdue(now):
            return facts
        pair = (facts.member.person_id, facts.community.id)
        heard = self._resolver.heard(*pair)
        answer = heard or self._resolver.remembered(*pair)
        said = answer.facts.member if answer is not None and answer.facts is not None else None
        if said is not None and (heard is not None or not said.is_overdue(now)):
            member = replace(facts.member, rule_set_id=said.rule_set_id, acknowledge_by=said.acknowledge_by)
            return replace(facts, member=member)
        if guarded:
            raise StandingUnknown(*pair, anew=True)
        return facts

    async def names(self, session: AsyncSession, ids: Collection[UUID], communities: Collection[UUID]) -> Sequence[Any]:
        """See `Authority.names`; service accounts are membership's alone."""
        return await self._names.all(session, ids=list(ids), communities=list(communities))

    def _names_statement(self, on: Spelling) -> Select[Any]:
        people, members = self._known.people.c, self._known.members.c
        here = and_(members.person_id == people.id, on.among(members.community_id, "communities"))
        erased = case((people.status == "erased", null()), else_=people.display_name)
        return (
            select(people.id, erased.label("display_name"), members.community_id, members.id.label("member_id"))
            .select_from(self._known.people.outerjoin(self._known.members, here))
            .where(on.among(people.id, "ids"))
        )

    def _facts_statement(self) -> Select[Any]:
        people, communities, members = self._known.people, self._known.communities, self._known.members
        sanctions, rule_sets = self._known.sanctions, self._known.rule_sets
        acknowledgements = self._known.acknowledgements
        person_id = bindparam("person_id", type_=Uuid())
        community_id = bindparam("community_id", type_=Uuid())
        # The oldest partition counts, and one that was never caught up makes the whole unknown: nobody knows in which one
        # this member's next message will stand.
        each = self._progress.c.caught_up_at
        caught_up_at = (
            select(case((func.count(each) == func.count(), func.min(each)), else_=null()))
            .where(self._progress.c.topic.in_([MEMBERSHIP_TOPIC, SANCTIONS_TOPIC]), is_own(self._progress))
            .scalar_subquery()
        )
        return (
            select(
                communities.c.id,
                communities.c.name,
                communities.c.status,
                communities.c.visibility,
                communities.c.time_zone,
                communities.c.day_starts_at,
                communities.c.streak_days,
                members.c.id.label("member_id"),
                members.c.person_id,
                members.c.status.label("member_status"),
                members.c.status_until,
                sanctions.c.status.label("sanction"),
                sanctions.c.until.label("sanction_until"),
                sanctions.c.then_muted_until,
                members.c.roles,
                rule_sets.c.rule_set_id,
                rule_sets.c.version.label("rules_version"),
                rule_sets.c.acknowledge_by,
                acknowledgements.c.acknowledged,
                acknowledgements.c.overdue,
                members.c.joined_at,
                people.c.status.label("person_status"),
                people.c.kind.label("person_kind"),
                people.c.time_zone.label("person_time_zone"),
                caught_up_at.label("caught_up_at"),
            )
            .select_from(communities)
            .outerjoin(members, and_(members.c.community_id == communities.c.id, members.c.person_id == person_id))
            .outerjoin(sanctions, sanctions.c.id == members.c.id)
            .outerjoin(rule_sets, rule_sets.c.id == communities.c.id)
            .outerjoin(acknowledgements, acknowledgements.c.id == members.c.id)
            .outerjoin(people, people.c.id == person_id)
            .where(communities.c.id == community_id)
        )


def _facts(row: Any) -> Facts:
    # Who left or was expelled is neither muted nor suspended any more.
    owed = None
    if row.member_id is not None:
        owed = due_at(
            version=row.rules_version,
            acknowledge_by=row.acknowledge_by,
            acknowledged=row.acknowledged or 0,
            overdue=row.overdue or 0,
            since=row.joined_at,
        )
    sanctioned = row.member_status == "active" and row.sanction not in (None, "none")
    return Facts(
        community=CommunityFacts(
            id=row.id,
            name=row.name,
            status=row.status,
            visibility=row.visibility,
            time_zone=row.time_zone,
            day_starts_at=row.day_starts_at,
            streak_days=row.streak_days,
        ),
        person_status=row.person_status,
        person_kind=row.person_kind,
        member=None
        if row.member_id is None
        else MemberFacts(
            id=row.member_id,
            person_id=row.person_id,
            status=row.sanction if sanctioned else row.member_status,
            roles=frozenset(row.roles),
            status_until=row.sanction_until if sanctioned else row.status_until,
            time_zone=row.person_time_zone,
            joined_at=row.joined_at,
            rule_set_id=row.rule_set_id if owed is not None else None,
            acknowledge_by=owed,
            then_muted_until=row.then_muted_until if sanctioned else None,
        ),
    )

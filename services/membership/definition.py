"""What the membership service is made of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.runtime import Runtime
from chassis.security.keys import FetchKeys
from chassis.service import Service
from services.membership.applications.feature import feature as applications
from services.membership.applications.leaving import withdraw_applications
from services.membership.base import Base, tables
from services.membership.bootstrap import bootstrap
from services.membership.campaigns.feature import feature as campaigns
from services.membership.cohorts.feature import feature as cohorts
from services.membership.communities.feature import feature as communities
from services.membership.departments.feature import feature as departments
from services.membership.keys.feature import feature as keys
from services.membership.keys.service import published_keys
from services.membership.people.consequences import consequences
from services.membership.people.feature import feature as people
from services.membership.people.memberships import read_memberships_with
from services.membership.role_grants.feature import feature as role_grants
from services.membership.roster.feature import feature as roster
from services.membership.roster.joining import end_memberships_of
from services.membership.service_accounts.feature import feature as service_accounts
from services.membership.sessions.feature import feature as sessions
from services.membership.sessions.service import end_sessions_of_locked_out
from services.membership.standing.authority import MembershipAuthority
from services.membership.standing.feature import feature as standing
from services.membership.standing.service import own_memberships


async def end_memberships(session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> None:
    """Who leaves the company leaves every community; one that is left without an owner stands in the audit for administrators."""
    for person_id in person_ids:
        for community_id in await end_memberships_of(session, person_id=person_id, now=now):
            await audit(
                session,
                None,
                action="community.left_without_owner",
                object_kind="community",
                object_id=community_id,
                community_id=community_id,
                now=now,
            )


# People stand below sessions and rosters, which say here what they do when somebody is suspended or leaves.
consequences.when_locked_out(end_sessions_of_locked_out)
# Applications first: their locks come before those of members everywhere.
consequences.when_left(withdraw_applications)
consequences.when_left(end_memberships)
read_memberships_with(own_memberships)


def own_keys(runtime: Runtime) -> FetchKeys:
    """Membership keeps the keys itself and asks nobody."""

    async def fetch() -> dict[str, object]:
        async with runtime.database.reading() as session:
            return {"keys": await published_keys(session, runtime.clock())}

    return fetch


definition = Service(
    name="membership",
    base=Base,
    tables=tables,
    migrations="services.membership.migrations",
    features=[
        people,
        sessions,
        departments,
        service_accounts,
        keys,
        communities,
        cohorts,
        campaigns,
        applications,
        roster,
        role_grants,
        standing,
    ],
    authority=MembershipAuthority,
    publishes=["qunxue.membership", "qunxue.membership.restricted"],
    bootstrap=bootstrap,
    keys=own_keys,
)

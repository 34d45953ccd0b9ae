"""What the membership service is made of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.jobs import Jobs
from chassis.security.keys import FetchKeys
from chassis.service import Runtime, Service
from chassis.timers import Timers
from services.membership.applications import releasing
from services.membership.applications import routes as applications
from services.membership.applications.leaving import withdraw_applications
from services.membership.base import Base, tables
from services.membership.bootstrap import bootstrap
from services.membership.campaigns import moving as campaign_moves
from services.membership.campaigns import routes as campaigns
from services.membership.cohorts import routes as cohorts
from services.membership.communities import routes as communities
from services.membership.communities.snapshots import community_snapshots
from services.membership.departments import imports as department_imports
from services.membership.departments import routes as departments
from services.membership.handlers import handlers
from services.membership.keys import routes as keys
from services.membership.keys.service import published_keys
from services.membership.people import import_routes as people_imports
from services.membership.people import routes as people
from services.membership.people.consequences import consequences
from services.membership.people.memberships import read_memberships_with
from services.membership.people.snapshots import department_snapshots, person_snapshots
from services.membership.role_grants import routes as role_grants
from services.membership.role_grants import service as role_grant_service
from services.membership.roster import imports as roster_imports
from services.membership.roster import routes as roster
from services.membership.roster.joining import end_memberships_of
from services.membership.roster.snapshots import member_snapshots
from services.membership.service_accounts import routes as service_accounts
from services.membership.sessions import routes as sessions
from services.membership.sessions import sweeping
from services.membership.sessions.service import end_sessions_of_locked_out
from services.membership.standing import routes as standing
from services.membership.standing.authority import MembershipAuthority
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
    routers=[
        people_imports.router,
        sessions.router,
        people.router,
        departments.router,
        service_accounts.router,
        keys.router,
        communities.router,
        cohorts.router,
        campaigns.router,
        campaigns.landing_router,
        applications.router,
        roster.router,
        role_grants.router,
        standing.router,
    ],
    handlers=handlers,
    timers=Timers().include(sweeping.timers, campaign_moves.timers, releasing.timers, role_grant_service.timers),
    jobs=Jobs().include(people_imports.jobs, department_imports.jobs, roster_imports.jobs),
    authority=MembershipAuthority,
    publishes=["qunxue.membership", "qunxue.membership.restricted"],
    bootstrap=bootstrap,
    republish={
        "person": person_snapshots,
        "department": department_snapshots,
        "community": community_snapshots,
        "member": member_snapshots,
    },
    keys=own_keys,
)

"""The handlers that keep a projection, alike in every service that has one.

They are given the types that carry the whole state of a community, a member, a person, a department, a year of workdays: the chassis knows no contract.
"""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import ForgetFunction, Handlers, Received, is_snapshot
from chassis.projections.apply import (
    apply_acknowledgements,
    apply_communities,
    apply_departments,
    apply_members,
    apply_people,
    apply_rule_sets,
    apply_sanctions,
    apply_work_calendars,
    forget_acknowledgements,
    forget_communities,
    forget_departments,
    forget_members,
    forget_people,
    forget_rule_sets,
    forget_sanctions,
    forget_work_calendars,
)
from chassis.projections.groups import apply_group_members, apply_groups, forget_group_members, forget_groups
from chassis.projections.history import keep_calendars, keep_statuses
from contracts.base import IntegrationEvent

States = Sequence[type[IntegrationEvent]]


def follow_membership(
    *,
    people: States,
    departments: States,
    communities: States,
    members: States,
    sanctions: States,
    rule_sets: States,
    acknowledgements: States,
    work_calendars: States,
    groups: States = (),
    group_members: States = (),
) -> Handlers:
    """The handlers that keep what is so now, for a service that declares `membership_projection`; and `group_projection`, if it gives groups."""
    handlers = Handlers()

    @handlers.on(*people)
    async def know_people(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_people(session, messages)

    @handlers.on(*departments)
    async def know_departments(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_departments(session, messages)

    @handlers.on(*communities)
    async def know_communities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_communities(session, messages)

    @handlers.on(*members)
    async def know_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_members(session, messages)

    @handlers.on(*sanctions)
    async def know_sanctions(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_sanctions(session, messages)

    @handlers.on(*rule_sets)
    async def know_rule_sets(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_rule_sets(session, messages)

    @handlers.on(*acknowledgements)
    async def know_acknowledgements(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_acknowledgements(session, messages)

    @handlers.on(*work_calendars)
    async def know_work_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_work_calendars(session, messages)

    if groups:
        _follow_groups(handlers, groups, group_members)
    _forget(handlers, people, forget_people)
    _forget(handlers, departments, forget_departments)
    _forget(handlers, communities, forget_communities)
    _forget(handlers, members, forget_members)
    _forget(handlers, sanctions, forget_sanctions)
    _forget(handlers, rule_sets, forget_rule_sets)
    _forget(handlers, acknowledgements, forget_acknowledgements)
    _forget(handlers, work_calendars, forget_work_calendars)
    return handlers


def _follow_groups(handlers: Handlers, groups: States, members: States) -> None:
    @handlers.on(*groups)
    async def know_groups(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_groups(session, messages)

    @handlers.on(*members)
    async def know_group_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_group_members(session, messages)

    _forget(handlers, groups, forget_groups)
    _forget(handlers, members, forget_group_members)


def _forget(handlers: Handlers, states: States, forget: ForgetFunction) -> None:
    for snapshot in filter(is_snapshot, states):
        handlers.when_restated(snapshot, forget)


def follow_history(*, communities: States, members: States) -> Handlers:
    """The handlers that keep what was so at a moment, for a service that declares `membership_history`.

    A service with further effects of such messages calls `keep_calendars` and `keep_statuses` in its own handlers.
    """
    handlers = Handlers()

    @handlers.on(*communities)
    async def know_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await keep_calendars(session, messages)

    @handlers.on(*members)
    async def know_statuses(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await keep_statuses(session, messages)

    return handlers

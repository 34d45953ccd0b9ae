"""What imports that make people members have in common: memberships of many people, written and told together."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.imports import Batch
from chassis.jobs import JobRun
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.membership import MemberBefore, MemberChange, MemberJoined
from services.membership.people.models import Person
from services.membership.roster.joining import come_back, member_message, take_up_sanctions
from services.membership.roster.models import Member
from services.membership.roster.rules import Via, open_status

Item = TypeVar("Item")


class JoiningBatch(Batch[Item]):
    """A batch by which people become members, or members again. `messages` are told in their order, with what else it tells."""

    def __init__(self, session: AsyncSession, job: JobRun) -> None:
        super().__init__(session, job)
        self.people: dict[str, Person] = {}
        self.members: dict[UUID, Member] = {}
        self.messages: list[Outgoing] = []
        self._created: list[Member] = []
        self._returned: list[Member] = []

    async def read_people(self, keys: Collection[str]) -> None:
        """Read the people with these employee numbers, and their memberships, live or ended, which it changes."""
        people = await self.session.execute(select(Person).where(col(Person.employee_key).in_(keys)))
        self.people = {str(person.employee_key): person for person in people.scalars()}
        theirs = select(Member).where(
            col(Member.community_id) == self.community_id,
            col(Member.person_id).in_([person.id for person in self.people.values()]),
        )
        members = await self.session.execute(self.locked(theirs.order_by(col(Member.id))))
        self.members = {member.person_id: member for member in members.scalars()}

    def join(self, person: Person, *, via: Via, joined_at: datetime, **particulars: Any) -> Member:
        """Make somebody a member who is none now; `particulars` as `come_back` takes them."""
        member = self.members.get(person.id)
        before = MemberBefore(status=open_status(member.status_at(self.now))) if member else MemberBefore()
        if member is None:
            member = Member(
                id=new_id(),
                community_id=self.community_id,
                person_id=person.id,
                roles={},
                joined_at=joined_at,
                via=via,
                recorded_at=self.now,
            )
            self.members[person.id] = member
            self._created.append(member)
        else:
            self._returned.append(member)
        come_back(member, via=via, joined_at=joined_at, now=self.now, **particulars)
        self.tell(MemberJoined, member, person, joined_at, before)
        return member

    def tell(
        self, kind: type[MemberChange], member: Member, person: Person, at: datetime, before: MemberBefore | None = None
    ) -> None:
        """Have a change of a membership told that happened at that moment."""
        message = member_message(kind, member, person, now=at, before=before)
        self.messages.append(Outgoing(message, version=member.bump(), occurred_at=at))

    async def write_members(self) -> None:
        """Write who joined. Changed members are written by the session."""
        if self._created:
            await self.session.execute(insert(Member), [member.model_dump() for member in self._created])

    async def tell_all(self) -> None:
        """Tell what happened, and mute and suspend whose sanction is not over."""
        await emit_many(self.session, self.messages)
        await take_up_sanctions(self.session, self._returned, self.now)

"""What features contribute to what the gateway puts together from all services, and to what reaches through all of them.

A contribution reads in the session that it is given and answers little: what waits for somebody is bounded here, never paged.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.security.authority import CommunityFacts, MemberFacts
from chassis.security.caller import Caller
from chassis.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Reader:
    """The person who reads, when, and in which language."""

    caller: Caller
    now: datetime
    locale: Locale


# --- tasks: what waits for a person --------------------------------------------------------------------------------


class ObjectRef(BaseModel):
    """A thing that a task, a goal or an insight is about, so that clients can link to it."""

    kind: str
    id: UUID


class TaskCommunity(BaseModel):
    """The community that a task is about."""

    id: UUID
    name: str


class Task(BaseModel):
    """Something that waits for the caller. Many tasks of one kind are one item with their `count`."""

    code: str
    title: str
    due_at: datetime | None = None
    community: TaskCommunity | None = None
    count: int = 1
    href: str = Field(description="The path of the operation that shows it.")
    object: ObjectRef | None = None


def task_about(
    row: Any,
    reader: Reader,
    code: str,
    title: Mapping[str, str],
    kind: str,
    where: str,
    due_at: datetime | None = None,
) -> Task:
    """A task about one thing, which is read below `where`: a row with its `id` and `title`, and `community_id` and `community_name`."""
    return Task(
        code=code,
        title=title[reader.locale].format(title=row.title),
        due_at=due_at,
        community=TaskCommunity(id=row.community_id, name=row.community_name),
        href=f"{where}/{row.id}",
        object=ObjectRef(kind=kind, id=row.id),
    )


Tasks = Callable[[AsyncSession, Reader], Awaitable[Sequence[Task]]]
"""Given a person, what waits for them in one feature; at most 100."""


# --- the desk: what waits for those who run a community ------------------------------------------------------------


class Waiting(BaseModel):
    """How many wait in a queue, since when the oldest one waits, and how many are overdue."""

    count: int
    oldest_at: datetime | None = None
    overdue: int = 0
    href: str = Field(description="The path of the operation that lists them.")


class Queue(Waiting):
    """One queue of the desk; `title` is in the reader's language, null where a service of an earlier release has none."""

    code: str
    title: str | None = None


@dataclass(frozen=True)
class DeskQueue:
    """A queue of the desk, shown to those whose permission reaches everything in the community."""

    code: str
    permission: Permission
    read: Callable[[AsyncSession, UUID, datetime, UUID | None], Awaitable[Waiting]]
    """Given the community, the moment, and who looks: their member id, None for a service. What they may not know of is not counted."""
    en: str = ""
    zh: str = ""
    """What it is called."""

    def title(self, locale: Locale) -> str:
        """What it is called in the reader's language."""
        return (self.zh if locale == "zh-CN" else self.en) or self.code


# --- alarms: what somebody has to see to ---------------------------------------------------------------------------

Alarm = Callable[[AsyncSession, datetime], Awaitable[str | None]]
"""Given the moment, a code for `/status` where something is wrong; None where nothing is."""

Figure = Callable[[AsyncSession], Awaitable[int]]
"""How many there are of something that operators watch, for `/status`; counted no further than is cheap."""


# --- home: what a member sees first --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit(Reader):
    """A person's visit to a community. Both are None if the community is hidden or unknown; `member` is None if they are not a member."""

    community_id: UUID
    community: CommunityFacts | None
    member: MemberFacts | None


@dataclass(frozen=True)
class HomePart:
    """A field of the home and how it is read. It is None if the person has no such thing, or the permission reaches nothing."""

    name: str
    permission: Permission
    answers: type[BaseModel] | type[list[Any]]
    read: Callable[[AsyncSession, Visit], Awaitable[Any]]


# --- erasure -------------------------------------------------------------------------------------------------------

Erasure = Callable[[AsyncSession, UUID, datetime], Awaitable[None]]
"""Given a person's id, deletes everything that one feature holds about them. May run twice; never commits."""

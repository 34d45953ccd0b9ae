"""How it is declared what a message is to facts. Fields are named by their paths, and looked up while the catalogue is made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from chassis.ids import is_mask
from chassis.messaging.envelope import Received
from contracts.base import IntegrationEvent
from services.analytics.facts.rules import Changed, Made
from services.analytics.facts.verbs import Verb

Read = Callable[[Received[Any]], Any]
_NOON = time(12, tzinfo=UTC)


def subject(message: Received[Any]) -> UUID:
    """The id of what changed, also where it is made of several."""
    return UUID(message.subject)


def told_once(message: Received[Any]) -> UUID:
    """A name for what has none of its own: the how-manieth message about its subject it is."""
    return uuid5(UUID(message.subject), str(message.version))


def noon_of_day(message: Received[Any]) -> datetime:
    """The day that the message names, as a moment."""
    return datetime.combine(message.data.day, _NOON)


@dataclass(frozen=True)
class Deed:
    """What a message says was done: one fact, or one for each of several members, whose value is their share of it then.

    `key`: what names it for ever. `by`: who did it. A member who is not named did something all the same, nobody knows who.
    `when`: whether the message tells of it at all. `rivals`: what the same deed may be told to be by another message.
    """

    verb: Verb
    key: str | Read
    by: str | Read | None = None
    about: str | Read | None = None
    value: str | Read | None = None
    at: Read | None = None
    when: Callable[[Any], bool] | None = None
    several: bool = False
    rivals: tuple[Verb, ...] = ()

    def made(self, message: Received[Any]) -> Iterator[Made]:
        """The facts of one message."""
        data = message.data
        if self.when is not None and not self.when(data):
            return
        key = _read(self.key, message)
        members = _read(self.by, message)
        about, value = _read(self.about, message), _read(self.value, message)
        at = message.occurred_at if self.at is None else self.at(message)
        named = [(key, members)]
        if self.several:
            authors = list(dict.fromkeys(members))
            named = [(uuid5(key, str(member_id)), member_id) for member_id in authors]
            value = 1 / max(1, len(authors))
        for one, member_id in named:
            yield Made(
                verb=self.verb,
                key=one,
                community_id=data.community_id,
                member_id=None if member_id is None or is_mask(member_id) else member_id,
                at=at,
                version=message.version,
                value=None if value is None else float(value),
                about=about,
                rivals=self.rivals,
            )


@dataclass(frozen=True)
class Undone:
    """What a message says became of something: voided, or counting again. `verbs`: what it may have been."""

    verbs: tuple[Verb, ...]
    key: str | Read
    voided: bool = True
    unless: str | None = None
    several: str | None = None
    """The members who each have a fact of their own."""

    def changed(self, message: Received[Any]) -> Iterator[Changed]:
        """What changes for one message."""
        data = message.data
        voided = self.voided and not (self.unless is not None and getattr(data, self.unless))
        key = _read(self.key, message)
        keys = [key] if self.several is None else [uuid5(key, str(one)) for one in _read(self.several, message)]
        for one in keys:
            yield Changed(self.verbs, one, data.community_id, message.version, voided)


@dataclass(frozen=True)
class About:
    """What a message says of a thing that facts are about.

    `whole`: it says all of it, so that of two the later one holds. Else it adds `details` that no other message says. `voided`: whether it
    is removed or restored. `authors`: who made it.
    """

    kind: str
    id: str | Read
    whole: bool = False
    sub_kind: str | Read | None = None
    title: str | None = None
    tags: str | None = None
    authors: str | Read | None = None
    at: str | Read | None = None
    details: Callable[[Any], dict[str, Any]] | None = None
    voided: bool | None = None


@dataclass(frozen=True)
class Entry:
    """What messages of one type are to facts."""

    message: type[IntegrationEvent]
    deeds: tuple[Deed, ...] = ()
    undone: tuple[Undone, ...] = ()
    about: About | None = None


def checked(entry: Entry) -> Entry:
    """The entry. Raises `TypeError` where it names a field that the message does not have."""
    if "community_id" not in entry.message.model_fields:
        raise TypeError(f"{entry.message.__name__} is of no community")
    named: list[Any] = []
    for deed in entry.deeds:
        named += [deed.key, deed.by, deed.about, deed.value]
    for undone in entry.undone:
        named += [undone.key, undone.unless, undone.several]
    if (about := entry.about) is not None:
        named += [about.id, about.sub_kind, about.title, about.tags, about.authors, about.at]
    for path in named:
        if isinstance(path, str):
            _require(entry.message, path)
    return entry


def _require(message: type[BaseModel], path: str) -> None:
    first, _, rest = path.partition(".")
    field = message.model_fields.get(first)
    if field is None:
        raise TypeError(f"{message.__name__} has no {path}")
    if rest:
        inner = field.annotation
        if not isinstance(inner, type) or not issubclass(inner, BaseModel):
            raise TypeError(f"{message.__name__}: {first} has no fields")
        _require(inner, rest)


_readers: dict[str, Callable[[Any], Any]] = {}


def _read(how: str | Read | None, message: Received[Any]) -> Any:
    if how is None:
        return None
    if callable(how):
        return how(message)
    reader = _readers.get(how)
    if reader is None:
        reader = _readers[how] = attrgetter(how)
    return reader(message.data)


def read(how: str | Read | None, message: Received[Any]) -> Any:
    """What a declaration names, out of a message."""
    return _read(how, message)
